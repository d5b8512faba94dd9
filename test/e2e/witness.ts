import { join } from "node:path";
import { COMPILED, findGo, goEnvironment } from "../../toolchain/build.ts";
import { ApiError, type ClusterApi, clusterApi, readKubeconfig } from "../../toolchain/cluster-api.ts";
import { ensureParts, loadImage } from "../../toolchain/index.ts";
import { run } from "../../toolchain/process.ts";
import { ROOT } from "../integration/cli.ts";
import { until } from "../integration/observability/server.ts";
import { IMAGE } from "./project.ts";

/** Pods that say what they see. */
export interface Witnesses {
  /** Runs the witness again, inside a pod of that name or of that service; fails with what it said. */
  readonly exec: (pod: string, ...args: readonly string[]) => Promise<string>;
  readonly logs: (service: string) => Promise<string>;
  /** What becomes of a connection to each address: "reached", "dropped", or an error. */
  readonly reach: (pod: string, ...addresses: readonly string[]) => Promise<readonly string[]>;
  /** Of the service's pods that are ready. */
  readonly addresses: (service: string) => Promise<readonly string[]>;
  readonly usage: (service: string) => Promise<{ readonly memory: number } | undefined>;
  readonly removePolicies: () => Promise<readonly Named[]>;
  readonly restorePolicies: (policies: readonly Named[]) => Promise<void>;
  readonly claim: (name: string, size: string) => Promise<void>;
  /** A pod of no component, with a volume at /data where one is claimed; in a namespace that is made where it is missing. */
  readonly pod: (name: string, claim?: string) => Promise<void>;
  /** The images of all pods. */
  readonly images: () => Promise<readonly string[]>;
  readonly remove: (pod: string) => Promise<void>;
}

interface Named {
  readonly metadata: { readonly name: string };
}

