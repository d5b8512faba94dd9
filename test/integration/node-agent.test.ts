import { join } from "node:path";
import { expect, test } from "vitest";
import { COMPILED, findGo, goEnvironment } from "../../toolchain/build.ts";
import { goModules } from "../../toolchain/places.ts";
import { run } from "../../toolchain/process.ts";

/** Its packages are the control plane's, so that little is left to compile. */
test.each([["vet"], ["test"]])("the real node's own program passes go %s", async (command) => {
  const go = await findGo(process.env);
  const cwd = join(goModules(), "node-agent");
  const outcome = await run(go.file, [command, ...COMPILED, "./..."], { cwd, env: goEnvironment(process.env) });
  expect(outcome.status, outcome.stdout + outcome.stderr).toBe(0);
});
