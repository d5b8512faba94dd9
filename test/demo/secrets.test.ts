import { expect, test } from "vitest";
import { playExternalSecrets } from "../../demo/secrets.ts";
import type { ClusterApi } from "../../toolchain/cluster-api.ts";

const metadata = { namespace: "shop" };
const STORE = {
  metadata: { ...metadata, name: "vault" },
  spec: { provider: { fake: { data: [{ key: "shop/order/database-url", value: "memory:" }] } } },
};
const WANTED = {
  metadata: { ...metadata, name: "order-vault" },
  spec: {
    secretStoreRef: { name: "vault" },
    target: { name: "order-vault" },
    data: [{ secretKey: "DATABASE_URL", remoteRef: { key: "shop/order/database-url" } }],
  },
};

/** What the first Secret that is made says. */
function made(vault?: Readonly<Record<string, string>>): Promise<unknown> {
  return new Promise((fulfil) => {
    const api: ClusterApi = async (path, { method, body } = {}) => {
      if (method === "PATCH") {
        secrets.stop();
        fulfil(body);
      }
      return { items: path.endsWith("/secretstores") ? [STORE] : [WANTED] };
    };
    const secrets = playExternalSecrets(api, vault);
  });
}

test("a Secret holds the store's made-up values, unless there are others", async () => {
  expect(await made()).toMatchObject({
    metadata: { name: "order-vault", namespace: "shop" },
    stringData: { DATABASE_URL: "memory:" },
  });
  const vault = { "shop/order/database-url": "postgres://db/order", "shop/user/database-url": "postgres://db/user" };
  expect(await made(vault)).toMatchObject({ stringData: { DATABASE_URL: "postgres://db/order" } });
});
