import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePorts } from "../toolchain/ports.ts";

/** A Prometheus on the loopback, with a folder of blocks and no targets. */
export class Prometheus {
  readonly #folder: string;
  readonly #port: number;
  #child: ChildProcess | undefined;

  private constructor(folder: string, port: number) {
    this.#folder = folder;
    this.#port = port;
  }

  static async open(folder: string): Promise<Prometheus> {
    writeFileSync(join(folder, "prometheus.yml"), "global: {}\n");
    const [port = 0] = await freePorts(1);
    return new Prometheus(folder, port);
  }

  get address(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Where its blocks are. */
  get data(): string {
    return join(this.#folder, "data");
  }

  /** Starts it and waits until it answers. */
  async start(): Promise<void> {
    const child = spawn(
      "prometheus",
      [
        `--config.file=${join(this.#folder, "prometheus.yml")}`,
        `--storage.tsdb.path=${this.data}`,
        "--storage.tsdb.retention.time=50y",
        `--web.listen-address=127.0.0.1:${this.#port}`,
        "--query.max-samples=500000000",
        "--log.level=error",
      ],
      { stdio: ["ignore", "ignore", "inherit"] },
    );
    const failed = new Promise<never>((_, reject) => {
      child.once("error", () => reject(new Error("no prometheus on PATH; install Prometheus 2.42 or newer")));
      child.once("exit", (status) => reject(new Error(`prometheus ended with ${status}`)));
    });
    this.#child = child;
    // An end that nobody waits for any more is no failure.
    failed.catch(() => undefined);
    await Promise.race([this.#ready(), failed]);
  }

  async #ready(): Promise<void> {
    for (let attempt = 0; attempt < 300; attempt++) {
      const answer = await fetch(`${this.address}/-/ready`).catch(() => undefined);
      if (answer?.ok === true) return;
      await sleep(100);
    }
    throw new Error("prometheus does not get ready");
  }

  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    await Promise.race([ended, sleep(20_000).then(() => child.kill("SIGKILL"))]);
  }

  async version(): Promise<string> {
    const { data } = await this.#ask<{ readonly data: { readonly version: string } }>("status/buildinfo", {});
    return data.version;
  }

  /** The value of an expression at a time, and the samples that were read for it. */
  async instant(
    query: string,
    time: number,
  ): Promise<{ readonly value: number | undefined; readonly samples: number }> {
    const { data } = await this.#ask<InstantAnswer>("query", { query, time: String(time), stats: "all" });
    const [first] = data.result;
    return {
      value: first === undefined ? undefined : Number(first.value[1]),
      samples: data.stats.samples.totalQueryableSamples,
    };
  }

  /** The times at which an expression yields anything. */
  async times(query: string, from: number, to: number, step: number): Promise<readonly number[]> {
    const times: number[] = [];
    for await (const points of this.points(query, from, to, step)) times.push(...points.map(([time]) => time));
    return times;
  }

  /** The points of an expression that yields one series at most, some ten thousand at a time. */
  async *points(query: string, from: number, to: number, step: number): AsyncGenerator<readonly Point[]> {
    // Prometheus answers 11,000 points at most.
    const chunk = 10_000 * step;
    for (let start = from; start <= to; start += chunk + step) {
      const { data } = await this.#ask<RangeAnswer>("query_range", {
        query,
        start: String(start),
        end: String(Math.min(to, start + chunk)),
        step: String(step),
      });
      if (data.result.length > 1) throw new Error(`${query} yields ${data.result.length} series`);
      yield data.result[0]?.values ?? [];
    }
  }

  async #ask<T>(path: string, parameters: Readonly<Record<string, string>>): Promise<T> {
    const answer = await fetch(`${this.address}/api/v1/${path}`, {
      method: path.startsWith("status") ? "GET" : "POST",
      ...(path.startsWith("status") ? {} : { body: new URLSearchParams(parameters) }),
      signal: AbortSignal.timeout(240_000),
    });
    if (!answer.ok) throw new Error(`prometheus refuses ${parameters["query"] ?? path}: ${await answer.text()}`);
    return (await answer.json()) as T;
  }
}

/** Seconds since 1970, and the value as text. */
export type Point = readonly [time: number, value: string];

interface InstantAnswer {
  readonly data: {
    readonly result: readonly { readonly value: readonly [number, string] }[];
    readonly stats: { readonly samples: { readonly totalQueryableSamples: number } };
  };
}

interface RangeAnswer {
  readonly data: { readonly result: readonly { readonly values: readonly Point[] }[] };
}
