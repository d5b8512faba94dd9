import { readdirSync, readFileSync } from "node:fs";

/** Who works while an environment is applied. */
export const WORKERS = ["program", "engine", "provider", "command line", "API server", "etcd", "controllers"] as const;
export type Worker = (typeof WORKERS)[number];

/** Processor seconds by worker. */
export type Shares = Readonly<Record<Worker, number>>;

// What a process's command line says of it; the first that fits.
const SIGNS: readonly (readonly [Worker, RegExp])[] = [
  ["API server", /\/kube-apiserver /],
  ["etcd", /\/etcd /],
  ["controllers", /\/(kube-controller-manager|kube-scheduler|kwok) /],
  ["provider", /pulumi-resource-kubernetes/],
  ["program", /@pulumi\/pulumi\/cmd\/run/],
  ["engine", /pulumi-language-nodejs|\/pulumi /],
  ["command line", /cli\/(main\.ts|bootstrap\.js)/],
];

/** USER_HZ, which Linux fixes for programs. */
const TICKS = 100;

/** Between two looks, in milliseconds. What a process uses between the last look and its end is not seen. */
const LOOK = 50;

/** Watches the processes that carry a mark, such as a folder's path, in their arguments or environment. Linux only. */
export function watch(mark: string): () => Shares {
  const first = new Map<number, number>();
  const last = new Map<number, readonly [Worker, number]>();
  const belongs = new Map<number, Worker | undefined>();
  const look = (): void => {
    for (const entry of readdirSync("/proc")) {
      const pid = Number(entry);
      if (!Number.isInteger(pid)) continue;
      try {
        if (!belongs.get(pid)) belongs.set(pid, workerOf(pid, mark));
        const worker = belongs.get(pid);
        if (worker === undefined) continue;
        const used = seconds(pid);
        if (!first.has(pid)) first.set(pid, born ? 0 : used);
        last.set(pid, [worker, used]);
      } catch {
        // It ended while we looked.
      }
    }
  };
  let born = false;
  look();
  born = true;
  const timer = setInterval(look, LOOK);
  return () => {
    look();
    clearInterval(timer);
    const shares = Object.fromEntries(WORKERS.map((worker) => [worker, 0])) as Record<Worker, number>;
    for (const [pid, [worker, used]] of last) shares[worker] += used - (first.get(pid) ?? 0);
    return shares;
  };
}

function workerOf(pid: number, mark: string): Worker | undefined {
  const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  const worker = SIGNS.find(([, sign]) => sign.test(command))?.[0];
  if (worker === undefined) return undefined;
  return command.includes(mark) || readFileSync(`/proc/${pid}/environ`, "utf8").includes(mark) ? worker : undefined;
}

/** https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function seconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}
