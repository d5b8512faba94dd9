import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { FaultError, Faults } from "../../components/core/fault.ts";
import { checkShape, componentName, labelValue } from "../../components/core/shape.ts";
import { buildEnvironment, oneFault, type Project } from "../project.ts";
import type { Change } from "./changes.ts";

/** The file that service teams edit. */
const TABLE = "infra/services.ts";

export interface ServiceOptions {
  /** The team that is called when it breaks. @default the project's name */
  readonly owner?: string;
}

/**
 * An entry in the table of services, and a test of what becomes of it.
 * @throws FaultError for names that cannot be, or are taken by anything of any environment.
 */
export function serviceChanges(
  project: Project,
  name: string,
  { owner = project.program.project }: ServiceOptions,
): readonly Change[] {
  const faults = new Faults("service");
  checkShape(faults, componentName, name);
  checkShape(faults, labelValue, owner, "--owner");
  faults.check();
  const { environments } = project.program;
  if (environments.some((one) => Object.hasOwn(buildEnvironment(project, one).members, name))) {
    throw oneFault("service", "", name, "but there is one of that name already", `choose another, or edit ${TABLE}`);
  }
  const text = tableText(project);
  const image = /\bimage: "(.+)\/[^"/]+"/.exec(text)?.[1] ?? `registry.example.com/${project.program.project}`;
  return [
    { file: TABLE, what: "edited", text: withEntry(text, entry(name, owner, image)) },
    { file: `test/infra/${name}.test.ts`, what: "made", text: entryTest(name) },
  ];
}

function tableText({ root }: Project): string {
  const file = join(root, TABLE);
  if (existsSync(file)) return readFileSync(file, "utf8");
  const remedy = "write it: export const services = catalogue({});";
  throw oneFault(TABLE, "", undefined, "but an entry is added there", remedy);
}

/** The text with an entry behind the last of the table, which ends with the first line "});" after its start. */
function withEntry(text: string, added: string): string {
  const start = /^export const services = catalogue\(\{(?<empty>\}\);)?\n/m.exec(text);
  if (start?.groups?.["empty"] !== undefined) {
    return text.replace(start[0], () => `export const services = catalogue({\n${added}});\n`);
  }
  const end = start === null ? -1 : text.indexOf("\n});\n", start.index + start[0].length - 1);
  if (end >= 0) return `${text.slice(0, end + 1)}${added}${text.slice(end + 1)}`;
  const problem = "has no table that an entry could be added to";
  const remedy = 'let it begin with the line "export const services = catalogue({" and end with the line "});"';
  throw new FaultError([{ component: TABLE, path: "services", problem, remedy }]);
}

const isWord = (name: string) => /^[a-z]\w*$/.test(name);

function entry(name: string, owner: string, image: string): string {
  return `  ${isWord(name) ? name : `"${name}"`}: {
    owner: "${owner}",
    image: "${image}/${name}",
    ports: { http: 8080 },
    calls: [],
  },
`;
}

function entryTest(name: string): string {
  const own = isWord(name) ? `services.${name}` : `services["${name}"]`;
  return `import { describe, expect, test } from "vitest";
import { program } from "../../infra/program.ts";
import { services } from "../../infra/services.ts";

describe.each(program.environments)("${name} in %s", (environment) => {
  const objects = program.build(environment, {}).members["${name}"]?.objects ?? {};

  test("is reached through its Service on every port that it declares", () => {
    const ports = Object.values(${own}.ports).map((port) => expect.objectContaining({ port }));
    expect(objects["service"]).toMatchObject({ spec: { ports: expect.arrayContaining(ports) } });
  });

  test("runs the image of its entry", () => {
    const image = expect.stringMatching(\`^\${${own}.image}[:@]\`);
    const containers = [expect.objectContaining({ name: "${name}", image })];
    expect(objects["deployment"]).toMatchObject({
      spec: { template: { spec: { containers: expect.arrayContaining(containers) } } },
    });
  });

  test("says on every object whose it is", () => {
    for (const { metadata } of Object.values(objects)) {
      expect(metadata.labels).toMatchObject({ "fairlead.dev/owner": ${own}.owner });
    }
  });
});
`;
}
