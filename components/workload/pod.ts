import { constant } from "../core/constant.ts";
import type { Container, PodSpec, PodTemplate, Volume } from "../core/kind.ts";
import { selectorLabels } from "../core/name.ts";
import { type Configuration, configVolume, keptConfigHash } from "./config.ts";
import { companion, containerPorts, containerSecurity, type Mounts } from "./container.ts";
import { goVariables } from "./go-runtime.ts";
import { type Grpc, grpcServerVariables } from "./grpc.ts";
import { secretVariables, secretVolume } from "./secret.ts";
import type { StoppingTimes } from "./stopping.ts";
import {
  DELVE_PORT,
  debugPorts,
  mainResources,
  PPROF_PORT,
  VOLUME_SIZE,
  type WorkloadProps,
  type WritableVolume,
} from "./workload.ts";

/** What a pod has beyond what every workload has. */
export interface PodFacts {
  readonly labels: Readonly<Record<string, string>>;
  readonly config: Configuration;
  /** What selects the pods. @default app.kubernetes.io/name: <name> */
  readonly selector?: Readonly<Record<string, string>>;
  /** @default the component's name */
  readonly serviceAccount?: string;
  /** Folder of the configuration files. @default "/etc/<name>" */
  readonly configPath?: string | undefined;
  /** Ports of the main container by name. */
  readonly ports: Readonly<Record<string, number>>;
  readonly probes: Pick<Container, "startupProbe" | "livenessProbe" | "readinessProbe">;
  /** Absent for a job, which is not drained. */
  readonly stopping?: StoppingTimes;
  /** @default "Always" */
  readonly restart?: "OnFailure" | "Never";
  /** @default "preferred" */
  readonly spread?: "required" | "preferred" | false;
  /** How long connections live, of a pod with a port called grpc. */
  readonly grpc?: Grpc;
}

/** The pod of a workload: restricted, spread, and told what the Go runtime must know. */
export function podTemplate(props: WorkloadProps, facts: PodFacts): PodTemplate {
  const annotations = { ...deviations(props), ...keptConfigHash(facts.config) };
  return {
    metadata: { labels: facts.labels, ...(Object.keys(annotations).length === 0 ? {} : { annotations }) },
    spec: podSpec(props, facts),
  };
}

function podSpec(props: WorkloadProps, facts: PodFacts): PodSpec {
  const user = props.security?.user ?? USER;
  const mounts = podMounts(props, facts);
  const volumes = podVolumes(props, facts.config);
  const before = [
    ...companions(props.initContainers, mounts),
    // A restartable init container: started before the main one, stopped after it. https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/
    ...companions(props.sidecars, mounts).map((sidecar) => ({ ...sidecar, restartPolicy: "Always" as const })),
  ];
  return {
    serviceAccountName: facts.serviceAccount ?? props.name,
    automountServiceAccountToken: props.security?.apiToken !== undefined,
    // Hundreds of *_SERVICE_HOST variables help nobody who has DNS.
    enableServiceLinks: false,
    securityContext: user === USER ? RESTRICTED : restrictedTo(user),
    ...(props.priorityClass === undefined ? {} : { priorityClassName: props.priorityClass }),
    ...(facts.restart === undefined ? {} : { restartPolicy: facts.restart }),
    ...(facts.stopping === undefined ? {} : { terminationGracePeriodSeconds: facts.stopping.grace }),
    ...spread(props.name, facts),
    ...(before.length === 0 ? {} : { initContainers: before }),
    containers: [mainContainer(props, facts, mounts)],
    ...(volumes.length === 0 ? {} : { volumes }),
  };
}

/** The user and group of programs that name none. */
const USER = 1001;

function restrictedTo(user: number): NonNullable<PodSpec["securityContext"]> {
  return {
    runAsNonRoot: true,
    runAsUser: user,
    runAsGroup: user,
    fsGroup: user,
    fsGroupChangePolicy: "OnRootMismatch",
    seccompProfile: { type: "RuntimeDefault" },
  };
}

const RESTRICTED = constant(restrictedTo(USER));

function companions(group: WorkloadProps["sidecars"], mounts: Mounts): readonly Container[] {
  return Object.entries(group ?? {}).map(([name, container]) => companion(name, container, mounts));
}

// Counts the pods of one revision only, or an update would end lopsided. A pod has one of the two labels, by whether a
// Deployment or a Rollout made it, and Kubernetes leaves out the other.
const REVISION = constant(["pod-template-hash", "rollouts-pod-template-hash"]);

function spread(name: string, facts: PodFacts): Pick<PodSpec, "topologySpreadConstraints"> {
  const wish = facts.spread ?? "preferred";
  if (wish === false) return {};
  const over = (topologyKey: string) => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: wish === "required" ? ("DoNotSchedule" as const) : ("ScheduleAnyway" as const),
    labelSelector: { matchLabels: facts.selector ?? selectorLabels(name) },
    matchLabelKeys: REVISION,
  });
  return { topologySpreadConstraints: [over("topology.kubernetes.io/zone"), over("kubernetes.io/hostname")] };
}

