import { join } from "node:path";
import { CLUSTER_DOMAIN, NETWORK } from "./layout.ts";

/** An argument of a program that kwokctl starts. */
interface ExtraArgument {
  readonly key: string;
  readonly value: string;
}

/** What the control plane is told for a real node, and for no other, in kwokctl's words. */
export interface RealControlPlane {
  readonly options: { readonly kubeApiserverCertSANs: readonly string[] };
  readonly patches: readonly { readonly name: string; readonly extraArgs: readonly ExtraArgument[] }[];
}

/**
 * Pods and kubelet reach the API server at the node's address, where a relay waits: it goes on listening on loopback only.
 * @param keys Folder of kwokctl's keys.
 */
export function realControlPlane(keys: string): RealControlPlane {
  const names = ["kubernetes", "kubernetes.default", "kubernetes.default.svc"];
  const apiserver = {
    "service-cluster-ip-range": NETWORK.services,
    "advertise-address": NETWORK.node,
    "kubelet-client-certificate": join(keys, "admin.crt"),
    "kubelet-client-key": join(keys, "admin.key"),
    "kubelet-preferred-address-types": "InternalIP",
    "enable-aggregator-routing": "true",
    // Add-ons that serve an API of their own believe the API server who asks.
    "requestheader-client-ca-file": join(keys, "ca.crt"),
    // Without names here, whoever has a client certificate could say to be anybody.
    "requestheader-allowed-names": "kwok-admin",
    "requestheader-username-headers": "X-Remote-User",
    "requestheader-group-headers": "X-Remote-Group",
    "requestheader-extra-headers-prefix": "X-Remote-Extra-",
  };
  const manager = {
    // 15 s by default, which is long to watch.
    "horizontal-pod-autoscaler-sync-period": "5s",
  };
  const args = (named: Readonly<Record<string, string>>) =>
    Object.entries(named).map(([key, value]) => ({ key, value }));
  return {
    options: {
      kubeApiserverCertSANs: [...names, `kubernetes.default.svc.${CLUSTER_DOMAIN}`, NETWORK.api, NETWORK.node],
    },
    patches: [
      { name: "kube-apiserver", extraArgs: args(apiserver) },
      { name: "kube-controller-manager", extraArgs: args(manager) },
    ],
  };
}
