import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { alertRoutingFile } from "../../../components/observability/index.ts";
import { alerting } from "../../../infra/alerting.ts";
import { environments } from "../../../infra/environments.ts";
import { services } from "../../../infra/services.ts";
import { ensureParts } from "../../../toolchain/index.ts";
import { everyReceiver } from "../../observability/routing.ts";

let amtool = "amtool";
const folder = mkdtempSync(join(tmpdir(), "fairlead-amtool-"));
beforeAll(async () => {
  amtool = (await ensureParts(["amtool"])).get("amtool")?.file ?? amtool;
});
afterAll(() => rmSync(folder, { recursive: true }));

function run(...args: readonly string[]): Promise<{ readonly passed: boolean; readonly said: string }> {
  return new Promise((fulfil, reject) => {
    const child = spawn(amtool, args, { cwd: folder, timeout: 60_000 });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (said += text));
    child.on("error", reject).on("close", (status) => fulfil({ passed: status === 0, said }));
  });
}

let attempts = 0;

function written(text: string): string {
  const file = `${attempts++}.yml`;
  writeFileSync(join(folder, file), text);
  return file;
}

const TREES = [
  ["every kind of receiver", everyReceiver()],
  ...Object.entries(environments).map(([name, row]) => [name, alerting(row, services)] as const),
] as const;

describe.each(TREES)("%s", (_, props) => {
  const text = alertRoutingFile(props);

  test("amtool accepts the configuration", async () => {
    const { passed, said } = await run("check-config", written(text));
    expect(said).toContain("SUCCESS");
    expect(passed).toBe(true);
  });

  const routes = Object.keys(props.owners).flatMap((owner) => [
    ...["critical", "page", "ticket"].map((severity) => [owner, severity, `${owner}-${severity}`] as const),
    [owner, "warning", `${owner}-ticket`] as const,
  ]);

  test.each([...routes, ["nobody", "page", "fallback"] as const])(
    "%s, %s ends at %s",
    async (owner, severity, leaf) => {
      const labels = [`owner=${owner}`, `severity=${severity}`, "namespace=shop", "service=order", "alertname=A"];
      const args = ["config", "routes", "test", `--config.file=${written(text)}`];
      const { passed, said } = await run(...args, `--verify.receivers=${leaf}`, ...labels);
      expect(said.trim()).toBe(leaf);
      expect(passed).toBe(true);
      const wrong = await run(...args, "--verify.receivers=somebody-else", ...labels);
      expect(wrong.passed).toBe(false);
    },
  );
});

test("the watchdog ends at the heartbeat alone", async () => {
  const file = written(alertRoutingFile(everyReceiver()));
  const labels = ["alertname=Watchdog", "severity=none", "owner=platform", "namespace=shop", "service=alerting"];
  expect((await run("config", "routes", "test", `--config.file=${file}`, ...labels)).said.trim()).toBe("heartbeat");
});

test.each<[string, (text: string) => string]>([
  ["a receiver that nobody declares", (text) => text.replace("receiver: checkout-page", "receiver: nobody")],
  ["a time that nobody declares", (text) => text.replace("name: weekend", "name: weekends")],
  ["a matcher that is none", (text) => text.replace(/- "?owner=[^\n]*/, "- owner checkout")],
  [
    "two secrets for one receiver",
    (text) => text.replace("routing_key_file:", "routing_key: a\n        routing_key_file:"),
  ],
])("amtool refuses %s", async (_, change) => {
  const text = alertRoutingFile(everyReceiver());
  expect(change(text)).not.toBe(text);
  expect((await run("check-config", written(change(text)))).passed).toBe(false);
});
