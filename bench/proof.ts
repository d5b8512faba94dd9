import { deepStrictEqual } from "node:assert";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { type Contender, runContender, type Task } from "./contender.ts";

/** Proves that all contenders write the same objects, whatever their files and their order. @throws AssertionError */
export async function proveEqual(contenders: readonly Contender[], task: Task): Promise<number> {
  let expected: ReadonlyMap<string, unknown> | undefined;
  for (const contender of contenders) {
    await runContender(contender, task, (folder) => {
      const written = objectsIn(folder);
      deepStrictEqual(written, expected ?? written, `${contender.name} writes other objects`);
      expected = written;
    });
  }
  return expected?.size ?? 0;
}

/** Every object in a folder's files by what is one in a cluster. */
function objectsIn(folder: string): ReadonlyMap<string, unknown> {
  const objects = new Map<string, unknown>();
  for (const file of readdirSync(folder)) {
    for (const document of parseAllDocuments(readFileSync(join(folder, file), "utf8"), { version: "1.1" })) {
      if (document.contents === null) continue;
      if (document.errors.length > 0) throw new Error(`${file}: ${document.errors.join("\n")}`);
      const key = ["kind", "apiVersion", "metadata.namespace", "metadata.name"].map((path) =>
        String(document.getIn(path.split("."))),
      );
      if (objects.has(key.join(" "))) throw new Error(`${file}: ${key.join(" ")} is there twice`);
      objects.set(key.join(" "), document.toJS());
    }
  }
  return new Map([...objects].sort(([a], [b]) => (a < b ? -1 : 1)));
}
