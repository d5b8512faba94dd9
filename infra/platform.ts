import { type Catalogue, type Member, secretStore, teamNamespace } from "../components/index.ts";
import type { EnvironmentRow } from "./environments.ts";

/** What every service of an environment stands on. */
export function platform(row: EnvironmentRow, entries: Catalogue): Readonly<Record<string, Member>> {
  return {
    namespace: {
      type: "fairlead:policy:TeamNamespace",
      objects: teamNamespace({ name: row.namespace, partOf: "shop", podSecurity: row.podSecurity, quota: row.quota }),
    },
    vault: {
      type: "fairlead:policy:SecretStore",
      objects: secretStore({
        name: "vault",
        namespace: row.namespace,
        partOf: "shop",
        ...(row.vault === "placeholders" ? { placeholders: placeholders(entries) } : { vault: row.vault }),
      }),
    },
  };
}

/** A made-up value for every secret, so that an environment that holds nothing real needs no vault. */
function placeholders(entries: Catalogue): Readonly<Record<string, string>> {
  const keys = Object.values(entries).flatMap((entry) =>
    Object.values(entry.secrets ?? {}).flatMap((source) => ("store" in source ? [source.key] : [])),
  );
  return Object.fromEntries(keys.map((key) => [key, `placeholder for ${key}`]));
}
