import { execFileSync } from "node:child_process";
import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What a machine looks like from outside: each part as lines that may be compared. */
export type Machine = Readonly<Record<string, readonly string[]>>;

/** Settings that the kernel changes by itself, or by what any program does. */
const RESTLESS =
  /^\/proc\/sys\/(?:fs\/(?:dentry-state|file-nr|inode-nr|inode-state|quota|aio-nr|.*-nr$)|kernel\/(?:random|ns_last_pid|pty\/nr|perf_event_max_sample_rate)|net\/netfilter\/nf_conntrack_count|net\/ipv4\/(?:conf|neigh)\/fairlead0)/;

/** Looks at everything of a machine that a node could leave behind. */
export function lookAtMachine(): Machine {
  return {
    links: lines("ip", "-o", "link").map((line) => line.replace(/^\d+: /, "").replace(/ state .*/, "")),
    addresses: lines("ip", "-o", "address").map((line) => line.replace(/^\d+: /, "").replace(/valid_lft.*/, "")),
    routes: lines("ip", "route", "show", "table", "all"),
    "rules of nftables": lines("nft", "list", "ruleset"),
    "rules of iptables": existing(["iptables-save", "iptables-legacy-save"]).flatMap((program) =>
      lines(program).filter((line) => !line.startsWith("#") && !/^:[A-Z]+ ACCEPT/.test(line)),
    ),
    mounts: readFileSync("/proc/self/mounts", "utf8").trim().split("\n"),
    settings: files("/proc/sys").flatMap((file) => (RESTLESS.test(file) ? [] : [`${file} ${contentOf(file)}`])),
    "control groups": folders("/sys/fs/cgroup").filter((one) => !one.includes("/process_api")),
    "switches of control groups": folders("/sys/fs/cgroup", 0).map(
      (one) => `${one} ${contentOf(join(one, "cgroup.subtree_control"))}`,
    ),
    folders: [
      "/run",
      "/var/lib",
      "/var/lib/kubelet",
      "/var/lib/cni",
      "/var/log",
      "/opt",
      "/etc",
      "/etc/cni",
      "/usr/libexec",
    ].flatMap(entries),
    namespaces: entries("/run/netns"),
    programs: programs(),
  };
}

/** What is different, as lines with + and -; nothing when nothing is. */
export function differences(before: Machine, after: Machine): readonly string[] {
  return Object.keys({ ...before, ...after }).flatMap((part) => {
    const [old = [], now = []] = [before[part], after[part]];
    const [had, has] = [new Set(old), new Set(now)];
    return [
      ...old.filter((line) => !has.has(line)).map((line) => `${part}: - ${line}`),
      ...now.filter((line) => !had.has(line)).map((line) => `${part}: + ${line}`),
    ];
  });
}

function lines(program: string, ...args: readonly string[]): readonly string[] {
  return execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] })
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

function existing(programs: readonly string[]): readonly string[] {
  return programs.filter((name) =>
    (process.env["PATH"] ?? "").split(":").some((folder) => entries(folder).includes(join(folder, name))),
  );
}

function entries(folder: string): readonly string[] {
  try {
    return readdirSync(folder).map((name) => join(folder, name));
  } catch {
    return [];
  }
}

function files(folder: string): readonly string[] {
  return entries(folder).flatMap((path) => (lstatSync(path).isDirectory() ? files(path) : [path]));
}

function folders(folder: string, depth = 3): readonly string[] {
  if (depth < 0) return [];
  const children = entries(folder).filter((path) => lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true);
  return [folder, ...children.flatMap((path) => folders(path, depth - 1))];
}

/** Programs that were called with a path of a node: each of its own is. */
function programs(): readonly string[] {
  return readdirSync("/proc").flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    const command = contentOf(`/proc/${pid}/cmdline`).replaceAll("\0", " ");
    return /\/cluster\/node\/bin\/|\/run\/fairlead-node/.test(command) ? [command] : [];
  });
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return "";
  }
}
