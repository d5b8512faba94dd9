import type { IWasmPlugin } from "@kubernetes-models/istio/extensions.istio.io/v1alpha1/WasmPlugin";
import type { IDestinationRule } from "@kubernetes-models/istio/networking.istio.io/v1/DestinationRule";
import type { IServiceEntry } from "@kubernetes-models/istio/networking.istio.io/v1/ServiceEntry";
import type { ISidecar } from "@kubernetes-models/istio/networking.istio.io/v1/Sidecar";
import type { IVirtualService } from "@kubernetes-models/istio/networking.istio.io/v1/VirtualService";
import type { IEnvoyFilter } from "@kubernetes-models/istio/networking.istio.io/v1alpha3/EnvoyFilter";
import type { IProxyConfig } from "@kubernetes-models/istio/networking.istio.io/v1beta1/ProxyConfig";
import type { IAuthorizationPolicy } from "@kubernetes-models/istio/security.istio.io/v1/AuthorizationPolicy";
import type { IPeerAuthentication } from "@kubernetes-models/istio/security.istio.io/v1/PeerAuthentication";
import type { Resource } from "../../core/object.ts";

// Typed by Istio's own models; nothing of them is loaded at run time.
export type AuthorizationPolicy = Resource<IAuthorizationPolicy>;
export type DestinationRule = Resource<IDestinationRule>;
export type EnvoyFilter = Resource<IEnvoyFilter>;
export type PeerAuthentication = Resource<IPeerAuthentication>;
export type ProxyConfig = Resource<IProxyConfig>;
export type MeshServiceEntry = Resource<IServiceEntry>;
export type MeshSidecar = Resource<ISidecar>;
export type VirtualService = Resource<IVirtualService>;
export type WasmPlugin = Resource<IWasmPlugin>;

/** What Istio makes a waypoint of: a Gateway of the Gateway API of its own class. */
export type Waypoint = Resource<{
  readonly apiVersion: "gateway.networking.k8s.io/v1";
  readonly kind: "Gateway";
  readonly spec: {
    readonly gatewayClassName: "istio-waypoint";
    readonly listeners: readonly { readonly name: string; readonly port: number; readonly protocol: "HBONE" }[];
    readonly infrastructure?: {
      readonly parametersRef: { readonly group: ""; readonly kind: "ConfigMap"; readonly name: string };
    };
  };
}>;

/** https://istio.io/latest/docs/reference/config/networking/ */
export const NETWORKING = "networking.istio.io/v1";
/** https://istio.io/latest/docs/reference/config/security/ */
export const SECURITY = "security.istio.io/v1";
