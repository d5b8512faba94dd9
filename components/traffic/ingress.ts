import type { Ingress } from "./kind.ts";
import { secretOf } from "./route-check.ts";
import type { RouteFacts, RouteGroup } from "./route-group.ts";
import { pathsOf, portOf } from "./route-props.ts";
import type { IngressTarget } from "./target.ts";

/** The routes of a group as one Ingress: hosts, paths and TLS, which every controller understands alike. */
export function ingress({ metadata, ports, service }: RouteFacts, group: RouteGroup, target: IngressTarget): Ingress {
  const paths = group.routes.flatMap((route) =>
    pathsOf(route).map(({ exact, path }) => ({
      path,
      pathType: exact ? ("Exact" as const) : ("Prefix" as const),
      backend: { service: { name: service, port: { number: ports[portOf(route)] ?? 0 } } },
    })),
  );
  const tls = target.certificates === false ? [] : secrets(group.hosts, target.certificates);
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata,
    spec: {
      ingressClassName: target.ingressClass,
      ...(tls.length === 0 ? {} : { tls }),
      rules: group.hosts.map((host) => ({ host, http: { paths } })),
    },
  };
}

/** Each Secret with the hosts that it is for. */
function secrets(hosts: readonly string[], certificates: Readonly<Record<string, string>>) {
  const bySecret = new Map<string, string[]>();
  for (const host of hosts) {
    const secretName = secretOf(certificates, host);
    if (secretName === undefined) continue;
    bySecret.set(secretName, [...(bySecret.get(secretName) ?? []), host]);
  }
  return [...bySecret].map(([secretName, served]) => ({ hosts: served, secretName }));
}
