import * as z from "zod";
import { Faults } from "../core/fault.ts";
import { labels } from "../core/name.ts";
import type { KubernetesObject, Objects } from "../core/object.ts";
import { checkShape, componentName, maybe, recordOf, strict } from "../core/shape.ts";

/** Where the External Secrets Operator fetches a namespace's secrets. https://external-secrets.io/latest/api/secretstore/ */
export interface SecretStoreProps {
  /** The name by which secrets name it, such as "vault". */
  readonly name: string;
  readonly namespace: string;
  readonly partOf?: string;
  /** HashiCorp Vault, logged in to by the namespace's own identity. */
  readonly vault?: VaultStore;
  /** Made-up values for an environment that holds nothing real: entry -> value. Never a secret. */
  readonly placeholders?: Readonly<Record<string, string>>;
}

export interface VaultStore {
  /** Such as "https://vault.example.com". */
  readonly server: string;
  /** The mount of the key-value engine, version 2. @default "secret" */
  readonly path?: string;
  /** The role of Vault's Kubernetes login. */
  readonly role: string;
}

export interface SecretStore extends KubernetesObject {
  readonly apiVersion: "external-secrets.io/v1";
  readonly kind: "SecretStore";
  readonly spec: { readonly provider: Readonly<Record<string, unknown>> };
}

export interface SecretStoreObjects extends Objects {
  readonly secretStore: SecretStore;
}

export const secretStoreShape = strict<SecretStoreProps>({
  name: componentName,
  namespace: componentName,
  partOf: maybe(z.string()),
  vault: maybe(strict<VaultStore>({ server: z.url(), path: maybe(z.string()), role: z.string().min(1) })),
  placeholders: maybe(recordOf(z.string())),
});

/**
 * A secret store of one namespace.
 * @throws FaultError unless exactly one of vault and placeholders is given.
 */
export function secretStore(props: SecretStoreProps): SecretStoreObjects {
  const faults = new Faults(typeof props.name === "string" ? props.name : "secret store");
  if (
    checkShape(faults, secretStoreShape, props) &&
    (props.vault === undefined) === (props.placeholders === undefined)
  ) {
    faults.add("vault", props.vault, "but a store has exactly one source", "give either vault or placeholders");
  }
  faults.check();
  const store: SecretStore = {
    apiVersion: "external-secrets.io/v1",
    kind: "SecretStore",
    metadata: {
      name: props.name,
      namespace: props.namespace,
      labels: labels({ name: props.name, partOf: props.partOf, component: "secret-store" }),
    },
    spec: { provider: props.vault === undefined ? placeholders(props.placeholders ?? {}) : vault(props.vault) },
  };
  return { secretStore: store };
}

function vault(store: VaultStore): Readonly<Record<string, unknown>> {
  return {
    vault: {
      server: store.server,
      path: store.path ?? "secret",
      version: "v2",
      auth: { kubernetes: { mountPath: "kubernetes", role: store.role, serviceAccountRef: { name: "default" } } },
    },
  };
}

function placeholders(values: Readonly<Record<string, string>>): Readonly<Record<string, unknown>> {
  return { fake: { data: Object.entries(values).map(([key, value]) => ({ key, value })) } };
}
