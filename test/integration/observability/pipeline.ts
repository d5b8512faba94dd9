import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toYamlValue } from "../../../components/core/yaml-text.ts";
import { type ConfigTree, overlaid } from "../../../components/workload/config.ts";
import { ensureParts, type PartName } from "../../../toolchain/index.ts";
import { freePorts } from "../../../toolchain/ports.ts";

/** A port of a configuration, and what it is here. */
export type PortsHere = ReadonlyMap<number, number>;

/** Collectors and Jaegers of a test, in a folder of their own. */
export interface Pipeline {
  readonly folder: string;
  /** Free ports, one for each of those that a configuration names. */
  readonly ports: (...named: readonly number[]) => Promise<PortsHere>;
  /** Starts a program with a configuration, its ports and folders moved here and a change laid over it; settles when it says that it is well. */
  readonly start: (
    name: string,
    program: PartName,
    config: ConfigTree,
    here: PortsHere,
    change?: ConfigTree,
  ) => Promise<void>;
  /** What a program thinks of a configuration: nothing, or its complaint. */
  readonly validate: (program: PartName, config: string) => Promise<string>;
  /** Starts a Prometheus that scrapes every second, and asks its HTTP API: path, parameters. */
  readonly prometheus: (
    jobs: readonly unknown[],
  ) => Promise<(path: string, parameters: Readonly<Record<string, string>>) => Promise<unknown>>;
  readonly close: () => Promise<void>;
}

const HEALTH = 13_133;
/** Longest that a program may take to be well, in milliseconds. */
const PATIENCE = 120_000;

export async function openPipeline(): Promise<Pipeline> {
  // A port is free until its process has started, so what was given once is not given again.
  const given = new Set<number>();
  const unused = async (): Promise<number> => {
    const [port = 0] = await freePorts(1);
    if (given.has(port)) return unused();
    given.add(port);
    return port;
  };
  const parts = await ensureParts(["otelcol", "jaeger", "prometheus"]);
  const folder = mkdtempSync(join(tmpdir(), "fairlead-telemetry-"));
  const children: ChildProcess[] = [];
  const file = (program: PartName) => parts.get(program)?.file ?? program;
  const run = (program: PartName, args: readonly string[]) =>
    spawn(file(program), args, { stdio: ["ignore", "ignore", "pipe"] });
  /** Starts a program and waits until its page of health says yes. */
  const launched = async (name: string, program: PartName, args: readonly string[], health: string) => {
    const child = run(program, args);
    let said = "";
    let over = false;
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    child.on("close", () => {
      over = true;
    });
    children.push(child);
    const deadline = Date.now() + PATIENCE;
    for (;;) {
      if (over) throw new Error(`${name} ended:\n${said}`);
      if (Date.now() > deadline) throw new Error(`${name} is not well:\n${said}`);
      if ((await fetch(health).catch(() => undefined))?.ok === true) return;
      await new Promise((wake) => setTimeout(wake, 100));
    }
  };
  return {
    folder,
    ports: async (...named) => {
      const here = new Map<number, number>();
      for (const port of named) here.set(port, await unused());
      return here;
    },
    start: async (name, program, config, here, change = {}) => {
      const path = join(folder, `${name}.yaml`);
      writeFileSync(path, moved(toYamlValue(overlaid(config, change)), folder, here));
      const health = `http://127.0.0.1:${here.get(HEALTH)}/${program === "jaeger" ? "status" : ""}`;
      await launched(name, program, [`--config=${path}`], health);
    },
    prometheus: async (jobs) => {
      const port = await unused();
      const path = join(folder, "prometheus.yml");
      writeFileSync(
        path,
        toYamlValue({ global: { scrape_interval: "1s", scrape_timeout: "1s" }, scrape_configs: jobs }),
      );
      const args = [
        `--config.file=${path}`,
        `--storage.tsdb.path=${join(folder, "tsdb")}`,
        `--web.listen-address=127.0.0.1:${port}`,
        "--enable-feature=exemplar-storage",
      ];
      const base = `http://127.0.0.1:${port}`;
      await launched("prometheus", "prometheus", args, `${base}/-/ready`);
      return async (path, parameters) => {
        const answer = await fetch(`${base}${path}?${new URLSearchParams(parameters)}`);
        const { status, data, error } = (await answer.json()) as { status: string; data: unknown; error?: string };
        if (status !== "success") throw new Error(error);
        return data;
      };
    },
    validate: async (program, config) => {
      mkdirSync(join(folder, "offsets"), { recursive: true });
      const path = join(folder, "validated.yaml");
      writeFileSync(path, moved(config, folder, new Map()));
      const child = run(program, ["validate", `--config=${path}`]);
      let said = "";
      child.stderr?.setEncoding("utf8").on("data", (text: string) => {
        said += text;
      });
      return new Promise((fulfil, reject) => {
        child.on("error", reject).on("close", (status) => fulfil(status === 0 ? "" : said));
      });
    },
    close: async () => {
      await Promise.all(
        children.map(
          (child) =>
            new Promise<void>((fulfil) => {
              if (child.exitCode !== null || child.signalCode !== null) return fulfil();
              child.on("close", () => fulfil());
              child.kill("SIGKILL");
            }),
        ),
      );
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A configuration with the pods' folders and ports as they are on this machine. */
function moved(config: string, folder: string, here: PortsHere): string {
  let text = config
    .replaceAll("/var/lib/otelcol", join(folder, "offsets"))
    .replaceAll("/var/lib/jaeger", join(folder, "jaeger"));
  for (const [port, free] of here) {
    text = text.replaceAll(`0.0.0.0:${port}`, `127.0.0.1:${free}`).replaceAll(`port: ${port}\n`, `port: ${free}\n`);
  }
  return text;
}

/** One span as OTLP/HTTP's JSON has it. */
export function otlpSpan(
  service: string,
  traceId: string,
  span: { readonly failed?: boolean; readonly milliseconds: number },
): unknown {
  const end = BigInt(Date.now()) * 1_000_000n;
  const text = (key: string, value: string) => ({ key, value: { stringValue: value } });
  return {
    resourceSpans: [
      {
        resource: {
          attributes: [
            text("service.name", service),
            text("k8s.namespace.name", "shop"),
            text("fairlead.owner", "checkout"),
          ],
        },
        scopeSpans: [
          {
            spans: [
              {
                traceId,
                spanId: traceId.slice(0, 16),
                name: "GET /orders",
                kind: 2,
                startTimeUnixNano: String(end - BigInt(span.milliseconds) * 1_000_000n),
                endTimeUnixNano: String(end),
                status: { code: span.failed === true ? 2 : 1 },
              },
            ],
          },
        ],
      },
    ],
  };
}

export async function sendSpan(port: number | undefined, span: unknown): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${port}/v1/traces`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(span),
  });
  if (!answer.ok) throw new Error(`OTLP answered ${answer.status}: ${await answer.text()}`);
}

/** Asks until the answer is there; the test's own time limit ends it. */
export async function eventually<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const answer = await ask().catch(() => undefined);
    if (answer !== undefined) return answer;
    await new Promise((wake) => setTimeout(wake, 200));
  }
}
