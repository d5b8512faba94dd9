import { join } from "node:path";
import { expect, test } from "vitest";
import { findGo, goEnvironment } from "../../../toolchain/build.ts";
import { ROOT } from "../../integration/cli.ts";
import { run } from "../../integration/process.ts";

async function goTest(...args: readonly string[]): Promise<string> {
  const go = await findGo(process.env);
  // The race detector needs a C compiler.
  const env = { ...(goEnvironment(process.env) as NodeJS.ProcessEnv), CGO_ENABLED: "1" };
  const { status, stdout, stderr } = await run(go.file, ["test", "-count=1", "-v", ...args], {
    cwd: join(ROOT, "services"),
    env,
  });
  if (status !== 0) throw new Error(`go test failed:\n${stdout}${stderr}`);
  return stdout;
}

test("with a real database and broker books balance, whoever is killed", async () => {
  const said = await goTest("-tags=grpcnotrace,proof", "-run=Database|Dead|Killed", "./internal/shop");
  for (const name of [
    "TestWithDatabaseAndBroker",
    "TestADeadOrderLiesInTheQueueOfTheDead",
    "TestBooksBalanceWhateverIsKilled",
  ]) {
    expect(said).toContain(`--- PASS: ${name}`);
  }
  process.stderr.write(said.replace(/^=== .*\n/gm, ""));
});

test("nothing is read while somebody else writes it", async () => {
  const said = await goTest("-race", "-tags=grpcnotrace", "./order", "./internal/...");
  expect(said).toContain("--- PASS: TestCallersMoveToThePodsThatAreLeft");
  expect(said).not.toContain("DATA RACE");
});

test("the race detector finds a race", async () => {
  const said = await goTest("-race", "-tags=race_control", "./internal/racecontrol").catch(String);
  expect(said).toContain("DATA RACE");
});
