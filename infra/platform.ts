import {
  alertRouting,
  type Catalogue,
  type KubernetesObject,
  type Member,
  meshLabels,
  meshMembers,
  type RoutingSecrets,
  secretStore,
  teamNamespace,
} from "../components/index.ts";
import { alerting } from "./alerting.ts";
import { edge, gatewayOf } from "./edge.ts";
import type { EnvironmentRow } from "./environments.ts";

/** What every service of an environment stands on. */
export function platform(row: EnvironmentRow, entries: Catalogue): Readonly<Record<string, Member>> {
  const routing = alertRouting(alerting(row, entries));
  return {
    namespace: {
      type: "fairlead:policy:TeamNamespace",
      objects: teamNamespace({
        name: row.namespace,
        partOf: "shop",
        podSecurity: row.podSecurity,
        quota: row.quota,
        labels: meshLabels(row.mesh),
      }),
    },
    ...meshMembers(entries, { ...row, partOf: "shop", gateway: gatewayOf(row) }),
    vault: {
      type: "fairlead:policy:SecretStore",
      objects: secretStore({
        name: "vault",
        namespace: row.namespace,
        partOf: "shop",
        ...(row.vault === "placeholders"
          ? { placeholders: placeholders(entries, Object.values(routing).flatMap(fetched)) }
          : { vault: row.vault }),
      }),
    },
    alerting: { type: "fairlead:observability:AlertRouting", objects: routing },
    ...edge(row),
  };
}

/** Entries of the store that an ExternalSecret fetches. */
function fetched(object: KubernetesObject): readonly string[] {
  if (object.kind !== "ExternalSecret") return [];
  return (object as RoutingSecrets).spec.data.map(({ remoteRef }) => remoteRef.key);
}

/** A made-up value for every secret, so that an environment that holds nothing real needs no vault. */
function placeholders(entries: Catalogue, more: readonly string[]): Readonly<Record<string, string>> {
  const keys = Object.values(entries).flatMap((entry) =>
    Object.values(entry.secrets ?? {}).flatMap((source) => ("store" in source ? [source.key] : [])),
  );
  return Object.fromEntries([...keys, ...more].map((key) => [key, placeholder(key)]));
}

/** The URL of a server that there is not says so: the services then keep what they store in memory. */
function placeholder(key: string): string {
  return /-url$/.test(key) ? "memory:" : `placeholder for ${key}`;
}
