import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./cli.ts";

/**
 * Writes a small project of its own, so that a run takes seconds. It uses the checkout's components as they are.
 * @param program Text of infra/program.ts.
 */
export function writeSmallProject(root: string, name: string, program: string): void {
  mkdirSync(join(root, "infra"), { recursive: true });
  for (const folder of ["components", "node_modules", "package.json"])
    symlinkSync(join(ROOT, folder), join(root, folder));
  writeFileSync(
    join(root, "Pulumi.yaml"),
    `name: ${name}\nruntime:\n  name: nodejs\n  options:\n    typescript: false\nmain: infra/index.js\n`,
  );
  writeFileSync(
    join(root, "infra/index.js"),
    'import { runProgram } from "../components/pulumi/index.ts";\nimport { program } from "./program.ts";\nexport const outputs = runProgram(program);\n',
  );
  writeFileSync(join(root, "infra/program.ts"), program);
}
