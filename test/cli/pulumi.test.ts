import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { EngineEvent } from "../../cli/events.ts";
import { type Pulumi, pulumi } from "../../cli/pulumi.ts";
import { folderWith, until, write } from "./workbench.ts";

const EVENT = JSON.stringify({
  diagnosticEvent: { severity: "error", message: "it is refused", urn: "a::b::c::order" },
});

/** An engine that does what it is told. */
function engine(script: string): { readonly folder: string; readonly run: Pulumi } {
  const folder = folderWith();
  const program = join(folder, "engine");
  write(program, `#!/bin/sh\n${script}\n`, 0o755);
  const options = {
    program,
    folder,
    stack: "dev",
    logs: join(folder, "logs"),
    env: { GIVEN: "yes", TAKEN: undefined },
  };
  return { folder, run: pulumi(options) };
}

describe("an operation", () => {
  test("hands over each event, and keeps what else was said", async () => {
    const { run } = engine(`printf '%s\\n' '${EVENT}' 'no event'; printf 'last words' >&2; exit 6`);
    const events: EngineEvent[] = [];
    const outcome = await run.operate("up", (event) => events.push(event));
    expect(events).toMatchObject([{ kind: "diagnostic", message: "it is refused", about: "order" }]);
    expect(outcome).toMatchObject({ status: 6, said: "no event\nlast words" });
  });

  test("asks nobody, and tells what it does as JSON", async () => {
    const { run } = engine(`echo "$@"; echo "$PULUMI_ENABLE_STREAMING_JSON_PREVIEW $GIVEN [$TAKEN]"`);
    expect((await run.operate("destroy", () => undefined)).said).toBe(
      "destroy --stack dev --json --non-interactive --parallel 2048 --yes --skip-preview\ntrue yes []",
    );
  });

  test("is logged where its owner alone can read it, and the newest forty logs are kept", async () => {
    const { folder, run } = engine(`echo '${EVENT}'`);
    mkdirSync(join(folder, "logs"));
    for (let number = 10; number < 60; number++) write(join(folder, `logs/19700101-0000${number}-1-up-dev.log`), "old");
    const { log } = await run.operate("up", () => undefined);
    expect(readFileSync(log, "utf8")).toMatch(/^\S+ error order: it is refused\n$/);
    expect(statSync(log).mode & 0o777).toBe(0o600);
    const kept = readdirSync(join(folder, "logs"));
    expect(kept).toHaveLength(40);
    expect(kept).toContain("19700101-000059-1-up-dev.log");
  });

  test("cannot begin without an engine", async () => {
    const { folder } = engine("");
    const run = pulumi({ program: join(folder, "gone"), folder, stack: "dev", logs: join(folder, "logs"), env: {} });
    await expect(run.operate("up", () => undefined)).rejects.toThrow(/ENOENT/);
  });
});

describe("an operation that is told to stop", () => {
  test("ends in peace, told once though npm repeats what the terminal sent", async () => {
    const { folder, run } = engine(
      `trap 'echo stop >> told' INT; touch began; while [ ! -f told ] || [ ! -f may-end ]; do sleep 0.02; done; exit 3`,
    );
    const ended = run.operate("up", () => undefined);
    await until(() => existsSync(join(folder, "began")));
    process.emit("SIGINT", "SIGINT");
    process.emit("SIGINT", "SIGINT");
    await until(() => existsSync(join(folder, "told")));
    write(join(folder, "may-end"), "");
    expect(await ended).toMatchObject({ status: 3, stopped: "SIGINT" });
    expect(readFileSync(join(folder, "told"), "utf8")).toBe("stop\n");
  });

  test("leaves the signals to others afterwards", async () => {
    const before = process.listenerCount("SIGTERM");
    await engine("exit 0").run.operate("up", () => undefined);
    expect(process.listenerCount("SIGTERM")).toBe(before);
  });
});

test("a question to the engine gives its answer whatever the status", async () => {
  const { run } = engine(`echo "$@"; echo no >&2; exit 4`);
  expect(await run.ask("stack", "ls")).toEqual({
    status: 4,
    stdout: "stack ls --non-interactive --color=never\n",
    stderr: "no\n",
  });
});
