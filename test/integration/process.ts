import { spawn } from "node:child_process";

/** How a program ended and what it said. */
interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What npm says of the script that it runs, which is not that of another npm below it. */
const OF_THE_SCRIPT = /^npm_(?:config_local_prefix$|package_|lifecycle_|command$)/;

/** Runs a program to its end, without a terminal. */
export function run(
  program: string,
  args: readonly string[],
  { cwd, env = {} }: { readonly cwd: string; readonly env?: NodeJS.ProcessEnv },
): Promise<Ended> {
  const around = Object.fromEntries(Object.entries(process.env).filter(([key]) => !OF_THE_SCRIPT.test(key)));
  return new Promise((fulfil, reject) => {
    const child = spawn(program, [...args], { cwd, env: { ...around, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    const said = { stdout: "", stderr: "" };
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      said.stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said.stderr += text;
    });
    child.on("error", reject).on("close", (status) => fulfil({ status: status ?? 1, ...said }));
  });
}
