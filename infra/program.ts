import {
  checkEnvironment,
  components,
  type Environment,
  loadTests,
  type ServiceLevelProgram,
  type Settings,
  serviceLevels,
  type WorkflowProgram,
} from "../components/index.ts";
import { delivery } from "./delivery.ts";
import { gatewayOf } from "./edge.ts";
import { environmentRow, environments } from "./environments.ts";
import { platform } from "./platform.ts";
import { responder, responderOf } from "./responder.ts";
import { services } from "./services.ts";
import { telemetry, telemetryOf } from "./telemetry.ts";

/** The shop: five services that take an order from the cart to the door, and what they stand on. */
export const program: ServiceLevelProgram & WorkflowProgram = {
  project: "shop",
  environments: Object.keys(environments),
  texts: ["namespace", "version"],
  build: buildEnvironment,
  serviceLevels: (name, settings) => serviceLevels(services, { ...environmentRow(name, settings), partOf: "shop" }),
  loadTests: (name, settings) =>
    loadTests(services, { ...environmentRow(name, settings), partOf: "shop", environment: name }),
  // The services' images are built where their code is; here is what they run in.
  workflows: {
    pullRequestEnvironment: { like: "dev", timeToLive: "48h" },
    command: "node cli/bootstrap.js",
    gates: { lint: "npm run check", unit: "npm run test:unit", integration: "npm test" },
  },
};

function buildEnvironment(name: string, settings: Settings): Environment {
  const row = environmentRow(name, settings);
  const diagnosedBy = responderOf(row);
  const setting = {
    ...row,
    partOf: "shop",
    telemetry: telemetryOf(row, name),
    gateway: gatewayOf(row),
    ...(diagnosedBy === undefined ? {} : { diagnosedBy }),
  };
  const made = components(services, setting);
  const described: Environment = {
    name,
    members: { ...platform(row, services), ...telemetry(row), ...responder(row, made), ...made },
    outputs: { namespace: row.namespace, endpoints: endpoints(row.namespace), versions: versions(row) },
  };
  const environment = delivery(described, row);
  checkEnvironment(environment);
  return environment;
}

/** Where each service answers inside the cluster. */
function endpoints(namespace: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(services).flatMap(([name, entry]) =>
      "ports" in entry ? [[name, `http://${name}.${namespace}:${entry.ports.http}`]] : [],
    ),
  );
}

function versions(row: ReturnType<typeof environmentRow>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.keys(services).map((name) => [
      name,
      row.overrides[name]?.digest ?? row.overrides[name]?.version ?? row.version,
    ]),
  );
}
