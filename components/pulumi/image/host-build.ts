import { execFile } from "node:child_process";
import { chmod, cp, mkdir, readFile, rename, rm, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { ServiceImagePlan } from "../../delivery/service-image.ts";
import { refusal } from "../failure.ts";

const call = promisify(execFile);

/** What an image is built from, laid out in a folder of its own. */
export interface BuildFolder {
  readonly context: string;
  readonly dockerfile: string;
  /** The program, where the host built it. */
  readonly binary?: string;
}

/** Writes the Dockerfile; builds the program first where the host does that. */
export async function buildFolder(plan: ServiceImagePlan, folder: string): Promise<BuildFolder> {
  await mkdir(folder, { recursive: true });
  const dockerfile = join(folder, "Dockerfile");
  await written(dockerfile, plan.dockerfile);
  if (plan.context !== undefined) return { context: plan.context, dockerfile };
  const context = join(folder, "context");
  await rm(join(context, "files"), { recursive: true, force: true });
  await mkdir(context, { recursive: true });
  for (const [path, file] of Object.entries(plan.files)) {
    await mkdir(dirname(join(context, "files", path)), { recursive: true });
    await cp(file, join(context, "files", path)).catch(() => {
      throw refusal(`image ${plan.name}: files.${path} is ${file}, which cannot be read`);
    });
  }
  return { context, dockerfile, binary: await hostBinary(plan, context) };
}

/** Go's own cache makes a build of unchanged source a matter of a second, so a preview does it too, and tells the truth. */
async function hostBinary({ name, host }: ServiceImagePlan, context: string): Promise<string> {
  if (host === undefined) throw new Error("the host does not build this image");
  const binary = join(context, name);
  const fresh = join(context, `.new-${process.pid}-${name}`);
  try {
    const [command = "build", ...rest] = host.args;
    const env = { ...process.env, ...host.env };
    await call("go", [command, "-o", fresh, ...rest], { cwd: host.folder, env, maxBuffer: 1 << 26 });
    if (host.pack !== undefined) await call(host.pack[0] ?? "", [...host.pack.slice(1), fresh]);
    await chmod(fresh, 0o755);
    // An engine keeps a file's time in the layer: the same program then gives the same layer.
    await utimes(fresh, 0, 0);
    await rename(fresh, binary);
    return binary;
  } catch (error) {
    await rm(fresh, { force: true });
    throw refusal(`image ${name}: ${host.folder} does not build:\n${saidBy(error)}`, error);
  }
}

/** What a program that failed had to say. */
export function saidBy(error: unknown): string {
  const said = ["stderr", "stdout", "message"].map((part) => String(Reflect.get(Object(error), part) ?? "").trim());
  const text = said.find((one) => one !== "") ?? String(error);
  return text.split("\n").slice(-30).join("\n");
}

/** A file that is not touched where it says the same already. */
async function written(file: string, text: string): Promise<void> {
  const before = await readFile(file, "utf8").catch(() => undefined);
  if (before !== text) await writeFile(file, text);
}
