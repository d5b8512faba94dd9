import { connect, createServer } from "node:net";

/** Below the ports that systems give to outgoing connections, so that a stopped cluster finds its ports free again. */
const FIRST = 20_000;
const LAST = 32_000;

/**
 * Ports of 127.0.0.1 that nobody listens on. Chosen at random, so that two clusters which start at the same time
 * do not choose the same.
 */
export async function freePorts(count: number): Promise<readonly number[]> {
  const free = new Set<number>();
  while (free.size < count) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST));
    if (await isFree(port)) free.add(port);
  }
  return [...free];
}

/** Whether a port of 127.0.0.1 can be had. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((fulfil) => {
    const server = createServer();
    server.once("error", () => fulfil(false));
    server.listen(port, "127.0.0.1", () => server.close(() => fulfil(true)));
  });
}

/** Whether somebody listens on a port of 127.0.0.1. */
export function isTaken(port: number): Promise<boolean> {
  return new Promise((fulfil) => {
    const socket = connect({ port, host: "127.0.0.1", timeout: 1_000 });
    const done = (answer: boolean) => () => {
      socket.destroy();
      fulfil(answer);
    };
    socket.on("connect", done(true)).on("error", done(false)).on("timeout", done(false));
  });
}
