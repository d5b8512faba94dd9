import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, closeSync, globSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { lastLines } from "../../toolchain/failure.ts";
import { NETWORK, nodeFiles } from "../../toolchain/node/layout.ts";
import { freePorts } from "../../toolchain/ports.ts";
import { processesUnder, run } from "../../toolchain/process.ts";

/** Of the range that the catalogue lets services out to. */
const ADDRESS = "192.0.2.1";
const RANGE = "192.0.2.0/24";
const PORTS = { postgres: 5432, rabbitmq: 5672 };
const DATABASES = ["user", "order", "payment", "inventory", "shipment"];
/** Neither server runs as root. */
const NOBODY = 65534;

/** A server that can be lost. */
export interface Server {
  /** Ends it as a power cut does; who was answered before was promised that it is kept. */
  readonly stop: () => Promise<void>;
  /** Begins it with what it kept, and waits until it answers. */
  readonly start: () => Promise<void>;
  /** Connections that clients have to it. */
  readonly connections: () => Promise<number>;
}

/** PostgreSQL and RabbitMQ on this machine, where pods of its node reach them. */
export interface Servers {
  readonly database: Server;
  readonly broker: Server;
  /** What the secrets of the services say, by their keys in the store. */
  readonly vault: Readonly<Record<string, string>>;
  /** Shows a node the way here. */
  readonly reached: (cluster: string) => Promise<void>;
  /** Asks the database of a service, past the service: rows of columns. */
  readonly query: (service: string, statement: string) => Promise<readonly (readonly string[])[]>;
  readonly close: () => Promise<void>;
}

/**
 * Starts both.
 * @throws Error that names the packages where the programs are missing.
 */
export async function startServers(): Promise<Servers> {
  const postgres = dirname(installed("/usr/lib/postgresql/*/bin/initdb"));
  const rabbitmq = installed("/usr/lib/rabbitmq/lib/*/sbin/rabbitmq-server");
  const folder = mkdtempSync(join(tmpdir(), "fairlead-servers-"));
  chownSync(folder, NOBODY, NOBODY);
  await done("ip", "address", "replace", `${ADDRESS}/32`, "dev", "lo");
  const broker = await brokerIn(folder, rabbitmq);
  const database = await databaseIn(folder, postgres);
  const query: Servers["query"] = async (service, statement) => {
    const args = ["-h", folder, "-U", "shop", "-d", service, "-At", "-F", "\t", "-c", statement];
    const said = await done(join(postgres, "psql"), ...args);
    return said.split("\n").flatMap((line) => (line === "" ? [] : [line.split("\t")]));
  };
  const close = async () => {
    await Promise.all([database.stop(), broker.stop()]);
    await broker.end();
    await done("ip", "address", "delete", `${ADDRESS}/32`, "dev", "lo");
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await Promise.all([database.start(), broker.start()]);
    for (const name of DATABASES) await done(join(postgres, "createdb"), "-h", folder, "-U", "shop", name);
  } catch (error) {
    await close();
    throw error;
  }
  return { database, broker, vault: vault(), reached, query, close };
}

function vault(): Readonly<Record<string, string>> {
  const databases = DATABASES.map((name) => [
    `shop/${name}/database-url`,
    `postgres://shop@${ADDRESS}:${PORTS.postgres}/${name}?sslmode=disable`,
  ]);
  const broker = ["shop/order/broker-url", `amqp://guest:guest@${ADDRESS}:${PORTS.rabbitmq}/`];
  return Object.fromEntries([...databases, broker]) as Record<string, string>;
}

/** The node's network knows no address outside; this route ends with it. */
async function reached(cluster: string): Promise<void> {
  const inside = (await processesUnder(nodeFiles(cluster).programs)).find((one) => one.program.endsWith("/containerd"));
  if (inside === undefined) throw new Error(`no node runs for ${cluster}`);
  const route = ["ip", "route", "replace", RANGE, "via", NETWORK.host];
  await done("nsenter", "--target", String(inside.pid), "--net", ...route);
}

async function databaseIn(folder: string, programs: string): Promise<Server> {
  const data = join(folder, "data");
  const init = spawn(join(programs, "initdb"), ["-D", data, "-U", "shop", "-A", "trust", "--no-sync"], {
    ...asNobody(folder, {}),
    stdio: "ignore",
  });
  const [status] = await once(init, "close");
  if (status !== 0) throw new Error(`initdb ended with ${status}`);
  writeFileSync(join(data, "pg_hba.conf"), `local all all trust\nhost all shop ${NETWORK.pods} trust\n`);
  const settings = [`listen_addresses=${ADDRESS}`, `unix_socket_directories=${folder}`, "max_connections=300"];
  const args = ["-D", data, "-p", String(PORTS.postgres), ...settings.flatMap((one) => ["-c", one])];
  const ready = async () => (await run(join(programs, "pg_isready"), ["-h", folder])).status === 0;
  return server("postgres", join(programs, "postgres"), args, { folder, env: {}, port: PORTS.postgres, ready });
}

