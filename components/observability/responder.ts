import type { Call } from "../core/call.ts";
import { type Duration, seconds } from "../core/duration.ts";
import type { ConfigMap, ServiceAccount } from "../core/kind.ts";
import type { Objects } from "../core/object.ts";
import { quantityValue } from "../core/quantity.ts";
import { checkShape, faultsOf } from "../core/shape.ts";
import type { ConfigTree } from "../workload/config.ts";
import { microservice } from "../workload/microservice.ts";
import { PPROF_PORT } from "../workload/workload.ts";
import { guard, role, roleBinding } from "./responder/access.ts";
import type {
  Role,
  RoleBinding,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
} from "./responder/kind.ts";
import { type AlertResponderProps, alertResponderShape, checkSteps } from "./responder/props.ts";
import { type Target, targetOf } from "./responder/target.ts";
import { scraping } from "./scraping.ts";
import { partProps, withDisks } from "./telemetry/shared.ts";

/** As a microservice, with a StatefulSet in the Deployment's place where it has a disk. */
export interface AlertResponderObjects extends Objects {
  readonly serviceAccount: ServiceAccount;
  /** What it remembers: without it, nothing that was begun could be undone after a restart. */
  readonly state: ConfigMap;
  readonly role: Role;
  readonly roleBinding: RoleBinding;
  /** With scale or isolate. */
  readonly policy?: ValidatingAdmissionPolicy;
  readonly policyBinding?: ValidatingAdmissionPolicyBinding;
}

const PORT = 8080;
const DATA = "/var/lib/responder";
/** Anybody: a policy sees the API server's own address, which a component cannot know. */
const ANYWHERE: readonly string[] = ["0.0.0.0/0", "::/0"];

/** Where Alertmanager finds it. */
export function responderUrl({ name, namespace }: Pick<AlertResponderProps, "name" | "namespace">): string {
  return `http://${name}.${namespace}:${PORT}/alerts`;
}

/**
 * From alert to action: takes Alertmanager's webhook and does the steps that are on, with rights to those and no others.
 * @throws FaultError for steps that could do nothing, or have no bound.
 */
export function alertResponder(props: AlertResponderProps): AlertResponderObjects {
  const faults = faultsOf(props, "responder");
  checkShape(faults, alertResponderShape, props);
  faults.check();
  const targets = Object.fromEntries(
    Object.entries(props.services).map(([name, objects]) => [name, targetOf(objects)] as const),
  );
  checkSteps(faults, props, targets, PPROF_PORT);
  faults.check();
  const known = Object.entries(targets).flatMap(([name, target]) =>
    target === undefined ? [] : [[name, target] as const],
  );
  const { steps, storage } = props;
  const bucket = storage !== undefined && "bucket" in storage ? storage : undefined;
  const disk = storage !== undefined && "disk" in storage ? storage : undefined;
  const file = "responder.yaml";
  const state = `${props.name}-state`;
  const made = microservice({
    ...partProps(props, "", { requests: { cpu: "20m" }, limits: { memory: "256Mi" } }),
    ports: { http: PORT },
    // One alone: what it remembers is safe from a second, but the second would have nothing to do.
    replicas: 1,
    args: [`-config=/etc/${props.name}/${file}`],
    config: { [file]: { content: config(props, Object.fromEntries(known), state) } },
    secrets: { RESPONDER_TOKEN: { ...props.token, file: true }, ...bucket?.secrets },
    ...(disk === undefined ? {} : { volumes: { data: { path: DATA } } }),
    security: { apiToken: { reason: "It reads pods and carries out the steps that its role names." } },
    calls: calls(props, Object.values(Object.fromEntries(known))),
    // What admits Prometheus to this port admits Alertmanager, which stands beside it. Nobody else.
    calledBy: [],
  });
  const { serviceAccount, ...workload } = made;
  const metadata = { ...serviceAccount.metadata };
  const own = known.map(([, target]) => target);
  return {
    ...(disk === undefined
      ? workload
      : withDisks({ ...workload, serviceAccount }, { volume: "data", size: disk.disk })),
    serviceAccount,
    state: { apiVersion: "v1", kind: "ConfigMap", metadata: { ...metadata, name: state } },
    role: role(metadata, steps, own, state),
    roleBinding: roleBinding(metadata, metadata),
    ...guard(metadata, metadata, steps),
    ...scraping({ name: props.name, objects: made }),
  };
}

/** The API server, pods with profiles, the bucket. */
function calls(props: AlertResponderProps, targets: readonly Target[]): readonly Call[] {
  const { apiServer, steps, storage } = props;
  const cidrs = apiServer?.cidrs ?? ANYWHERE;
  const ports = apiServer === undefined ? [443, 6443] : [apiServer.port ?? 6443];
  return [
    ...ports.map((port) => ({ host: "kubernetes.default.svc", port, cidrs })),
    ...(steps.diagnose === undefined
      ? []
      : targets.map(({ name, selector }) => ({ service: name, selector, ports: [PPROF_PORT] }))),
    ...(storage !== undefined && "bucket" in storage ? [{ host: storage.host }] : []),
  ];
}

/** Go knows no days. */
function inGo(span: Duration): string {
  return `${seconds(span)}s`;
}

/** What services/responder reads. */
function config(props: AlertResponderProps, services: Readonly<Record<string, Target>>, state: string): ConfigTree {
  const { name, namespace, steps, storage, cooldown = "15m", dryRun } = props;
  const { diagnose, scale, isolate, archive } = steps;
  return {
    name,
    namespace,
    state,
    tokenFile: "/run/secrets/RESPONDER_TOKEN",
    cooldown: inGo(cooldown),
    ...(dryRun === true ? { dryRun } : {}),
    services: Object.fromEntries(
      Object.entries(services).map(([service, { ports: _, ...target }]) => [service, { ...target }]),
    ),
    ...(diagnose === undefined
      ? {}
      : {
          diagnose: {
            port: PPROF_PORT,
            pods: diagnose.pods ?? 3,
            timeout: inGo(diagnose.timeout ?? "10s"),
            maxBytes: Math.floor(quantityValue(diagnose.size ?? "32Mi") ?? 0),
          },
        }),
    ...(scale === undefined ? {} : { scale: { by: scale.by ?? 2, max: scale.max, hold: inGo(scale.hold ?? "1h") } }),
    ...(isolate === undefined ? {} : { isolate: { keep: inGo(isolate.keep ?? "4h") } }),
    ...(archive === true ? { archive } : {}),
    ...(storage === undefined
      ? {}
      : {
          storage:
            "disk" in storage
              ? { directory: DATA, retention: inGo(storage.retention ?? "720h") }
              : { bucket: { name: storage.bucket, host: storage.host, region: storage.region } },
        }),
  };
}
