import { spawn } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, rmdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { onPath } from "../../../toolchain/search-path.ts";
import { run } from "../../integration/process.ts";

/** A Docker engine of this test alone. */
export interface DockerEngine {
  readonly host: string;
  /** Where it keeps layers and build cache. */
  readonly data: string;
  readonly docker: (...args: readonly string[]) => Promise<string>;
  readonly stop: () => Promise<void>;
}

/** A program of this machine, or what to install. */
export function program(name: string, from: string): string {
  const file = onPath(name, process.env);
  if (file === undefined) throw new Error(`this proof needs ${name} on PATH: ${from}`);
  return file;
}

/** Starts dockerd as root, without a network of its own: no bridge, and no rule of the firewall, is made or left. */
export async function startDocker(folder: string): Promise<DockerEngine> {
  const file = program("dockerd", "apt-get install docker.io, or https://docs.docker.com/engine/install/");
  const socket = join(folder, "docker.sock");
  const host = `unix://${socket}`;
  const data = join(folder, "data");
  mkdirSync(folder, { recursive: true });
  const group = `fairlead-proof-${process.pid}`;
  const args = [
    ...["--cgroup-parent", `/${group}`],
    ...["--host", host, "--data-root", data, "--exec-root", join(folder, "exec"), "--pidfile", join(folder, "pid")],
    ...["--bridge", "none", "--iptables=false", "--ip6tables=false", "--ip-forward=false", "--ip-masq=false"],
  ];
  const child = spawn(file, args, { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-4_000);
  });
  const ended = new Promise<void>((fulfil) => child.on("close", () => fulfil()));
  const docker = async (...words: readonly string[]) => {
    const outcome = await run("docker", words, { cwd: folder, env: { DOCKER_HOST: host } });
    if (outcome.status !== 0) throw new Error(`docker ${words.join(" ")} failed:\n${outcome.stderr}`);
    return outcome.stdout;
  };
  for (let tries = 0; tries < 300; tries++) {
    if (child.exitCode !== null) break;
    const answers = await run("docker", ["version"], { cwd: folder, env: { DOCKER_HOST: host } });
    if (answers.status === 0) {
      const stop = async () => {
        child.kill("SIGTERM");
        await ended;
        removeGroup(group);
      };
      return { host, data, docker, stop };
    }
    await delay(100);
  }
  child.kill("SIGTERM");
  throw new Error(`dockerd does not answer:\n${said}`);
}

/** The empty control groups that an engine leaves, one for each controller or one for all, and what is below them. */
function removeGroup(group: string): void {
  const root = "/sys/fs/cgroup";
  for (const place of [root, ...foldersIn(root)]) {
    const folder = join(place, group);
    if (existsSync(folder)) removeFolders(folder);
  }
}

/** A control group's files go with it; the groups below it go first. */
function removeFolders(folder: string): void {
  for (const inner of foldersIn(folder)) removeFolders(inner);
  rmdirSync(folder);
}

function foldersIn(folder: string): readonly string[] {
  const entries = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return entries.map(({ name }) => join(folder, name));
}

/** An image with this machine's Go, a shell, and a certificate authority more: what no registry has to be asked for. */
export async function importGo(engine: DockerEngine, folder: string, name: string, authority: string): Promise<void> {
  const root = join(folder, "root");
  for (const part of ["bin", "usr/local", "root", "tmp", "etc/ssl/certs"])
    mkdirSync(join(root, part), { recursive: true });
  cpSync(program("busybox", "apt-get install busybox-static"), join(root, "bin/busybox"), { dereference: true });
  symlinkSync("busybox", join(root, "bin/sh"));
  const goroot = (await run("go", ["env", "GOROOT"], { cwd: folder })).stdout.trim();
  mkdirSync(join(root, "usr/local/go"));
  for (const part of readdirSync(goroot)) {
    if (part !== "test" && part !== "doc" && part !== "api")
      cpSync(join(goroot, part), join(root, "usr/local/go", part), { recursive: true });
  }
  writeFileSync(join(root, "etc/ssl/certs/ca-certificates.crt"), authority);
  writeFileSync(join(root, "etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n");
  chmodSync(join(root, "tmp"), 0o1777);
  const archive = join(folder, "root.tar");
  const packed = await run("tar", ["-C", root, "-cf", archive, "."], { cwd: folder });
  if (packed.status !== 0) throw new Error(packed.stderr);
  const env = "ENV PATH=/usr/local/go/bin:/bin GOTOOLCHAIN=local HOME=/root";
  await engine.docker("import", "--change", env, archive, name);
}
