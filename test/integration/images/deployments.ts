import { clusterApi, readKubeconfig } from "../../../toolchain/cluster-api.ts";

interface Deployment {
  readonly metadata: { readonly name: string; readonly generation: number };
  readonly spec: {
    readonly template: { readonly spec: { readonly containers: readonly { readonly image: string }[] } };
  };
}

/** Deployment -> its image, and how often it was changed. */
export async function deployments(kubeconfig: string) {
  const api = clusterApi(readKubeconfig(kubeconfig));
  const { items } = (await api("/apis/apps/v1/namespaces/pictures/deployments")) as {
    readonly items: readonly Deployment[];
  };
  return Object.fromEntries(
    items.map(({ metadata, spec }) => [
      metadata.name,
      { generation: metadata.generation, image: spec.template.spec.containers[0]?.image },
    ]),
  );
}
