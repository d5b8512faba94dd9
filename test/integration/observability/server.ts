import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

/** A program that serves HTTP, with what it said. */
export interface Served {
  readonly address: string;
  readonly stop: () => Promise<void>;
}

/** Starts a program and waits until a path of it answers. */
export async function serve(
  file: string,
  args: readonly string[],
  options: {
    readonly folder: string;
    readonly address: string;
    readonly ready: string;
    /** Variables beside those of the test. */
    readonly env?: NodeJS.ProcessEnv;
  },
): Promise<Served> {
  const env = { ...process.env, ...options.env };
  const child = spawn(file, args, { cwd: options.folder, env, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (text) => {
      said += text;
    });
  }
  const failed = new Promise<never>((_, reject) => {
    child.once("error", reject).once("exit", (status) => reject(new Error(`${file} ended with ${status}: ${said}`)));
  });
  // An end that nobody waits for any more is no failure.
  failed.catch(() => undefined);
  await Promise.race([until(() => answers(`${options.address}${options.ready}`)), failed]);
  return { address: options.address, stop: () => ended(child) };
}

async function answers(url: string): Promise<true | undefined> {
  const answer = await fetch(url).catch(() => undefined);
  return answer?.ok === true ? true : undefined;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.kill("SIGTERM");
  await exit;
}

/** Asks until there is an answer; the test's own limit ends it. */
export async function until<T>(ask: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await sleep(200);
  }
}

/** A server of the test's own on the loopback. */
export async function listen(
  answer: (request: IncomingMessage, body: string) => { readonly status?: number; readonly body: string },
): Promise<Served> {
  const server: Server = createServer((request, response) => {
    let body = "";
    request.on("data", (text) => {
      body += text;
    });
    request.on("end", () => {
      const { status = 200, body: said } = answer(request, body);
      response.writeHead(status).end(said);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("no address");
  return {
    address: `http://127.0.0.1:${address.port}`,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
