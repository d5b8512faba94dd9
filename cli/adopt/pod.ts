import type { CompanionProps, Resources, Secrets, WritableVolume } from "../../components/index.ts";
import type { Found } from "./group.ts";
import { at, given, isMap, list, number, text, textMap, texts } from "./read.ts";
import { environs } from "./variables.ts";

/** What stands in the pod's folders. */
export interface Folders {
  readonly volumes: Readonly<Record<string, WritableVolume>>;
  /** ConfigMap whose keys are files, and where they stand. */
  readonly config?: { readonly name: string; readonly path: string };
  readonly lost: readonly string[];
}

/** Names that a component's pod uses itself. */
const RESERVED: readonly string[] = ["config", "secrets"];

export function foldersOf(pod: unknown, container: unknown, found: Pick<Found, "configMaps">): Folders {
  const volumes: Record<string, WritableVolume> = {};
  const lost: string[] = [];
  let config: Folders["config"];
  for (const volume of list(at(pod, "volumes"))) {
    const name = text(at(volume, "name")) ?? "";
    const mount = list(at(container, "volumeMounts")).find((one) => at(one, "name") === name);
    const path = text(at(mount, "mountPath"))?.replace(/(?<=.)\/+$/, "");
    const reason = (why: string) => lost.push(`volume ${name}: ${why}`);
    if (path === undefined) {
      reason("the main container does not mount it");
      continue;
    }
    if (at(mount, "subPath") !== undefined) {
      reason("it is mounted by subPath");
      continue;
    }
    const configMap = text(at(volume, "configMap", "name"));
    const claim = text(at(volume, "persistentVolumeClaim", "claimName"));
    const empty = at(volume, "emptyDir");
    const own = RESERVED.includes(name) ? `${name}-data` : name;
    if (configMap !== undefined) {
      if (config !== undefined) reason(`one folder of settings only, and ${config.name} is it`);
      else if (!found.configMaps.has(configMap)) reason(`ConfigMap ${configMap} stands in none of the files`);
      else if (at(volume, "configMap", "items") !== undefined) reason("it picks single keys");
      else config = { name: configMap, path };
    } else if (claim !== undefined) volumes[own] = { path, claim };
    else if (isMap(empty)) {
      const memory = at(empty, "medium") === "Memory" ? true : undefined;
      volumes[own] = { path, ...given("size", text(at(empty, "sizeLimit"))), ...given("memory", memory) };
      if (at(empty, "sizeLimit") === undefined) reason("it had no limit, and holds 64Mi now: give it a size");
    } else
      reason(`a component has no volume of ${Object.keys(isMap(volume) ? volume : {}).find((key) => key !== "name")}`);
  }
  return { volumes, lost, ...(config === undefined ? {} : { config }) };
}

export function resourcesOf(container: unknown): Resources {
  const requests = textMap(at(container, "resources", "requests"));
  const limits = textMap(at(container, "resources", "limits"));
  return {
    ...given("requests", { ...given("cpu", requests["cpu"]), ...given("memory", requests["memory"]) }),
    ...given("limits", {
      ...given("cpu", limits["cpu"]),
      ...given("memory", limits["memory"]),
      ...given("ephemeralStorage", limits["ephemeral-storage"]),
    }),
  };
}

const BEFORE = "before this service was adopted";

/** Departures from the restricted defaults that the program lived with; without them it may not start. */
export function securityOf(
  pod: unknown,
  container: unknown,
  ports: Readonly<Record<string, number>>,
  bound: string | undefined,
) {
  const user = number(at(container, "securityContext", "runAsUser") ?? at(pod, "securityContext", "runAsUser"));
  const readOnly = at(container, "securityContext", "readOnlyRootFilesystem") === true;
  const low = Object.values(ports).some((port) => port < 1024);
  const added = texts(at(container, "securityContext", "capabilities", "add"));
  const mounted = at(pod, "automountServiceAccountToken") === true ? "it was mounted" : undefined;
  const token = bound ?? mounted;
  const sleeps = at(container, "lifecycle", "preStop") === undefined || sleepOf(container) !== undefined;
  const lost = [
    ...(sleeps ? [] : ["lifecycle.preStop: a component only waits there; let the program do the rest at SIGTERM"]),
    ...(user === undefined || user === 0
      ? ["securityContext.runAsUser: it ran as the image's own user or root, and runs as 1001 now"]
      : []),
    ...added.filter((one) => one !== "NET_BIND_SERVICE").map((one) => `securityContext.capabilities.add: ${one}`),
  ];
  const security = {
    ...given("user", user === undefined || user === 0 ? undefined : user),
    ...(readOnly ? {} : { writableRoot: { reason: `The root file system was writable ${BEFORE}.` } }),
    ...(low || added.includes("NET_BIND_SERVICE")
      ? { capabilities: { add: ["NET_BIND_SERVICE"], reason: `It listened on a port below 1024 ${BEFORE}.` } }
      : {}),
    ...(token === undefined ? {} : { apiToken: { reason: `It used the Kubernetes API ${BEFORE}: ${token}.` } }),
  };
  return { security, lost };
}

