import { type SecretStoreObjects, secretStore } from "../../components/index.ts";

/** Secrets of one namespace from HashiCorp Vault; a service names an entry as { store: "vault", key: "order/key" }. */
export const secretStoreExample: SecretStoreObjects = secretStore({
  name: "vault",
  namespace: "checkout",
  partOf: "shop",
  vault: { server: "https://vault.example.com", path: "shop", role: "checkout" },
});
