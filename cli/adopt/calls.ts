import type { HostCall } from "../../components/index.ts";

const ADDRESS =
  /(?:^|[\s,;="'@]|(?<scheme>[a-z][a-z0-9+.-]*):\/\/(?:[^\s/@]*@)?)(?<host>[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?)(?::(?<port>\d{1,5}))?(?=$|[\s,;/?"'])/gi;

/** Ports that a scheme means. */
const PORTS: Readonly<Record<string, number>> = {
  http: 80,
  https: 443,
  postgres: 5432,
  postgresql: 5432,
  mysql: 3306,
  redis: 6379,
  amqp: 5672,
  amqps: 5671,
  nats: 4222,
};

/** Whom addresses in settings name: services by the Service that they are reached at, and hosts outside. A guess, to be looked over. */
export function callsIn(
  settings: readonly string[],
  services: ReadonlyMap<string, string>,
  own: string,
): readonly (string | HostCall)[] {
  const calls = new Map<string, string | HostCall>();
  for (const text of settings) {
    for (const { groups = {} } of text.matchAll(ADDRESS)) {
      const host = (groups["host"] ?? "").toLowerCase();
      const scheme = groups["scheme"]?.toLowerCase();
      const given = groups["port"] === undefined ? undefined : Number(groups["port"]);
      const [first = "", ...rest] = host.split(".");
      const inCluster = rest.length === 0 || rest[1] === "svc" || rest.length === 1;
      const service = inCluster && (scheme ?? given ?? rest[1]) !== undefined ? services.get(first) : undefined;
      if (service !== undefined) {
        if (service !== own) calls.set(service, service);
        continue;
      }
      const port = given ?? PORTS[scheme ?? ""];
      if (port === undefined || port > 65535 || !/^(?!.*\.svc(\.|$)).+\.[a-z]{2,}$/.test(host)) continue;
      calls.set(`${host}:${port}`, port === 443 ? { host } : { host, port });
    }
  }
  return [...calls.values()];
}
