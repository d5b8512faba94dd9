import type { KubernetesObject } from "../../../components/index.ts";
import type { ClusterApi } from "../../../toolchain/cluster-api.ts";

type Found = KubernetesObject & {
  readonly spec?: { readonly parentRefs?: readonly object[] };
  readonly status?: object;
};

const condition = (type: string, reason: string) => {
  return { type, status: "True", reason, message: "played", lastTransitionTime: "2026-01-01T00:00:00Z" };
};
const ready = (reason: string) => () => ({ conditions: [condition("Ready", reason)] });
const attached = ({ spec }: Found) => ({
  parents: (spec?.parentRefs ?? []).map((parentRef) => ({
    parentRef,
    controllerName: "fairlead.dev/played",
    conditions: [condition("Accepted", "Accepted"), condition("ResolvedRefs", "ResolvedRefs")],
  })),
});

/** Kinds that Argo CD waits for, and what their controllers would say. Those are not part of this proof. */
const OTHERS: Readonly<Record<string, (object: Found) => object>> = {
  "external-secrets.io/v1/externalsecrets": ready("SecretSynced"),
  "external-secrets.io/v1/secretstores": ready("Valid"),
  "cert-manager.io/v1/certificates": ready("Ready"),
  "cert-manager.io/v1/issuers": ready("ACMEAccountRegistered"),
  "keda.sh/v1alpha1/scaledobjects": ready("ScaledObjectReady"),
  "gateway.networking.k8s.io/v1/gateways": () => ({
    conditions: [condition("Accepted", "Accepted"), condition("Programmed", "Programmed")],
  }),
  "gateway.networking.k8s.io/v1/httproutes": attached,
  "gateway.networking.k8s.io/v1/grpcroutes": attached,
};

/** Says of everything new that its controller is content with it. */
export async function playOthers(api: ClusterApi): Promise<void> {
  for (const [kind, status] of Object.entries(OTHERS)) {
    // A kind that nobody uses is not there.
    const list = (await api(`/apis/${kind}`).catch(() => ({ items: [] }))) as { readonly items: readonly Found[] };
    for (const object of list.items) {
      const { name, namespace } = object.metadata;
      if (JSON.stringify(object.status ?? "").includes('"played"')) continue;
      const [group, version, plural] = kind.split("/");
      await api(`/apis/${group}/${version}/namespaces/${namespace}/${plural}/${name}/status`, {
        method: "PATCH",
        body: { status: status(object) },
        contentType: "application/merge-patch+json",
      });
    }
  }
}