/** Containers beside the main one, by whether they run to their end first. */
export function companionsOf(pod: unknown, folders: Folders, found: Found) {
  const sidecars: Record<string, CompanionProps> = {};
  const initContainers: Record<string, CompanionProps> = {};
  const lost: string[] = [];
  for (const [key, rest] of [
    ["initContainers", list(at(pod, "initContainers"))],
    ["containers", list(at(pod, "containers")).slice(1)],
  ] as const) {
    for (const container of rest) {
      const name = text(at(container, "name")) ?? "";
      const { props, notes } = companionOf(container, folders, found);
      const isSidecar = key === "containers" || at(container, "restartPolicy") === "Always";
      (isSidecar ? sidecars : initContainers)[name] = props;
      lost.push(...notes.map((note) => `container ${name}: ${note}`));
    }
  }
  return { sidecars, initContainers, lost };
}

const COMPANION_KEYS = [
  "name",
  "image",
  "imagePullPolicy",
  "command",
  "args",
  "env",
  "envFrom",
  "ports",
  "resources",
  "volumeMounts",
  "restartPolicy",
];

function companionOf(container: unknown, folders: Folders, found: Found) {
  const { variables, secrets, lost } = environs(container, found);
  const notes = [
    ...lost,
    ...Object.keys(secrets satisfies Secrets).map((name) => `env ${name}: secrets are the main container's`),
  ];
  const volumes: string[] = [];
  let config = false;
  for (const mount of list(at(container, "volumeMounts"))) {
    const path = text(at(mount, "mountPath")) ?? "";
    const volume = Object.keys(folders.volumes).find((name) => folders.volumes[name]?.path === path);
    if (volume !== undefined) volumes.push(volume);
    else if (path === folders.config?.path) config = true;
    else notes.push(`volumeMount ${path}: a volume stands where the main container has it`);
  }
  const ports = Object.fromEntries(
    list(at(container, "ports")).flatMap((one) => {
      const port = number(at(one, "containerPort"));
      return port === undefined ? [] : [[text(at(one, "name")) ?? `tcp-${port}`, port]];
    }),
  );
  for (const key of Object.keys(isMap(container) ? container : {})) if (!COMPANION_KEYS.includes(key)) notes.push(key);
  const props: CompanionProps = {
    image: text(at(container, "image")) ?? "",
    ...given("command", some(texts(at(container, "command")))),
    ...given("args", some(texts(at(container, "args")))),
    ...given("variables", variables),
    ...given("ports", ports),
    ...given("resources", resourcesOf(container)),
    ...given("volumes", some(volumes)),
    ...given("config", config ? true : undefined),
  };
  return { props, notes };
}

/** A list, where it has something in it. */
export function some<T>(values: readonly T[]): readonly T[] | undefined {
  return values.length === 0 ? undefined : values;
}

/** Seconds of a hook that only sleeps; undefined for any other. */
export function sleepOf(container: unknown): number | undefined {
  const hook = at(container, "lifecycle", "preStop");
  const command = texts(at(hook, "exec", "command")).join(" ");
  const slept = /^(?:\/bin\/)?(?:(?:ba)?sh -c )?(?:\/bin\/)?sleep (\d+)$/.exec(command)?.[1];
  return number(at(hook, "sleep", "seconds")) ?? (slept === undefined ? undefined : Number(slept));
}
