import * as z from "zod";
import type { Faults } from "../core/fault.ts";
import type { Container, Secret, Volume } from "../core/kind.ts";
import { type KubernetesObject, type Leaf, type Metadata, present } from "../core/object.ts";
import { componentName, filled, leafText, maybe, strict } from "../core/shape.ts";
import { concealed } from "../core/shape-issue.ts";
import { variablesOf } from "./config.ts";

/** Where a secret's value comes from. Never the value in plain text in anything that is rendered. */
export type SecretSource = SecretFromEngine | SecretFromCluster | SecretFromStore;

interface SecretUse {
  /** Mount it as a file /run/secrets/<name> instead of a variable. @default false */
  readonly file?: boolean;
}

/** A Pulumi secret: `config.requireSecret("stripeKey")`. */
export interface SecretFromEngine extends SecretUse {
  readonly value: Leaf<string>;
}

/** A Secret that is in the namespace already. */
export interface SecretFromCluster extends SecretUse {
  readonly secret: string;
  readonly key: string;
}

/** An entry of a secret store, fetched by the External Secrets Operator. */
export interface SecretFromStore extends SecretUse {
  /** The store's name, such as "vault". */
  readonly store: string;
  /** @default "SecretStore", the namespace's own */
  readonly storeKind?: "SecretStore" | "ClusterSecretStore";
  /** The entry in the store, such as "shop/order/database-url". */
  readonly key: string;
  /** A property of that entry. @default the whole entry */
  readonly property?: string;
}

/** Variable or file name -> source. */
export type Secrets = Readonly<Record<string, SecretSource>>;

const file = maybe(z.boolean());

export const secretsShape: z.ZodType<Secrets> = concealed(
  variablesOf<SecretSource>(
    z.union([
      strict<SecretFromEngine>({ value: leafText, file }),
      strict<SecretFromStore>({
        store: componentName,
        storeKind: maybe(z.enum(["SecretStore", "ClusterSecretStore"])),
        key: filled,
        property: maybe(filled),
        file,
      }),
      strict<SecretFromCluster>({ secret: filled, key: filled, file }),
    ]),
  ),
);

/** What ExternalSecret looks like, as far as it is used here. https://external-secrets.io/latest/api/externalsecret/ */
export interface ExternalSecret extends KubernetesObject {
  readonly apiVersion: "external-secrets.io/v1";
  readonly kind: "ExternalSecret";
  readonly spec: {
    readonly refreshInterval: string;
    readonly secretStoreRef: { readonly kind: "SecretStore" | "ClusterSecretStore"; readonly name: string };
    readonly target: { readonly name: string; readonly creationPolicy: "Owner" };
    readonly data: readonly {
      readonly secretKey: string;
      readonly remoteRef: { readonly key: string; readonly property?: string };
    }[];
  };
}

/** Notes a store that is named as two kinds, and one whose Secret would bear the name of the component's own. */
export function checkSecrets(faults: Faults, secrets: Secrets = {}): void {
  const kinds = new Map<string, string>();
  for (const [name, source] of Object.entries(secrets)) {
    if (!stored(source)) continue;
    const kind = source.storeKind ?? "SecretStore";
    const other = kinds.get(source.store) ?? kind;
    kinds.set(source.store, other);
    if (kind !== other) {
      faults.add(`secrets.${name}.storeKind`, kind, `but ${source.store} is a ${other} above`, "name one kind only");
    }
    if (source.store === "secrets") {
      faults.add(
        `secrets.${name}.store`,
        source.store,
        "but that is how the Secret for the engine's values ends",
        "give the store another name",
      );
    }
  }
}

/** The objects that bring secrets into the namespace. */
export interface SecretObjects {
  readonly secret?: Secret;
  /** One for each store, by role. */
  readonly externalSecrets: Readonly<Record<`externalSecret-${string}`, ExternalSecret>>;
}

const stored = (source: SecretSource): source is SecretFromStore => "store" in source;
const given = (source: SecretSource): source is SecretFromEngine => "value" in source;

type Stored = [name: string, source: SecretFromStore];
const isStored = (entry: [string, SecretSource]): entry is Stored => stored(entry[1]);

/** The Secret for values of the engine, and an ExternalSecret for each store. */
export function secretObjects(
  owner: Required<Pick<Metadata, "name" | "namespace" | "labels">>,
  secrets: Secrets = {},
): SecretObjects {
  const values = Object.entries(secrets).flatMap(([name, source]) =>
    given(source) ? [[name, source.value] as const] : [],
  );
  const stores = Map.groupBy(Object.entries(secrets).filter(isStored), ([, { store }]) => store);
  return {
    ...(values.length === 0
      ? {}
      : {
          secret: {
            apiVersion: "v1",
            kind: "Secret",
            metadata: { ...owner, name: `${owner.name}-secrets` },
            stringData: Object.fromEntries(values),
          },
        }),
    externalSecrets: Object.fromEntries(
      Array.from(stores, ([store, found]) => [`externalSecret-${store}`, externalSecret(owner, store, found)]),
    ),
  };
}

function externalSecret(
  owner: Required<Pick<Metadata, "name" | "namespace" | "labels">>,
  store: string,
  secrets: readonly Stored[],
): ExternalSecret {
  return {
    apiVersion: "external-secrets.io/v1",
    kind: "ExternalSecret",
    metadata: { ...owner, name: `${owner.name}-${store}` },
    spec: {
      refreshInterval: "1h0m0s",
      secretStoreRef: { kind: secrets[0]?.[1].storeKind ?? "SecretStore", name: store },
      target: { name: `${owner.name}-${store}`, creationPolicy: "Owner" },
      data: secrets.map(([name, { key, property }]) => ({ secretKey: name, remoteRef: present({ key, property }) })),
    },
  };
}

/** The Secret and key that hold one secret. */
function reference(
  component: string,
  name: string,
  source: SecretSource,
): { readonly name: string; readonly key: string } {
  if (given(source)) return { name: `${component}-secrets`, key: name };
  if (stored(source)) return { name: `${component}-${source.store}`, key: name };
  return { name: source.secret, key: source.key };
}

/** Variables that read secrets. */
export function secretVariables(component: string, secrets: Secrets = {}): NonNullable<Container["env"]> {
  return Object.entries(secrets).flatMap(([name, source]) =>
    source.file === true ? [] : [{ name, valueFrom: { secretKeyRef: reference(component, name, source) } }],
  );
}

/** The volume of secrets that are files; none when there are none. */
export function secretVolume(component: string, secrets: Secrets = {}): Volume | undefined {
  const sources = Object.entries(secrets).flatMap(([name, source]) => {
    if (source.file !== true) return [];
    const { name: secret, key } = reference(component, name, source);
    return [{ secret: { name: secret, items: [{ key, path: name }] } }];
  });
  // Readable by the group alone: the container's user is a member of it through fsGroup.
  return sources.length === 0 ? undefined : { name: "secrets", projected: { sources, defaultMode: 0o440 } };
}
