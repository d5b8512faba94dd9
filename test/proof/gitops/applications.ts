import type { KubernetesObject } from "../../../components/index.ts";
import type { ClusterApi } from "../../../toolchain/cluster-api.ts";

export type Application = KubernetesObject & {
  readonly metadata: { readonly deletionTimestamp?: string };
  readonly status?: {
    readonly sync?: { readonly status?: string; readonly revision?: string };
    readonly health?: { readonly status?: string };
    readonly history?: readonly unknown[];
    readonly operationState?: { readonly phase?: string; readonly startedAt?: string; readonly message?: string };
    readonly conditions?: readonly { readonly type: string; readonly message: string }[];
    readonly reconciledAt?: string;
    readonly resources?: readonly {
      readonly kind: string;
      readonly name: string;
      readonly status?: string;
      readonly requiresPruning?: boolean;
    }[];
  };
};

/** What was seen of all Applications over a time. */
export interface Watched {
  readonly samples: number;
  /** Application -> how often it was seen in a state other than Synced. */
  readonly outOfSync: Readonly<Record<string, number>>;
  /** Application -> how many comparisons it was seen to make. */
  readonly comparisons: Readonly<Record<string, number>>;
  /** Applications that began a sync meanwhile. */
  readonly syncs: readonly string[];
}

export function applications(api: ClusterApi, namespace: string) {
  const folder = `/apis/argoproj.io/v1alpha1/namespaces/${namespace}/applications`;
  const all = async (): Promise<readonly Application[]> =>
    ((await api(folder)) as { readonly items: readonly Application[] }).items;
  return {
    all,
    one: async (name: string) => (await all()).find(({ metadata }) => metadata.name === name),
    /** A line each of those that are not as they should be. */
    unsettled: async (): Promise<readonly string[]> =>
      (await all()).flatMap(({ metadata, status }) => {
        const { sync, health, operationState, conditions = [] } = status ?? {};
        if (sync?.status === "Synced" && health?.status === "Healthy") return [];
        const said = [operationState?.message, ...conditions.map((one) => one.message)].filter(Boolean).join("; ");
        return [`${metadata.name} ${sync?.status} ${health?.status} ${operationState?.phase ?? ""} ${said}`.trim()];
      }),
    patch: (name: string, body: unknown) =>
      api(`${folder}/${name}`, { method: "PATCH", body, contentType: "application/merge-patch+json" }),
    /** Looks at every Application each half second. */
    watch: async (milliseconds: number, each: (elapsed: number) => void = () => undefined): Promise<Watched> => {
      const outOfSync: Record<string, number> = {};
      const reconciled = new Map<string, Set<string>>();
      const operations = new Map(
        (await all()).map((one) => [one.metadata.name, one.status?.operationState?.startedAt]),
      );
      const syncs = new Set<string>();
      const begun = Date.now();
      let samples = 0;
      while (Date.now() - begun < milliseconds) {
        each(Date.now() - begun);
        for (const { metadata, status } of await all()) {
          const { name } = metadata;
          const wrong = (status?.resources ?? []).filter(
            (one) => one.status !== "Synced" && one.requiresPruning !== true,
          );
          // What the old version still needs goes when the new one has taken over.
          const pruned = status?.resources?.some((one) => one.requiresPruning === true) === true;
          if (status?.sync?.status !== "Synced" && (wrong.length > 0 || !pruned))
            outOfSync[name] = (outOfSync[name] ?? 0) + 1;
          if (status?.operationState?.startedAt !== operations.get(name)) syncs.add(name);
          const times = reconciled.get(name) ?? new Set();
          reconciled.set(name, times.add(status?.reconciledAt ?? ""));
        }
        samples += 1;
        await new Promise((wake) => setTimeout(wake, 500));
      }
      const comparisons = Object.fromEntries([...reconciled].map(([name, times]) => [name, times.size]));
      return { samples, outOfSync, comparisons, syncs: [...syncs] };
    },
  };
}
