import { createHash } from "node:crypto";
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import dockerignore from "@balena/dockerignore";

/** A sum over everything that a build can see: the same sum, the same image. */
export function contextDigest(context: string, dockerfile: string): string {
  const hash = createHash("sha256").update(readFileSync(dockerfile));
  for (const path of filesOf(context)) {
    const file = join(context, path);
    const stat = lstatSync(file);
    // What decides about the image: name, whether it can be run, and content. Not who owns it, and not when it was written.
    hash.update(`\0${path}\0${stat.mode & 0o111 ? "x" : "-"}\0`);
    hash.update(stat.isSymbolicLink() ? readlinkSync(file) : readFileSync(file));
  }
  return hash.digest("hex");
}

/** Files of a context that .dockerignore lets through, sorted. */
export function filesOf(context: string): readonly string[] {
  const list = join(context, ".dockerignore");
  const ignored = dockerignore.default();
  if (existsSync(list)) ignored.add(readFileSync(list, "utf8"));
  const entries = readdirSync(context, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(context, "/").length))
    .filter((path) => !ignored.ignores(path))
    .sort();
}
