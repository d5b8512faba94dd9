import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { inOrder, readObjects } from "./objects.ts";

// The `yaml` package as it comes, over objects that are there already.
const [file = "", folder = "."] = process.argv.slice(2);
for (const [service, objects] of Object.entries(readObjects(file))) {
  const documents = inOrder(objects).map((object) => stringify(object, { version: "1.1" }));
  writeFileSync(join(folder, `${service}.yaml`), documents.join("---\n"));
}
