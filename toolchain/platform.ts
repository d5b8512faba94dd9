/** Operating systems and processors that the embedded way runs on, in Go's words. */
export interface Platform {
  readonly os: "linux" | "darwin";
  readonly arch: "amd64" | "arm64";
}

const SYSTEMS: Readonly<Record<string, Platform["os"]>> = { linux: "linux", darwin: "darwin" };
const PROCESSORS: Readonly<Record<string, Platform["arch"]>> = { x64: "amd64", arm64: "arm64" };

/** What Node says about the machine. */
export interface Machine {
  /** `process.platform`. */
  readonly platform: string;
  /** `process.arch`. */
  readonly arch: string;
}

/** Whether parts can be had for this machine; undefined when not. */
export function platformOf(machine: Machine = process): Platform | undefined {
  const os = SYSTEMS[machine.platform];
  const arch = PROCESSORS[machine.arch];
  return os === undefined || arch === undefined ? undefined : { os, arch };
}

/** Why there is no embedded cluster or engine on a machine, and what to do instead. */
export function unsupported(machine: Machine = process): string {
  const instead =
    machine.platform === "win32"
      ? "work inside WSL 2, or install Pulumi and name a cluster of your own with --context"
      : "install Pulumi and name a cluster of your own with --context";
  return `the embedded engine and cluster run on Linux and macOS (x64, arm64), not on ${machine.platform} ${machine.arch}; ${instead}`;
}
