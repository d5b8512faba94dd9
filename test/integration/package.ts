import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { ROOT } from "./cli.ts";
import { run } from "./process.ts";

/** The package as a registry would have it, and folders that install it. */
export interface Packed {
  /** What is in it. */
  readonly files: readonly string[];
  /** A copy of an example with its packages installed, out of reach of the checkout's own. */
  readonly install: (example: string) => Promise<string>;
  readonly close: () => void;
}

export async function pack(): Promise<Packed> {
  const folder = mkdtempSync(join(tmpdir(), "fairlead-package-"));
  await npm(ROOT, "run", "build");
  const said = await npm(ROOT, "pack", "--ignore-scripts", "--json", "--pack-destination", folder);
  // npm 11 yields a list and npm 12 a record by name.
  const [{ files }] = Object.values(JSON.parse(said)) as [{ readonly files: readonly { readonly path: string }[] }];
  return {
    files: files.map(({ path }) => path),
    install: async (example) => {
      const copy = join(folder, "examples", example);
      const filter = (file: string) => !["node_modules", "dist", "package-lock.json"].includes(basename(file));
      cpSync(join(ROOT, "examples", example), copy, { recursive: true, filter });
      const quiet = ["--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"];
      await npm(copy, "install", "--prefer-offline", "--ignore-scripts", ...quiet);
      return copy;
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

async function npm(cwd: string, ...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await run("npm", args, { cwd });
  if (status !== 0) throw new Error(`npm ${args.join(" ")} failed:\n${stdout}${stderr}`);
  return stdout;
}
