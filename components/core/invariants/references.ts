import type { Fault } from "../fault.ts";
import { didYouMean } from "../fault.ts";
import { Grouped } from "../grouped.ts";
import type { KubernetesObject } from "../object.ts";
import { exposedPorts } from "./selectors.ts";
import { ofKind, type View } from "./view.ts";

/** Namespaces that every cluster has. */
const BUILT_IN: readonly string[] = ["default", "kube-system", "kube-public", "kube-node-lease"];

/** An object in a namespace that nobody makes would be refused half-way through an apply. */
export function* namespacesExist({ all }: View): Generator<Fault> {
  const declared = ofKind(all, "v1", "Namespace").map((one) => one.object.metadata.name);
  if (declared.length === 0) return;
  const known = new Set([...declared, ...BUILT_IN]);
  for (const { component, role, object } of all) {
    const namespace = object.metadata.namespace;
    if (namespace === undefined || known.has(namespace)) continue;
    yield {
      component,
      path: `${role}.metadata.namespace`,
      value: namespace,
      problem: "but this environment makes no such namespace",
      remedy: didYouMean(namespace, known),
    };
  }
}

/** A probe that asks by a name which no container exposes kills every pod. */
export function* probesAskExposedPorts({ workloads }: View): Generator<Fault> {
  for (const { component, role, template } of workloads) {
    const exposed = exposedPorts(template);
    for (const container of template.spec?.containers ?? []) {
      for (const kind of ["startupProbe", "livenessProbe", "readinessProbe"] as const) {
        const port = container[kind]?.httpGet?.port ?? container[kind]?.tcpSocket?.port;
        if (typeof port !== "string" || exposed.has(port)) continue;
        yield {
          component,
          path: `${role}.${kind}.port`,
          value: port,
          problem: "but the pod exposes no port of that name",
          remedy: didYouMean(port, exposed),
        };
      }
    }
  }
}

/** Pods wait for ever for a ConfigMap or ServiceAccount that nobody makes. */
export function* referencesExist({ all, workloads }: View): Generator<Fault> {
  const names = (kind: string) => {
    const known = new Grouped<true>();
    for (const { object } of ofKind(all, "v1", kind))
      known.add(object.metadata.namespace ?? "", object.metadata.name, true);
    return known;
  };
  const configMaps = names("ConfigMap");
  const serviceAccounts = names("ServiceAccount");
  for (const { component, role, object, template } of workloads) {
    const namespace = object.metadata.namespace;
    const missing = (kind: string, known: Grouped<true>, name: unknown): readonly Fault[] =>
      typeof name !== "string" || known.of(namespace ?? "", name).length > 0
        ? []
        : [
            {
              component,
              path: `${role}.${kind}`,
              value: name,
              problem: `but this environment makes no such ${kind}, so the pods would never start`,
              remedy: "declare it beside the workload, or correct the name",
            },
          ];
    const account = template.spec?.serviceAccountName;
    if (account !== "default") yield* missing("ServiceAccount", serviceAccounts, account);
    for (const volume of template.spec?.volumes ?? []) {
      if (volume.configMap?.optional !== true) yield* missing("ConfigMap", configMaps, volume.configMap?.name);
      for (const source of volume.projected?.sources ?? []) {
        if (source.configMap?.optional !== true) yield* missing("ConfigMap", configMaps, source.configMap?.name);
      }
    }
    for (const container of [...(template.spec?.containers ?? []), ...(template.spec?.initContainers ?? [])]) {
      for (const source of container.envFrom ?? []) {
        if (source.configMapRef?.optional !== true) yield* missing("ConfigMap", configMaps, source.configMapRef?.name);
      }
    }
  }
}

/** A secret that is fetched from a store nobody declares never comes. */
export function* secretStoresExist({ all }: View): Generator<Fault> {
  type Fetching = KubernetesObject & {
    readonly spec: { readonly secretStoreRef: { readonly kind: string; readonly name: string } };
  };
  const group = "external-secrets.io/v1";
  const stores = new Set(
    ofKind(all, group, "SecretStore").map(({ object }) => `${object.metadata.namespace}/${object.metadata.name}`),
  );
  for (const { component, role, object } of ofKind<Fetching>(all, group, "ExternalSecret")) {
    const { kind, name } = object.spec.secretStoreRef;
    // A ClusterSecretStore is the platform's and may stand outside this environment.
    if (kind !== "SecretStore" || stores.has(`${object.metadata.namespace}/${name}`)) continue;
    yield {
      component,
      path: `${role}.store`,
      value: name,
      problem: `but namespace ${object.metadata.namespace} has no such SecretStore`,
      remedy: didYouMean(
        name,
        [...stores].map((store) => store.slice(store.indexOf("/") + 1)),
      ),
    };
  }
}
