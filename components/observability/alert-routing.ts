import { Faults } from "../core/fault.ts";
import { labels } from "../core/name.ts";
import type { KubernetesObject, Metadata, Objects } from "../core/object.ts";
import { checkShape } from "../core/shape.ts";
import type { PrometheusRule } from "./kind.ts";
import { configFile } from "./routing/config-file.ts";
import { type AlertmanagerConfig, configObject } from "./routing/config-object.ts";
import { type AlertRoutingProps, alertRoutingShape, checkNames } from "./routing/props.ts";
import { type EntryOfStore, secretsOf, storedKey } from "./routing/receiver.ts";
import { type RoutingTree, routingTree, WATCHDOG_ALERT } from "./routing/tree.ts";

/** Fetches secrets of receivers from a store. https://external-secrets.io/latest/api/externalsecret/ */
export interface RoutingSecrets extends KubernetesObject {
  readonly apiVersion: "external-secrets.io/v1";
  readonly kind: "ExternalSecret";
  readonly spec: {
    readonly refreshInterval: string;
    readonly secretStoreRef: { readonly kind: "SecretStore"; readonly name: string };
    readonly target: { readonly name: string; readonly creationPolicy: "Owner" };
    readonly data: readonly { readonly secretKey: string; readonly remoteRef: { readonly key: string } }[];
  };
}

export interface AlertRoutingObjects extends Objects {
  readonly config: AlertmanagerConfig;
}

/**
 * Who is told what, for the Prometheus Operator's Alertmanager. With a heartbeat also the alert that always fires, and for
 * secrets of a store an ExternalSecret each store.
 * @throws FaultError for receivers and times that nobody declares.
 */
export function alertRouting(props: AlertRoutingProps): AlertRoutingObjects {
  const tree = checkedTree(props);
  const { name, namespace, partOf, owner } = props;
  const metadata = { name, namespace, labels: labels({ name, partOf, owner, component: "alerting" }) };
  return {
    config: configObject(metadata, props, tree),
    ...(props.heartbeat === undefined ? {} : { watchdog: watchdog(metadata, props) }),
    ...externalSecrets(metadata, tree),
  };
}

/** What an Alertmanager without operator needs besides its configuration. */
export interface RoutingFileOptions {
  /** The folder with a folder for each Secret. @default "/etc/alertmanager/secrets", where the operator mounts them */
  readonly secrets?: string;
}

/**
 * The same tree as an alertmanager.yml. Secrets are files, never values.
 * @throws FaultError as alertRouting does.
 */
export function alertRoutingFile(props: AlertRoutingProps, options: RoutingFileOptions = {}): string {
  return configFile(props, checkedTree(props), options.secrets ?? "/etc/alertmanager/secrets");
}

function checkedTree(props: AlertRoutingProps): RoutingTree {
  const faults = new Faults(typeof props.name === "string" ? props.name : "alert routing");
  if (checkShape(faults, alertRoutingShape, props)) checkNames(faults, props);
  faults.check();
  return routingTree(props);
}

/** An alert that always fires: when its notifications stop, alerting itself is down. */
function watchdog(metadata: Metadata, props: AlertRoutingProps): PrometheusRule {
  const { namespace, owner, name: service, runbooks = "docs/runbooks" } = props;
  return {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "PrometheusRule",
    metadata: { ...metadata, name: `${metadata.name}-watchdog` },
    spec: {
      groups: [
        {
          name: `${metadata.name}-watchdog`,
          rules: [
            {
              alert: WATCHDOG_ALERT,
              expr: "vector(1)",
              labels: { namespace, owner, service, severity: "none" },
              annotations: {
                summary: "Alerting works",
                description: "It always fires. The service outside that is told of it calls when it no longer is.",
                runbook_url: `${runbooks}/watchdog.md`,
              },
            },
          ],
        },
      ],
    },
  };
}

function externalSecrets(metadata: Metadata, { leaves }: RoutingTree): Readonly<Record<string, RoutingSecrets>> {
  const places = new Map(leaves.flatMap(({ places }) => places));
  const stored = [...places].flatMap(([place, receiver]) =>
    Object.entries(secretsOf(receiver)).flatMap(([property, secret]) =>
      "store" in secret ? [[storedKey(place, property), secret] as const] : [],
    ),
  );
  const stores = new Set(stored.map(([, { store }]) => store));
  return Object.fromEntries(
    [...stores].map((store) => [`externalSecret-${store}`, externalSecret(metadata, store, stored)]),
  );
}

function externalSecret(
  metadata: Metadata,
  store: string,
  stored: readonly (readonly [key: string, secret: EntryOfStore])[],
): RoutingSecrets {
  const name = `${metadata.name}-${store}`;
  return {
    apiVersion: "external-secrets.io/v1",
    kind: "ExternalSecret",
    metadata: { ...metadata, name },
    spec: {
      refreshInterval: "1h0m0s",
      secretStoreRef: { kind: "SecretStore", name: store },
      target: { name, creationPolicy: "Owner" },
      data: stored.flatMap(([secretKey, secret]) =>
        secret.store === store ? [{ secretKey, remoteRef: { key: secret.key } }] : [],
      ),
    },
  };
}
