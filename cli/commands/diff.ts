import { json } from "../diff/json.ts";
import { markdown } from "../diff/markdown.ts";
import { diffOf, stopCount } from "../diff/report.ts";
import { sides } from "../diff/side.ts";
import { terminal } from "../diff/terminal.ts";
import { Failure } from "../failure.ts";
import { oneFault } from "../project.ts";

export interface DiffOptions {
  /** One environment alone. @default all of them */
  readonly environment?: string;
  readonly markdown?: boolean;
  readonly json?: boolean;
}

/** Status of a run that found stop signs. */
const STOP = 2;

/**
 * Prints what a change does to every environment.
 * @param head Commit or folder. @default the working tree
 * @throws Failure with status 2 where an object would be replaced, or would take others along.
 */
export async function diff(base: string, head: string | undefined, options: DiffOptions): Promise<void> {
  if (options.markdown === true && options.json === true) {
    throw oneFault("diff", "--markdown", undefined, "cannot stand beside --json", "leave one of the two out");
  }
  const found = diffOf(...(await sides(base, head, options.environment)));
  const write = options.json === true ? json : options.markdown === true ? markdown : terminal;
  process.stdout.write(`${write(found).replace(/\n$/, "")}\n`);
  // Said already, in whatever form was asked for.
  if (stopCount(found) > 0) throw new Failure("", STOP);
}
