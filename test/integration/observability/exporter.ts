import { listen, type Served } from "./server.ts";

/** What a service does between two scrapes. */
export interface Behaviour {
  /** Requests that succeed. */
  good: number;
  /** Requests that end in 500. */
  bad: number;
  /** Pods available of three. */
  available: number;
}

/** A service and its cluster, as Prometheus sees them; the test says how it does. */
export async function openExporter(behaviour: Behaviour): Promise<Served> {
  const counts = { good: 0, bad: 0 };
  return listen(() => {
    counts.good += behaviour.good;
    counts.bad += behaviour.bad;
    const requests = (status: string, count: number) =>
      `http_server_request_duration_seconds_count{http_response_status_code="${status}",http_route="/checkout"} ${count}\n`;
    const deployment = 'namespace="shop",deployment="order"';
    return {
      body: [
        requests("200", counts.good),
        requests("500", counts.bad),
        `kube_deployment_spec_replicas{${deployment}} 3\n`,
        `kube_deployment_status_replicas_available{${deployment}} ${behaviour.available}\n`,
      ].join(""),
    };
  });
}