interface Pod extends Named {
  readonly spec: { readonly containers: readonly { readonly image: string }[] };
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
  readonly status?: {
    readonly podIP?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

/** Builds the witness and puts its image into the registry of a running real node. */
export async function witnessImage(cluster: string, folder: string): Promise<void> {
  const go = await findGo(process.env);
  const binary = join(folder, "witness");
  const cwd = join(ROOT, "test/e2e/witness");
  const args = ["build", ...COMPILED, "-tags", "grpcnotrace", "-ldflags", "-s -w -buildid=", "-o", binary, "."];
  const { status, stderr } = await run(go.file, args, { cwd, env: goEnvironment(process.env) });
  if (status !== 0) throw new Error(stderr);
  await loadImage(cluster, { name: IMAGE, binary });
}

export function openWitnesses(kubeconfig: string, namespace: string): Witnesses {
  const api = clusterApi(readKubeconfig(kubeconfig));
  const core = `/api/v1/namespaces/${namespace}`;
  const policies = `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies`;
  const list = async <T>(path: string) => ((await api(path)) as { readonly items: readonly T[] }).items;
  const ready = async (service: string) =>
    (await list<Pod>(`${core}/pods?labelSelector=app.kubernetes.io%2Fname%3D${service}`)).filter(isReady);
  const podOf = async (name: string) => (await ready(name))[0]?.metadata.name ?? name;
  const kubectl = async (...args: readonly string[]) => {
    const { file = "kubectl" } = (await ensureParts(["kubectl"])).get("kubectl") ?? {};
    const outcome = await run(file, ["--kubeconfig", kubeconfig, "--namespace", namespace, ...args]);
    if (outcome.status !== 0) throw new Error(outcome.stderr + outcome.stdout);
    return outcome.stdout;
  };
  const exec: Witnesses["exec"] = async (pod, ...args) => kubectl("exec", await podOf(pod), "--", "/witness", ...args);
  return {
    exec,
    logs: async (service) => kubectl("logs", await podOf(service)),
    reach: async (pod, ...addresses) => {
      const lines = (await exec(pod, "reach", ...addresses)).trim().split("\n");
      return lines.map((line) => line.slice(line.indexOf(" ") + 1));
    },
    addresses: async (service) => (await ready(service)).flatMap(({ status }) => status?.podIP ?? []),
    usage: async (service) => usageOf(api, namespace, await podOf(service)),
    removePolicies: async () => {
      const kept = await list<Named>(policies);
      for (const { metadata } of kept) await api(`${policies}/${metadata.name}`, { method: "DELETE" });
      return kept;
    },
    restorePolicies: async (kept) => {
      for (const policy of kept) {
        const { name } = policy.metadata;
        const { labels, annotations } = policy.metadata as { readonly labels?: object; readonly annotations?: object };
        const body = {
          apiVersion: "networking.k8s.io/v1",
          kind: "NetworkPolicy",
          ...policy,
          metadata: { name, namespace, labels, annotations },
        };
        await api(policies, { method: "POST", body });
      }
    },
    claim: async (name, storage) => {
      const spec = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage } } };
      const body = { apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { name }, spec };
      await api(`${core}/persistentvolumeclaims`, { method: "POST", body });
    },
    images: async () =>
      (await list<Pod>(`${core}/pods`)).flatMap(({ spec }) => spec.containers.map(({ image }) => image)),
    pod: async (name, claim) => {
      const body = { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } };
      await api("/api/v1/namespaces", { method: "POST", body }).catch((error: unknown) => {
        if (!(error instanceof ApiError) || error.status !== 409) throw error;
      });
      // A namespace's account comes a moment after it.
      await until(async () => (await list<Named>(`${core}/serviceaccounts`))[0]);
      await api(`${core}/pods`, { method: "POST", body: onePod(name, claim) });
      await until(async () => (isReady((await api(`${core}/pods/${name}`)) as Pod) ? true : undefined));
    },
    remove: async (pod) => {
      await api(`${core}/pods/${pod}?gracePeriodSeconds=1`, { method: "DELETE" });
      await until(async () =>
        (await list<Pod>(`${core}/pods`)).some((one) => one.metadata.name === pod) ? undefined : true,
      );
    },
  };
}

function isReady({ metadata, status }: Pod): boolean {
  const conditions = status?.conditions ?? [];
  const ready = conditions.some((one) => one.type === "Ready" && one.status === "True");
  return metadata.deletionTimestamp === undefined && ready;
}

/** What the metrics API says of a pod; it knows a new one after a while only. */
async function usageOf(api: ClusterApi, namespace: string, pod: string) {
  try {
    const path = `/apis/metrics.k8s.io/v1beta1/namespaces/${namespace}/pods/${pod}`;
    const { containers } = (await api(path)) as {
      readonly containers: readonly { readonly usage: { readonly memory: string } }[];
    };
    const memory = containers[0]?.usage.memory ?? "";
    // The API says it in Ki.
    return memory.endsWith("Ki") ? { memory: Number.parseInt(memory, 10) * 1024 } : undefined;
  } catch (error) {
    if (error instanceof ApiError && (error.status === 404 || error.status === 503)) return undefined;
    throw error;
  }
}

function onePod(name: string, claim: string | undefined) {
  const volumes = claim === undefined ? [] : [{ name: "data", persistentVolumeClaim: { claimName: claim } }];
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name },
    spec: {
      automountServiceAccountToken: false,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 1001,
        runAsGroup: 1001,
        fsGroup: 1001,
        seccompProfile: { type: "RuntimeDefault" },
      },
      containers: [
        {
          name: "witness",
          image: IMAGE,
          readinessProbe: { httpGet: { path: "/readyz", port: 8080 }, periodSeconds: 1 },
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ["ALL"] },
          },
          volumeMounts: volumes.map((volume) => ({ name: volume.name, mountPath: "/data" })),
        },
      ],
      volumes,
    },
  };
}