function mainContainer(props: WorkloadProps, facts: PodFacts, mounts: Mounts): Container {
  const resources = mainResources(props);
  const ports = { ...facts.ports, ...debugPorts(props.debug) };
  const env = variables(props, facts);
  return {
    name: props.name,
    image: props.image,
    // A tag or digest always means the same image here, so a node that has it need not ask the registry.
    imagePullPolicy: "IfNotPresent",
    ...commandLine(props),
    ...(Object.keys(ports).length === 0 ? {} : { ports: containerPorts(ports) }),
    ...(facts.config.variables === undefined
      ? {}
      : { envFrom: [{ configMapRef: { name: facts.config.variables.metadata.name } }] }),
    ...(env.length === 0 ? {} : { env }),
    resources,
    ...probes(props, facts),
    ...(facts.stopping === undefined || facts.stopping.preStop === 0
      ? {}
      : // The kubelet itself sleeps, so the image needs no shell.
        { lifecycle: { preStop: { sleep: { seconds: facts.stopping.preStop } } } }),
    securityContext: containerSecurity(props.security),
    ...(mounts.all.length === 0 ? {} : { volumeMounts: mounts.all }),
  };
}

/** Under a debugger a program that stands still is looked at, and must not be killed for it. */
function probes(props: WorkloadProps, facts: PodFacts): PodFacts["probes"] {
  if (props.debug?.delve !== true) return facts.probes;
  const { livenessProbe: _, ...others } = facts.probes;
  return others;
}

function commandLine(props: WorkloadProps): Pick<Container, "command" | "args"> {
  if (props.debug?.delve !== true) {
    return {
      ...(props.command === undefined ? {} : { command: props.command }),
      ...(props.args === undefined ? {} : { args: props.args }),
    };
  }
  const [program = "", ...rest] = props.command ?? [];
  return {
    command: ["dlv", "exec", program],
    args: [
      "--headless",
      `--listen=:${DELVE_PORT}`,
      "--api-version=2",
      "--accept-multiclient",
      "--continue",
      "--",
      ...rest,
      ...(props.args ?? []),
    ],
  };
}

function variables(props: WorkloadProps, facts: PodFacts): NonNullable<Container["env"]> {
  const plain: Readonly<Record<string, string>> = {
    ...(props.go === false ? {} : goVariables(mainResources(props), props.go)),
    ...(facts.stopping === undefined ? {} : { DRAIN_TIMEOUT: `${facts.stopping.drain}s` }),
    ...(facts.stopping === undefined || facts.ports["grpc"] === undefined
      ? {}
      : grpcServerVariables(facts.grpc, facts.stopping.drain)),
    ...(props.debug?.pprof === true ? { PPROF_PORT: String(PPROF_PORT) } : {}),
    ...(Object.keys(props.config ?? {}).length === 0 ? {} : { CONFIG_DIR: configFolder(props, facts) }),
  };
  // What the user sets wins over what is derived.
  const own = new Set([
    ...Object.keys(props.variables ?? {}),
    ...Object.keys(props.outputs ?? {}),
    ...Object.keys(props.secrets ?? {}),
  ]);
  return [
    ...Object.entries(plain).flatMap(([name, value]) => (own.has(name) ? [] : [{ name, value }])),
    ...Object.entries(props.outputs ?? {}).map(([name, value]) => ({ name, value })),
    ...secretVariables(props.name, props.secrets),
  ];
}

function podVolumes(props: WorkloadProps, config: Configuration): readonly Volume[] {
  const own = [configVolume(config), secretVolume(props.name, props.secrets)].flatMap((volume) =>
    volume === undefined ? [] : [volume],
  );
  return [...own, ...Object.entries(props.volumes ?? {}).map(([name, volume]) => writable(name, volume))];
}

function writable(name: string, volume: WritableVolume): Volume {
  if (volume.claim !== undefined) return { name, persistentVolumeClaim: { claimName: volume.claim } };
  return {
    name,
    emptyDir: { sizeLimit: volume.size ?? VOLUME_SIZE, ...(volume.memory === true ? { medium: "Memory" } : {}) },
  };
}

function configFolder(props: WorkloadProps, facts: PodFacts): string {
  return facts.configPath ?? `/etc/${props.name}`;
}

function podMounts(props: WorkloadProps, facts: PodFacts): Mounts {
  const configMounts =
    configVolume(facts.config) === undefined
      ? []
      : [{ name: "config", mountPath: configFolder(props, facts), readOnly: true }];
  const secretMounts =
    secretVolume(props.name, props.secrets) === undefined
      ? []
      : [{ name: "secrets", mountPath: "/run/secrets", readOnly: true }];
  const named = Object.fromEntries(
    Object.entries(props.volumes ?? {}).map(([name, volume]) => [name, { name, mountPath: volume.path }]),
  );
  return { all: [...configMounts, ...secretMounts, ...Object.values(named)], config: configMounts, named };
}

/** The reasons for every departure from the restricted defaults, where a reviewer finds them. */
function deviations(props: WorkloadProps): Readonly<Record<string, string>> {
  const { writableRoot, capabilities, apiToken } = props.security ?? {};
  return {
    ...(writableRoot === undefined ? {} : { "fairlead.dev/why-writable-root": writableRoot.reason }),
    ...(capabilities === undefined ? {} : { "fairlead.dev/why-capabilities": capabilities.reason }),
    ...(apiToken === undefined ? {} : { "fairlead.dev/why-api-token": apiToken.reason }),
  };
}
