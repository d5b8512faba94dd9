import { once } from "node:events";
import { createServer } from "node:http";

/** istiod as it runs in a cluster, but for what needs certificates: that is not what is looked at here. */
export const ISTIOD_VARIABLES: NodeJS.ProcessEnv = {
  POD_NAMESPACE: "istio-system",
  XDS_AUTH: "false",
  ENABLE_CA_SERVER: "false",
  PILOT_CERT_PROVIDER: "none",
  // Filters that only Istio's own build of Envoy has.
  PILOT_ENABLE_METADATA_EXCHANGE: "false",
  PILOT_ENABLE_ALPN_FILTER: "false",
};

/** The file of an Envoy that asks istiod for everything, as the proxy of one workload. */
export function bootstrap(workload: string, namespace: string, istiod: number, admin: number): string {
  const source = { ads: {}, initial_fetch_timeout: "0s", resource_api_version: "V3" };
  const at = (port: number) => ({ socket_address: { address: "127.0.0.1", port_value: port } });
  const http = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
  return JSON.stringify({
    node: {
      id: `sidecar~127.0.0.1~${workload}-1.${namespace}~${namespace}.svc.cluster.local`,
      cluster: `${workload}.${namespace}`,
      locality: { region: "shanghai", zone: "a" },
      metadata: {
        NAMESPACE: namespace,
        CLUSTER_ID: "Kubernetes",
        ISTIO_VERSION: "1.31.1",
        // It listens at the ports themselves, as nothing sends it a pod's traffic.
        INTERCEPTION_MODE: "NONE",
        INSTANCE_IPS: "127.0.0.1",
        LABELS: { "app.kubernetes.io/name": workload },
      },
    },
    admin: { address: at(admin) },
    dynamic_resources: {
      lds_config: source,
      cds_config: source,
      ads_config: {
        api_type: "GRPC",
        transport_api_version: "V3",
        set_node_on_first_message_only: true,
        grpc_services: [{ envoy_grpc: { cluster_name: "xds-grpc" } }],
      },
    },
    static_resources: {
      clusters: [
        {
          name: "xds-grpc",
          type: "STATIC",
          connect_timeout: "1s",
          typed_extension_protocol_options: {
            [http]: { "@type": `type.googleapis.com/${http}`, explicit_http_config: { http2_protocol_options: {} } },
          },
          load_assignment: {
            cluster_name: "xds-grpc",
            endpoints: [{ lb_endpoints: [{ endpoint: { address: at(istiod) } }] }],
          },
        },
      ],
    },
  });
}

/** The called program in each region. It answers as the path says, and counts. */
export interface Backend {
  /** Requests that a region's program was asked with this path. */
  readonly asked: (path: string) => Readonly<Record<string, number>>;
  readonly close: () => void;
}

/** /<name>?status=503&ms=500&in=shanghai: that status after that time, in that region only. */
export async function backend(addresses: Readonly<Record<string, string>>, port: number): Promise<Backend> {
  const counts = new Map<string, number>();
  const servers = await Promise.all(
    Object.entries(addresses).map(async ([region, address]) => {
      const server = createServer((request, response) => {
        const { pathname, searchParams } = new URL(request.url ?? "/", "http://backend");
        const key = `${region} ${pathname}`;
        counts.set(key, (counts.get(key) ?? 0) + 1);
        const meant = searchParams.get("in") ?? region;
        setTimeout(
          () => {
            response.statusCode = meant === region ? Number(searchParams.get("status") ?? 200) : 200;
            response.end(region);
          },
          Number(searchParams.get("ms") ?? 0),
        );
      });
      server.listen(port, address);
      await once(server, "listening");
      return server;
    }),
  );
  return {
    asked: (path) =>
      Object.fromEntries(Object.keys(addresses).map((region) => [region, counts.get(`${region} ${path}`) ?? 0])),
    close: () => {
      for (const server of servers) {
        server.close();
        server.closeAllConnections();
      }
    },
  };
}
