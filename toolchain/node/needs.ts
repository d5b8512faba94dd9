import { mkdirSync, mkdtempSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Environment } from "../places.ts";
import { run } from "../process.ts";
import { onPath } from "../search-path.ts";
import { compareVersions, findVersion } from "../version.ts";
import { controlGroups } from "./control-groups.ts";

/** What a machine says of itself. */
export interface MachineFacts {
  /** `process.platform`. */
  readonly platform: string;
  /** The user's number; 0 is root. */
  readonly user: number | undefined;
  /** Programs that are missing. */
  readonly missing: readonly string[];
  /** Version of nftables; absent when it is missing or does not say one. */
  readonly nftables?: string;
  /** What the kernel refused, in its own words. */
  readonly refused: readonly { readonly what: string; readonly said: string }[];
}

/** Programs of the system that the node is made with, and the package of Debian that holds each. */
export const TOOLS: Readonly<Record<string, string>> = {
  sh: "dash",
  mount: "mount",
  umount: "mount",
  unshare: "util-linux",
  nsenter: "util-linux",
  ip: "iproute2",
  nft: "nftables",
};

/** The first that kube-proxy takes. */
const NFTABLES = "1.0.1";

/** Why a machine cannot be a real node, each as one sentence that says what to do; none when it can. */
export function whyNoNode(facts: MachineFacts): readonly string[] {
  if (facts.platform !== "linux") {
    return ["a real node needs Linux: use kind, minikube or any other cluster here, with --context"];
  }
  const reasons: string[] = [];
  if (facts.user !== 0) reasons.push("a real node needs root: run it with sudo, or use another cluster with --context");
  if (facts.missing.length > 0) {
    const packages = [...new Set(facts.missing.map((tool) => TOOLS[tool] ?? tool))];
    reasons.push(`${facts.missing.join(", ")} missing: apt-get install -y ${packages.join(" ")}`);
  }
  if (facts.nftables !== undefined && compareVersions(facts.nftables, NFTABLES) < 0) {
    reasons.push(`nftables is ${facts.nftables}, kube-proxy wants ${NFTABLES} or newer: upgrade the package nftables`);
  }
  for (const { what, said } of facts.refused) {
    reasons.push(`this kernel or container refuses ${what} (${said}): use a machine of your own or --context`);
  }
  return reasons;
}

/** What is tried, in namespaces that end with it: nothing of the machine is changed. */
const TRIALS: readonly { readonly what: string; readonly unshare: readonly string[]; readonly script: string }[] = [
  { what: "namespaces", unshare: ["--net", "--mount"], script: "true" },
  { what: "links between namespaces", unshare: ["--net"], script: "ip link add trial0 type veth peer name trial1" },
  {
    what: "nftables",
    unshare: ["--net"],
    script:
      "nft 'add table ip t; add chain ip t c { type nat hook postrouting priority 100; }; add rule ip t c masquerade'",
  },
  {
    what: "an overlay of folders",
    unshare: ["--mount"],
    script: 'mount -t overlay overlay -o "lowerdir=$1/lower,upperdir=$1/upper,workdir=$1/work" "$1/all"',
  },
];

/**
 * Asks the machine. Changes nothing that stays.
 * @param folder An existing folder where containers' files would be.
 */
export async function machineFacts(folder: string, env: Environment = process.env): Promise<MachineFacts> {
  const user = process.getuid?.();
  const platform = process.platform;
  if (platform !== "linux") return { platform, user, missing: [], refused: [] };
  const missing = Object.keys(TOOLS).filter((tool) => onPath(tool, env) === undefined);
  const nft = missing.includes("nft") ? undefined : await run("nft", ["--version"], { env });
  const nftables = nft === undefined ? undefined : findVersion(nft.stdout);
  const refused = user === 0 && missing.length === 0 ? [...(await trials(folder, env)), ...groupTrial()] : [];
  return { platform, user, missing, refused, ...(nftables === undefined ? {} : { nftables }) };
}

async function trials(folder: string, env: Environment): Promise<MachineFacts["refused"]> {
  const place = mkdtempSync(join(folder, ".trial-"));
  for (const name of ["lower", "upper", "work", "all"]) mkdirSync(join(place, name));
  try {
    const outcomes = await Promise.all(
      TRIALS.map(async ({ what, unshare, script }) => {
        const outcome = await run("unshare", [...unshare, "sh", "-c", script, "sh", place], { env, timeout: 10_000 });
        return outcome.status === 0 ? [] : [{ what, said: firstLine(outcome.stderr) }];
      }),
    );
    return outcomes.flat();
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

function groupTrial(): MachineFacts["refused"] {
  const what = "control groups";
  const groups = controlGroups();
  if (groups.length === 0) return [{ what, said: "/sys/fs/cgroup is not mounted" }];
  for (const { folder } of groups) {
    const trial = join(folder, `fairlead-trial-${process.pid}`);
    try {
      mkdirSync(trial);
      rmdirSync(trial);
    } catch (error) {
      return [{ what, said: error instanceof Error ? error.message : String(error) }];
    }
  }
  return [];
}

function firstLine(text: string): string {
  return text.trim().split("\n")[0] ?? "";
}
