import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Linux's file system in memory: how long a disk takes for a thousand files changes from one minute to the next. */
const MEMORY = "/dev/shm";

/** A new folder for what a bench writes, in memory where there is such a file system. Who made it removes it. */
export function temporaryFolder(): string {
  return mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), "fairlead-bench-"));
}
