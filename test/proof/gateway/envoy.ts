type Tree = { [key: string]: unknown };

/** A part of what Envoy Gateway writes, as it is named there. */
function dumped(dump: Tree, type: string, list: string, inside: readonly string[]): readonly Tree[] {
  const configs = Object.values(dump["xds"] as Tree).flatMap((one) => (one as { configs: Tree[] }).configs);
  const found = configs.filter((one) => String(one["@type"]).endsWith(`.${type}`));
  return found
    .flatMap((one) => (one[list] as Tree[] | undefined) ?? [])
    .map((one) => inside.reduce((tree, key) => tree[key] as Tree, one));
}

/** The ports that Envoy Gateway listens on instead of the privileged ones. */
const HTTP = 10080;
const HTTPS = 10443;

/**
 * A file of Envoy with everything in it that Envoy Gateway would hand over bit by bit: routes into listeners, endpoints
 * into clusters, certificates beside them. Only addresses of listeners are others.
 * @param files Namespace and name of each certificate's Secret -> where its key and certificate are.
 */
export function staticConfig(
  dump: Tree,
  ports: { readonly http: number; readonly https: number },
  files: Readonly<Record<string, { readonly key: string; readonly cert: string }>>,
): string {
  const routes = new Map(
    dumped(dump, "RoutesConfigDump", "dynamicRouteConfigs", ["routeConfig"]).map((one) => [one["name"], plain(one)]),
  );
  const endpoints = new Map(
    dumped(dump, "EndpointsConfigDump", "dynamicEndpointConfigs", ["endpointConfig"]).map((one) => [
      one["clusterName"],
      plain(one),
    ]),
  );
  const wanted = new Map([
    [HTTP, ports.http],
    [HTTPS, ports.https],
  ]);
  const listeners = dumped(dump, "ListenersConfigDump", "dynamicListeners", ["activeState", "listener"]).flatMap(
    (one) => {
      const { portValue } = (one["address"] as { socketAddress: { portValue: number } }).socketAddress;
      const port = wanted.get(portValue);
      if (port === undefined) return [];
      const text = JSON.stringify(plain(one), (key, value) =>
        key === "sdsConfig" || key === "accessLog" ? undefined : value,
      );
      const listener = JSON.parse(text, function inline(this: Tree, _, value) {
        if (typeof value !== "object" || value === null || !("rds" in value)) return value;
        const { rds, ...rest } = value as Tree & { rds: { routeConfigName: string } };
        return { ...rest, routeConfig: routes.get(rds.routeConfigName) };
      });
      return [{ ...listener, address: { socketAddress: { address: "127.0.0.1", portValue: port } } }];
    },
  );
  const clusters = dumped(dump, "ClustersConfigDump", "dynamicActiveClusters", ["cluster"]).map((one) => {
    const { edsClusterConfig, ...rest } = plain(one) as Tree & { edsClusterConfig: { serviceName: string } };
    return { ...rest, type: "STATIC", loadAssignment: endpoints.get(edsClusterConfig.serviceName) };
  });
  // Envoy Gateway keeps keys out of what it prints.
  const secrets = Object.entries(files).map(([name, { key, cert }]) => ({
    name,
    tlsCertificate: { certificateChain: { filename: cert }, privateKey: { filename: key } },
  }));
  return JSON.stringify({ staticResources: { listeners, clusters, secrets } });
}

function plain({ "@type": _, ...rest }: Tree): Tree {
  return rest;
}