async function brokerIn(folder: string, file: string): Promise<Server & { readonly end: () => Promise<void> }> {
  const [distribution = 0, names = 0] = await freePorts(2);
  const config = join(folder, "rabbitmq.conf");
  // Its guest comes from a pod, which is no loopback.
  writeFileSync(config, "loopback_users = none\n");
  const env = {
    HOME: folder,
    RABBITMQ_NODENAME: "shop@localhost",
    RABBITMQ_NODE_IP_ADDRESS: ADDRESS,
    RABBITMQ_NODE_PORT: String(PORTS.rabbitmq),
    RABBITMQ_DIST_PORT: String(distribution),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: "-kernel inet_dist_use_interface {127,0,0,1}",
    ERL_EPMD_PORT: String(names),
    ERL_EPMD_ADDRESS: "127.0.0.1",
    RABBITMQ_MNESIA_BASE: folder,
    RABBITMQ_LOG_BASE: folder,
    RABBITMQ_LOGS: "-",
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, "plugins"),
    RABBITMQ_CONF_ENV_FILE: "/dev/null",
    RABBITMQ_CONFIG_FILE: config,
  };
  const port = PORTS.rabbitmq;
  const broker = server("rabbitmq", file, [], { folder, env, port, ready: () => greets(port) });
  // Erlang leaves its name server behind.
  const end = async () => {
    for (let look = 0; look < 50; look++) {
      const { stdout, stderr } = await run("epmd", ["-port", String(names), "-kill"], {
        env: { ...process.env, ...env },
      });
      // It refuses until it has noticed that the broker is gone.
      if (!/not allowed/.test(stdout + stderr)) return;
      await sleep(200);
    }
  };
  return { ...broker, end };
}

/** Whether somebody answers the greeting of AMQP 0-9-1, with the first frame of a method. */
function greets(port: number): Promise<boolean> {
  return new Promise((fulfil) => {
    const socket = connect(port, ADDRESS, () => socket.write("AMQP\u0000\u0000\u0009\u0001"));
    const end = (answer: boolean) => {
      socket.destroy();
      fulfil(answer);
    };
    socket.once("data", (bytes) => end(bytes[0] === 1));
    socket.once("error", () => end(false)).once("close", () => end(false));
    socket.setTimeout(2_000, () => end(false));
  });
}

interface Around {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly port: number;
  readonly ready: () => Promise<boolean>;
}

function server(name: string, file: string, args: readonly string[], { folder, env, port, ready }: Around): Server {
  let child: ChildProcess | undefined;
  const log = join(folder, `${name}.log`);
  const alive = () => child !== undefined && child.exitCode === null && child.signalCode === null;
  return {
    start: async () => {
      const out = openSync(log, "a");
      child = spawn(file, [...args], { ...asNobody(folder, env), detached: true, stdio: ["ignore", out, out] });
      closeSync(out);
      for (let look = 0; look < 600; look++) {
        if (await ready()) return;
        if (!alive()) break;
        await sleep(200);
      }
      throw new Error(`${name} does not answer: ${lastLines(readFileSync(log, "utf8"), 6)}`);
    },
    stop: async () => {
      if (child?.pid === undefined || !alive()) return;
      const ended = once(child, "exit");
      process.kill(-child.pid, "SIGKILL");
      await ended;
    },
    connections: async () => {
      const said = await done("ss", "-Htn", "state", "established", "src", `${ADDRESS}:${port}`);
      return said.split("\n").filter((line) => line.trim() !== "").length;
    },
  };
}

function asNobody(folder: string, env: Readonly<Record<string, string>>) {
  return { cwd: folder, env: { ...process.env, ...env }, uid: NOBODY, gid: NOBODY };
}

/**
 * The newest program of that pattern.
 * @throws Error that says what to install.
 */
export function installed(pattern: string): string {
  const found = globSync(pattern).sort().at(-1);
  if (found === undefined) {
    throw new Error(`${basename(pattern)} is missing: apt-get install -y postgresql rabbitmq-server`);
  }
  return found;
}

async function done(file: string, ...args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await run(file, args);
  if (status !== 0) throw new Error(`${[basename(file), ...args].join(" ")}: ${stderr.trim()}`);
  return stdout;
}
