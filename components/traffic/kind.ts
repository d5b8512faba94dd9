import type { ICertificate } from "@kubernetes-models/cert-manager/cert-manager.io/v1/Certificate";
import type { IClusterIssuer } from "@kubernetes-models/cert-manager/cert-manager.io/v1/ClusterIssuer";
import type { IIssuer } from "@kubernetes-models/cert-manager/cert-manager.io/v1/Issuer";
import type { IGateway } from "@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/Gateway";
import type { IGRPCRoute } from "@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/GRPCRoute";
import type { IHTTPRoute } from "@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/HTTPRoute";
import type { IReferenceGrant } from "@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/ReferenceGrant";
import type { IIngress } from "kubernetes-models/networking.k8s.io/v1/Ingress";
import type { KubernetesObject, Resource } from "../core/object.ts";

// Typed by the add-ons' own models; nothing of them is loaded at run time.
export type Certificate = Resource<ICertificate>;
export type ClusterIssuer = Resource<IClusterIssuer>;
export type Gateway = Resource<IGateway>;
export type GrpcRoute = Resource<IGRPCRoute>;
export type HttpRoute = Resource<IHTTPRoute>;
export type Ingress = Resource<IIngress>;
export type Issuer = Resource<IIssuer>;
export type ReferenceGrant = Resource<IReferenceGrant>;

/** What Envoy Gateway does for a rule beyond the Gateway API. https://gateway.envoyproxy.io/docs/api/extension_types/ */
export interface BackendTrafficPolicy extends KubernetesObject {
  readonly apiVersion: "gateway.envoyproxy.io/v1alpha1";
  readonly kind: "BackendTrafficPolicy";
  readonly spec: {
    readonly targetRefs: readonly {
      readonly group: "gateway.networking.k8s.io";
      readonly kind: "HTTPRoute" | "GRPCRoute";
      readonly name: string;
      readonly sectionName: string;
    }[];
    readonly retry?: {
      readonly numRetries: number;
      readonly perRetry: { readonly timeout: string; readonly backOff: { readonly baseInterval: string } };
      readonly retryOn: { readonly triggers: readonly string[]; readonly httpStatusCodes?: readonly number[] };
    };
    readonly timeout?: { readonly http: { readonly requestTimeout: string } };
  };
}

export const GATEWAY_API = "gateway.networking.k8s.io";
