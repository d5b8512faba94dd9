import { spawn } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { ensureParts, type ToolchainOptions } from "../ensure.ts";
import { lastLines, ToolchainError } from "../failure.ts";
import { freePorts } from "../ports.ts";

/** A registry of this machine. */
export interface LocalRegistryOptions extends ToolchainOptions {
  /** Where images and the registry's configuration are kept; nothing is removed. */
  readonly folder: string;
  /** Who may enter: lines of an htpasswd file, hashed by bcrypt. @default everybody on this machine */
  readonly users?: string;
  /** @default a free one */
  readonly port?: number;
  /** Lets the registry live on when this process ends. @default false */
  readonly detached?: boolean;
}

export interface LocalRegistry {
  /** "127.0.0.1:5000": the first part of every image's name. */
  readonly address: string;
  readonly pid: number;
  readonly stop: () => Promise<void>;
}

/** Starts the registry of github.com/distribution/distribution on loopback, and waits until it answers. */
export async function startRegistry(options: LocalRegistryOptions): Promise<LocalRegistry> {
  const { folder, users, detached = false, port = (await freePorts(1))[0] ?? 0, ...toolchain } = options;
  const file = (await ensureParts(["registry"], toolchain)).get("registry")?.file ?? "registry";
  const address = `127.0.0.1:${port}`;
  await mkdir(folder, { recursive: true });
  const config = join(folder, "config.yml");
  if (users !== undefined) await writeFile(join(folder, "users"), users, { mode: 0o600 });
  await writeFile(config, configuration(folder, address, users !== undefined));
  // Nothing of a trace exporter that this shell may name for somebody else.
  const env = { ...process.env, OTEL_TRACES_EXPORTER: "none" };
  const child = spawn(file, ["serve", config], {
    env,
    detached,
    stdio: ["ignore", "ignore", detached ? "ignore" : "pipe"],
  });
  let said = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    said = lastLines(said + text);
  });
  const ended = new Promise<string>((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("close", (status) => resolve(`it ended with status ${status}`));
  });
  for (let tries = 0; tries < 200; tries++) {
    const answers = fetch(`http://${address}/v2/`).then(
      ({ status }) => status === 200 || status === 401,
      () => false,
    );
    const over = await Promise.race([answers, ended]);
    if (typeof over === "string") throw new ToolchainError(`the registry does not start: ${over}\n${said}`);
    if (over) {
      if (detached) child.unref();
      const stop = async () => {
        child.kill("SIGTERM");
        await ended;
      };
      return { address, pid: child.pid ?? 0, stop };
    }
    await delay(50);
  }
  child.kill("SIGKILL");
  throw new ToolchainError(`the registry does not answer at ${address}\n${said}`);
}

function configuration(folder: string, address: string, guarded: boolean): string {
  const config = {
    version: 0.1,
    log: { level: "warn", accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(folder, "data") }, delete: { enabled: true } },
    ...(guarded ? { auth: { htpasswd: { realm: "registry", path: join(folder, "users") } } } : {}),
    http: { addr: address },
  };
  // JSON is YAML.
  return `${JSON.stringify(config, null, 2)}\n`;
}
