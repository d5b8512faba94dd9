import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { refusal } from "../failure.ts";
import { saidBy } from "./host-build.ts";

const call = promisify(execFile);

/** What a hook looks at. */
export interface Looked {
  readonly name: string;
  /** What a scanner calls the image. */
  readonly image: string;
  readonly binary: string;
  /** Folder that keeps what the hooks printed. */
  readonly folder: string;
}

/** Runs each hook in its order, and keeps what it printed. Throws at the first that fails, so that nothing is pushed. */
export async function runHooks(hooks: Readonly<Record<string, readonly string[]>>, looked: Looked): Promise<void> {
  await mkdir(looked.folder, { recursive: true });
  for (const [hook, command] of Object.entries(hooks)) {
    const [program = "", ...args] = command.map((word) =>
      word.replaceAll("{image}", looked.image).replaceAll("{binary}", looked.binary),
    );
    const file = join(looked.folder, `${hook}.txt`);
    try {
      const { stdout, stderr } = await call(program, args, { maxBuffer: 1 << 28 });
      await writeFile(file, stdout === "" ? stderr : stdout);
    } catch (error) {
      await writeFile(file, saidBy(error));
      throw refusal(
        `image ${looked.name}: ${hook} (${program}) says no, so nothing is pushed; all of it is in ${file}:\n${saidBy(error)}`,
        error,
      );
    }
  }
}
