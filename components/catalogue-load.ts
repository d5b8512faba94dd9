import type { Catalogue, ServiceEntry, Setting } from "./catalogue.ts";
import { isService } from "./catalogue-check.ts";
import { serviceLevels } from "./catalogue-telemetry.ts";
import type { LoadRequest, LoadTestProps } from "./observability/index.ts";
import type { Route } from "./traffic/route-props.ts";

/** The load tests of those services of a catalogue that promise something, in one environment. */
export function loadTests(
  entries: Catalogue,
  setting: Pick<Setting, "namespace" | "partOf"> & { readonly environment: string },
): Readonly<Record<string, LoadTestProps>> {
  const { namespace, environment } = setting;
  return Object.fromEntries(
    Object.entries(serviceLevels(entries, setting)).flatMap(([name, level]) => {
      const entry = entries[name];
      if (entry === undefined || !isService(entry)) return [];
      const { http, grpc } = entry.ports;
      const load = entry.slo?.load ?? {};
      const test: LoadTestProps = {
        environment,
        level,
        load: { ...load, requests: load.requests ?? routeRequests(entry) },
        ...(http === undefined ? {} : { http: `http://${name}.${namespace}:${http}` }),
        ...(grpc === undefined ? {} : { grpc: `${name}.${namespace}:${grpc}` }),
      };
      return [[name, test]];
    }),
  );
}

/** A GET of each path that requests from outside have, as the service sees it. */
function routeRequests({ route }: ServiceEntry): Readonly<Record<string, LoadRequest>> {
  const routes: readonly Route[] = route === undefined ? [] : Array.isArray(route) ? route : [route as Route];
  const read = routes.filter(({ grpc, methods }) => grpc === undefined && (methods?.includes("GET") ?? true));
  const paths = read.flatMap(({ path = "/", rewrite }) =>
    rewrite === undefined ? [path].flat().map((one) => (typeof one === "string" ? one : one.exact)) : [rewrite],
  );
  return Object.fromEntries([...new Set(paths)].map((path, index) => [`route-${index + 1}`, { path }]));
}
