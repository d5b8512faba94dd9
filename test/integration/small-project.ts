import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./cli.ts";

/** Where a project has its components from: the checkout as it is, or the package, installed in a folder above it. */
export type From = "checkout" | "package";

/**
 * Writes a small project of its own, so that a run takes seconds.
 * @param program Text of infra/program.ts, with the checkout's imports.
 */
export function writeSmallProject(root: string, name: string, program: string, from: From = "checkout"): void {
  mkdirSync(join(root, "infra"), { recursive: true });
  if (from === "checkout") {
    for (const folder of ["components", "node_modules", "package.json"])
      symlinkSync(join(ROOT, folder), join(root, folder));
  }
  writeFileSync(
    join(root, "Pulumi.yaml"),
    `name: ${name}\nruntime:\n  name: nodejs\n  options:\n    typescript: false\nmain: infra/index.js\n`,
  );
  const imports = (text: string) =>
    from === "checkout"
      ? text
      : text
          .replaceAll('"../components/index.ts"', '"fairlead"')
          .replaceAll('"../components/pulumi/index.ts"', '"fairlead/pulumi"');
  const index =
    'import { runProgram } from "../components/pulumi/index.ts";\nimport { program } from "./program.ts";\nexport const outputs = runProgram(program);\n';
  writeFileSync(join(root, "infra/index.js"), imports(index));
  writeFileSync(join(root, "infra/program.ts"), imports(program));
}
