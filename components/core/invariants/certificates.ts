import type { Placed } from "../environment.ts";
import { didYouMean, type Fault } from "../fault.ts";
import { isCertified } from "../host.ts";
import type { KubernetesObject } from "../object.ts";
import type { Attachment } from "./attachment.ts";
import { type Certificate, type Edge, type Listener, placeIn } from "./edge.ts";
import { ofKind, type View } from "./view.ts";

type Issuer = KubernetesObject & {
  readonly spec: { readonly acme?: { readonly solvers?: readonly { readonly dns01?: object }[] } };
};

/** A listener whose Secret is missing, or may not be read, serves nobody; one for other hosts frightens browsers. */
export function* listenersAreCertified(found: Edge, attached: readonly Attachment[]): Generator<Fault> {
  const hosts = new Map<string, Set<string>>();
  for (const { place, hosts: served } of attached) {
    const known = hosts.get(place) ?? new Set();
    for (const host of served) known.add(host);
    hosts.set(place, known);
  }
  for (const [gatewayPlace, gateway] of found.gateways) {
    for (const listener of gateway.object.spec.listeners ?? []) {
      if (listener.protocol !== "HTTPS") continue;
      const served = new Set([listener.hostname ?? "*", ...(hosts.get(`${gatewayPlace}/${listener.name}`) ?? [])]);
      yield* listenerFaults(
        found,
        gateway,
        listener,
        [...served].filter((host) => host !== "*"),
      );
    }
  }
  for (const { component, role, object } of found.ingresses) {
    for (const { hosts: served = [], secretName } of object.spec.tls ?? []) {
      if (secretName === undefined) continue;
      const faults = secretFaults(found, placeIn(object, secretName), object.metadata.namespace ?? "", served);
      for (const fault of faults) yield { component, path: `${role}.tls`, ...fault };
    }
  }
}

function* listenerFaults(
  found: Edge,
  { component, role, object }: Placed,
  { name, hostname, tls }: Listener,
  hosts: readonly string[],
): Generator<Fault> {
  const path = `${role}.listeners.${name}`;
  const references = tls?.certificateRefs ?? [];
  if (references.length === 0) {
    yield {
      component,
      path,
      value: hostname,
      problem: "but it has no certificate",
      remedy: "give one: certificate: { secret: … }",
    };
  }
  for (const { kind = "Secret", name: secret, namespace = object.metadata.namespace ?? "" } of references) {
    const from = object.metadata.namespace ?? "";
    if (kind !== "Secret" || !found.namespaces.has(namespace)) continue;
    if (namespace !== from && !found.isGranted(from, "Gateway", { kind, name: secret, namespace })) {
      const problem = `but nothing there lets a Gateway of namespace ${from} refer to it`;
      yield {
        component,
        path,
        value: `${namespace}/${secret}`,
        problem,
        remedy: `name ${from} in the certificate's usedFrom`,
      };
    }
    for (const fault of secretFaults(found, `${namespace}/${secret}`, namespace, hosts))
      yield { component, path, ...fault };
  }
}

/** Whether somebody makes the Secret, and for those hosts. */
function* secretFaults(
  { certificates, secrets, namespaces }: Edge,
  place: string,
  namespace: string,
  hosts: readonly string[],
): Generator<Pick<Fault, "value" | "problem" | "remedy">> {
  const certificate = certificates.get(place);
  if (certificate === undefined) {
    if (secrets.has(place) || !namespaces.has(namespace)) return;
    const known = [...certificates.keys(), ...secrets];
    yield {
      value: place,
      problem: "but nobody makes that Secret",
      remedy: `make a certificate, or: ${didYouMean(place, known)}`,
    };
    return;
  }
  const names = certificate.object.spec.dnsNames ?? [];
  for (const host of hosts) {
    if (isCertified(names, host)) continue;
    const problem = `but the certificate ${certificate.object.metadata.name} is for ${names.join(", ")} only`;
    yield { value: host, problem, remedy: `add ${host} to its hosts` };
  }
}

/** A certificate whose issuer is missing, or cannot prove its hosts, never comes. */
export function* certificatesAreIssued({ all }: View): Generator<Fault> {
  const namespaces = new Set(ofKind(all, "v1", "Namespace").map(({ object }) => object.metadata.name));
  const issuers = new Map(
    (["Issuer", "ClusterIssuer"] as const).flatMap((kind) =>
      ofKind<Issuer>(all, "cert-manager.io/v1", kind).map(({ object }) => [
        `${kind} ${placeIn(object, object.metadata.name)}`,
        object,
      ]),
    ),
  );
  const owners = new Map<string, string>();
  for (const { component, role, object } of ofKind<Certificate>(all, "cert-manager.io/v1", "Certificate")) {
    const { dnsNames = [], secretName, issuerRef } = object.spec;
    const { kind = "Issuer", name } = issuerRef;
    const namespace = object.metadata.namespace ?? "";
    const secret = placeIn(object, secretName);
    const owner = owners.get(secret);
    if (owner !== undefined) {
      const problem = `but certificate ${owner} is kept in it, and each would overwrite the other`;
      yield { component, path: `${role}.secret`, value: secretName, problem, remedy: "use a Secret each" };
    }
    owners.set(secret, owner ?? object.metadata.name);
    const issuer = issuers.get(`${kind} ${kind === "Issuer" ? namespace : ""}/${name}`);
    if (issuer === undefined) {
      // A ClusterIssuer is the platform's and may stand outside this environment.
      if (kind !== "Issuer" || !namespaces.has(namespace)) continue;
      const known = [...issuers.values()].flatMap((one) =>
        one.metadata.namespace === namespace ? [one.metadata.name] : [],
      );
      yield {
        component,
        path: `${role}.issuer`,
        value: name,
        problem: `but namespace ${namespace} has no such Issuer`,
        remedy: didYouMean(name, known),
      };
      continue;
    }
    const { acme } = issuer.spec;
    const wildcard = dnsNames.find((host) => host.startsWith("*."));
    if (acme === undefined || wildcard === undefined || acme.solvers?.some(({ dns01 }) => dns01 !== undefined) === true)
      continue;
    const problem = `but issuer ${name} proves hosts by HTTP, which an authority accepts for no wildcard`;
    yield { component, path: `${role}.hosts`, value: wildcard, problem, remedy: "give the issuer a dns01 challenge" };
  }
}
