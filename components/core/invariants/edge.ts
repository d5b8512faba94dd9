import type { Placed } from "../environment.ts";
import type { Service } from "../kind.ts";
import type { KubernetesObject } from "../object.ts";
import { ofKind, type View } from "./view.ts";

export interface Reference {
  readonly group?: string;
  readonly kind?: string;
  readonly name: string;
  readonly namespace?: string;
  readonly port?: number;
}

export interface Listener {
  readonly name: string;
  readonly port: number;
  readonly protocol: string;
  readonly hostname?: string;
  readonly tls?: { readonly certificateRefs?: readonly Reference[] };
  readonly allowedRoutes?: {
    readonly kinds?: readonly { readonly kind: string }[];
    readonly namespaces?: {
      readonly from?: string;
      readonly selector?: {
        readonly matchLabels?: Readonly<Record<string, string>>;
        readonly matchExpressions?: readonly {
          readonly key: string;
          readonly operator: string;
          readonly values?: readonly string[];
        }[];
      };
    };
  };
}

type Gateway = KubernetesObject & { readonly spec: { readonly listeners?: readonly Listener[] } };

export interface RouteRule {
  readonly matches?: readonly {
    readonly path?: { readonly type?: string; readonly value?: string };
    /** Of HTTP its name, of gRPC service and method. */
    readonly method?: string | { readonly service?: string; readonly method?: string };
    readonly headers?: readonly { readonly type?: string; readonly name: string; readonly value: string }[];
    readonly queryParams?: readonly { readonly type?: string; readonly name: string; readonly value: string }[];
  }[];
  readonly backendRefs?: readonly Reference[];
  readonly filters?: readonly { readonly requestMirror?: { readonly backendRef: Reference } }[];
}

export type Route = KubernetesObject & {
  readonly spec: {
    readonly parentRefs?: readonly (Reference & { readonly sectionName?: string })[];
    readonly hostnames?: readonly string[];
    readonly rules?: readonly RouteRule[];
  };
};

export type Ingress = KubernetesObject & {
  readonly spec: {
    readonly ingressClassName?: string;
    readonly tls?: readonly { readonly hosts?: readonly string[]; readonly secretName?: string }[];
    readonly rules?: readonly {
      readonly host?: string;
      readonly http?: {
        readonly paths: readonly {
          readonly path?: string;
          readonly pathType: string;
          readonly backend: {
            readonly service?: {
              readonly name: string;
              readonly port?: { readonly number?: number; readonly name?: string };
            };
          };
        }[];
      };
    }[];
  };
};

export type Certificate = KubernetesObject & {
  readonly spec: {
    readonly secretName: string;
    readonly dnsNames?: readonly string[];
    readonly issuerRef: { readonly kind?: string; readonly name: string };
  };
};

type Grant = KubernetesObject & {
  readonly spec: {
    readonly from: readonly { readonly kind: string; readonly namespace: string }[];
    readonly to: readonly { readonly kind: string; readonly name?: string }[];
  };
};

type Fetching = KubernetesObject & { readonly spec: { readonly target?: { readonly name?: string } } };

/** What lies between the outside and the services of an environment. */
export interface Edge {
  readonly gateways: ReadonlyMap<string, Placed<Gateway>>;
  readonly routes: readonly Placed<Route>[];
  readonly ingresses: readonly Placed<Ingress>[];
  /** By namespace and the Secret's name. */
  readonly certificates: ReadonlyMap<string, Placed<Certificate>>;
  /** Secrets that are made, by namespace and name. */
  readonly secrets: ReadonlySet<string>;
  readonly services: ReadonlyMap<string, Service>;
  /** Namespaces that this environment makes: only there it knows what is missing. */
  readonly namespaces: ReadonlySet<string>;
  /** Whether a ReferenceGrant lets a kind of one namespace refer to an object of another. */
  readonly isGranted: (
    from: string,
    kind: string,
    to: Required<Pick<Reference, "kind" | "name" | "namespace">>,
  ) => boolean;
}

const GATEWAY_API = "gateway.networking.k8s.io/v1";

/** Whether anything reaches an environment from outside. */
export function hasEdge({ all }: View): boolean {
  const kinds = [
    [GATEWAY_API, "Gateway"],
    [GATEWAY_API, "HTTPRoute"],
    [GATEWAY_API, "GRPCRoute"],
    ["networking.k8s.io/v1", "Ingress"],
  ] as const;
  return kinds.some(([apiVersion, kind]) => ofKind(all, apiVersion, kind).length > 0);
}

export function edge({ all, services }: View): Edge {
  const certificates = ofKind<Certificate>(all, "cert-manager.io/v1", "Certificate");
  const granted = new Set(
    ofKind<Grant>(all, GATEWAY_API, "ReferenceGrant").flatMap(({ object }) => [...grants(object)]),
  );
  return {
    gateways: new Map(ofKind<Gateway>(all, GATEWAY_API, "Gateway").map((one) => [placeOf(one.object), one])),
    routes: [...ofKind<Route>(all, GATEWAY_API, "HTTPRoute"), ...ofKind<Route>(all, GATEWAY_API, "GRPCRoute")],
    ingresses: ofKind<Ingress>(all, "networking.k8s.io/v1", "Ingress"),
    certificates: new Map(certificates.map((one) => [placeIn(one.object, one.object.spec.secretName), one])),
    secrets: new Set([
      ...ofKind(all, "v1", "Secret").map(({ object }) => placeOf(object)),
      ...ofKind<Fetching>(all, "external-secrets.io/v1", "ExternalSecret").map(({ object }) =>
        placeIn(object, object.spec.target?.name ?? object.metadata.name),
      ),
    ]),
    services: new Map(services.map(({ object }) => [placeOf(object), object])),
    namespaces: new Set(ofKind(all, "v1", "Namespace").map(({ object }) => object.metadata.name)),
    isGranted: (from, kind, to) =>
      granted.has(grantKey(from, kind, to)) || granted.has(grantKey(from, kind, { ...to, name: "*" })),
  };
}

/** Namespace and name of an object. */
export function placeOf(object: KubernetesObject): string {
  return placeIn(object, object.metadata.name);
}

/** A name in the namespace of an object, or in the one that is given. */
export function placeIn(object: KubernetesObject, name: string, namespace = object.metadata.namespace): string {
  return `${namespace ?? ""}/${name}`;
}

function* grants({ metadata, spec }: Grant): Generator<string> {
  for (const { kind, namespace } of spec.from) {
    for (const { kind: to, name = "*" } of spec.to) {
      yield grantKey(namespace, kind, { kind: to, name, namespace: metadata.namespace ?? "" });
    }
  }
}

function grantKey(
  from: string,
  kind: string,
  to: { readonly kind: string; readonly name: string; readonly namespace: string },
): string {
  return `${kind} ${from} ${to.kind} ${to.namespace}/${to.name}`;
}
