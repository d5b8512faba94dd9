import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toYamlValue } from "../../../components/core/yaml-text.ts";
import { ensureParts } from "../../../toolchain/index.ts";
import { freePorts } from "../../../toolchain/ports.ts";
import { listen, type Served, serve } from "../../integration/observability/server.ts";
import type { Pod } from "./watch.ts";

/** Requests of one pod between two scrapes: how many fail, and how many are slow. */
export interface Behaviour {
  readonly bad: number;
  readonly slow: number;
}

const REQUESTS = 40;
const BOUNDS = [0.1, 0.75, 5] as const;

/** A real Prometheus that scrapes counters of every pod that is ready, driven by what its version does. */
export async function openTraffic(
  namespace: string,
  pods: () => readonly Pod[],
  behaviour: (pod: Pod) => Behaviour,
): Promise<Served> {
  const counts = new Map<string, { good: number; bad: number; slow: number }>();
  const exporter = await listen(() => {
    const lines = pods().flatMap((pod) => {
      const count = counts.get(pod.name) ?? { good: 0, bad: 0, slow: 0 };
      counts.set(pod.name, count);
      const { bad, slow } = behaviour(pod);
      count.bad += bad;
      count.slow += slow;
      count.good += REQUESTS - bad;
      const labels = `job="${pod.service}",namespace="${namespace}",pod="${pod.name}"`;
      const series = (suffix: string, more: string, value: number) =>
        `http_server_request_duration_seconds_${suffix}{${labels},${more}} ${value}\n`;
      const succeeded = 'http_response_status_code="200"';
      return [
        series("count", succeeded, count.good),
        series("count", 'http_response_status_code="500"', count.bad),
        ...BOUNDS.map((bound) =>
          series("bucket", `${succeeded},le="${bound}"`, bound < 5 ? count.good - count.slow : count.good),
        ),
        series("bucket", `${succeeded},le="+Inf"`, count.good),
      ];
    });
    return { body: lines.join("") };
  });
  const folder = mkdtempSync(join(tmpdir(), "fairlead-proof-prometheus-"));
  const [port = 0] = await freePorts(1);
  const config = {
    global: { scrape_interval: "1s", scrape_timeout: "1s" },
    scrape_configs: [
      { job_name: "pods", honor_labels: true, static_configs: [{ targets: [new URL(exporter.address).host] }] },
    ],
  };
  writeFileSync(join(folder, "prometheus.yml"), toYamlValue(config));
  const { file = "prometheus" } = (await ensureParts(["prometheus"])).get("prometheus") ?? {};
  const args = [
    "--config.file=prometheus.yml",
    `--storage.tsdb.path=${join(folder, "tsdb")}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ];
  const prometheus = await serve(file, args, { folder, address: `http://127.0.0.1:${port}`, ready: "/-/ready" });
  return {
    address: prometheus.address,
    stop: async () => {
      await prometheus.stop();
      await exporter.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
