import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { renderEnvironment } from "../components/yaml/index.ts";
import { deliveredEnvironment } from "./delivered.ts";

// A whole process, as a user meets it: describe, check, write; and how many objects that were.
const [count = "10", folder = "."] = process.argv.slice(2);
const environment = deliveredEnvironment(Number(count));
for (const [component, text] of renderEnvironment(environment)) {
  writeFileSync(join(folder, `${component}.yaml`), text);
}
console.log(Object.values(environment.members).reduce((sum, { objects }) => sum + Object.keys(objects).length, 0));
