import { inside, itemsInside } from "../components/core/plain.ts";
import type { ClusterApi } from "../toolchain/cluster-api.ts";

const GROUP = "/apis/external-secrets.io/v1";

/**
 * Does what the External Secrets Operator does with its provider `fake`: every ExternalSecret of a store of made-up values
 * becomes a Secret. The operator itself is a program of many clouds, and nothing here needs one.
 * @param vault Values that are not made up, by their keys in the store.
 */
export function playExternalSecrets(
  api: ClusterApi,
  vault: Readonly<Record<string, string>> = {},
): { readonly stop: () => void } {
  let asking = false;
  const look = async () => {
    if (asking) return;
    asking = true;
    // Until `up` has begun, the API server knows neither kind.
    await fulfil(api, vault).catch(() => undefined);
    asking = false;
  };
  const timer = setInterval(() => void look(), 500);
  return { stop: () => clearInterval(timer) };
}

async function fulfil(api: ClusterApi, vault: Readonly<Record<string, string>>): Promise<void> {
  const stores = new Map(
    itemsInside(await api(`${GROUP}/secretstores`), "items").map((store) => [keyOf(store), entriesOf(store)]),
  );
  for (const wanted of itemsInside(await api(`${GROUP}/externalsecrets`), "items")) {
    const namespace = String(inside(wanted, "metadata", "namespace"));
    const entries = stores.get(`${namespace}/${String(inside(wanted, "spec", "secretStoreRef", "name"))}`);
    if (entries === undefined) continue;
    const data = itemsInside(wanted, "spec", "data").map((one) => {
      const key = String(inside(one, "remoteRef", "key"));
      return [String(inside(one, "secretKey")), Object.hasOwn(vault, key) ? vault[key] : (entries.get(key) ?? "")];
    });
    const name = String(inside(wanted, "spec", "target", "name") ?? inside(wanted, "metadata", "name"));
    const body = {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name, namespace },
      stringData: Object.fromEntries(data),
    };
    await api(`/api/v1/namespaces/${namespace}/secrets/${name}?fieldManager=external-secrets&force=true`, {
      method: "PATCH",
      body,
      contentType: "application/apply-patch+yaml",
    });
  }
}

function keyOf(object: unknown): string {
  return `${String(inside(object, "metadata", "namespace"))}/${String(inside(object, "metadata", "name"))}`;
}

function entriesOf(store: unknown): ReadonlyMap<string, string> {
  return new Map(
    itemsInside(store, "spec", "provider", "fake", "data").map((one) => [
      String(inside(one, "key")),
      String(inside(one, "value")),
    ]),
  );
}
