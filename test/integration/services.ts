import { join } from "node:path";
import { COMPILED, findGo, goEnvironment } from "../../toolchain/build.ts";
import { ROOT } from "./cli.ts";
import { run } from "./process.ts";

/** Runs Go on the module of our own services, compiled as the toolchain's parts are: the control plane shares most packages. */
export async function goServices(command: "vet" | "test" | "build", ...args: readonly string[]): Promise<string> {
  const go = await findGo(process.env);
  const options = { cwd: join(ROOT, "services"), env: goEnvironment(process.env) as NodeJS.ProcessEnv };
  const { status, stdout, stderr } = await run(go.file, [command, ...COMPILED, ...args], options);
  if (status !== 0) throw new Error(`go ${command} failed:\n${stdout}${stderr}`);
  return stdout;
}
