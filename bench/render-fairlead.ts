import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { renderEnvironment } from "../components/yaml/index.ts";
import { environmentOf } from "./services.ts";

// A whole process, as a user meets it: describe, check, write.
const [count = "10", folder = "."] = process.argv.slice(2);
for (const [component, text] of renderEnvironment(environmentOf(Number(count)))) {
  writeFileSync(join(folder, `${component}.yaml`), text);
}
