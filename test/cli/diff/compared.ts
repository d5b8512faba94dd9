import { type Diff, diffOf, type EnvironmentDiff } from "../../../cli/diff/report.ts";
import type { Side } from "../../../cli/diff/side.ts";
import { snapshot } from "../../../cli/diff/snapshot.ts";
import type { KubernetesObject, Objects } from "../../../components/index.ts";

/** Component -> role -> object. */
export type Members = Readonly<Record<string, Objects>>;

export function side(label: string, members: Members, roles = true, environment = "prod"): Side {
  const entries = Object.entries(members).map(([name, objects]) => [name, { type: "x:y:Z", objects }]);
  return { label, snapshots: [snapshot({ name: environment, members: Object.fromEntries(entries) }, roles)] };
}

export function compared(before: Members, after: Members, roles = true): Diff {
  return diffOf(side("base", before, roles), side("head", after, roles));
}

/** What a change does to the one environment. */
export function changed(before: Members, after: Members, roles = true): EnvironmentDiff {
  const [only] = compared(before, after, roles).environments;
  if (only === undefined) throw new Error("no environment was compared");
  return only;
}

/** Any object; what it says beside its name is the test's. */
export function object(apiVersion: string, kind: string, name: string, rest: object = {}): KubernetesObject {
  const isClusterWide = /^(?:Namespace|Cluster|StorageClass|PriorityClass|IngressClass|CustomResource)/.test(kind);
  return { apiVersion, kind, metadata: { name, ...(isClusterWide ? {} : { namespace: "shop" }) }, ...rest };
}

export interface PodOptions {
  readonly image?: string;
  readonly cpu?: string;
  readonly replicas?: number;
  readonly spec?: object;
  readonly container?: object;
  readonly annotations?: Readonly<Record<string, string>>;
}

export function deployment(name: string, options: PodOptions = {}): KubernetesObject {
  const { image = "shop/order:1", cpu = "100m", replicas, spec = {}, container = {}, annotations } = options;
  const labels = { "app.kubernetes.io/name": name };
  const requests = { cpu, memory: "128Mi" };
  return object("apps/v1", "Deployment", name, {
    spec: {
      ...(replicas === undefined ? {} : { replicas }),
      selector: { matchLabels: labels },
      template: {
        metadata: { labels, ...(annotations === undefined ? {} : { annotations }) },
        spec: { containers: [{ name, image, resources: { requests }, ...container }], ...spec },
      },
    },
  });
}
