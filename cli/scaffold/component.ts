import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { didYouMean, FaultError, Faults } from "../../components/core/fault.ts";
import { nameProblem } from "../../components/core/name.ts";
import { oneFault } from "../project.ts";
import type { Change } from "./changes.ts";
import {
  type ComponentWords,
  componentText,
  exampleText,
  parityRows,
  pulumiClass,
  testText,
} from "./component-text.ts";

/** The folders that components stand in. The others under components/ are the waist and its adapters. */
const AREAS = ["workload", "traffic", "delivery", "observability", "policy", "data", "resilience"] as const;

const INDEX = "components/index.ts";
const CLASSES = "components/pulumi/index.ts";
const PARITY = "test/parity/components.ts";

/** What JavaScript keeps for itself, among what a name of letters could become. */
const RESERVED =
  "arguments await break case catch class const continue debugger default delete do else enum eval export extends false finally for function if implements import in index instanceof interface let new null package private protected public return static super switch this throw true try typeof undefined var void while with yield".split(
    " ",
  );

/**
 * A component with its class, example, tests and lines in the indexes.
 * @param path <area>/<name>, such as "policy/rate-limit".
 * @throws FaultError for what cannot be a component, or is one already.
 */
export async function componentChanges(root: string, path: string): Promise<readonly Change[]> {
  const [area = "", name = "", ...rest] = path.split("/");
  const faults = new Faults("component");
  const problem = nameProblem(name);
  if (name === "" || rest.length > 0) {
    faults.add("", path, "but a component has an area and a name", "write it as policy/rate-limit");
  } else if (problem !== undefined) {
    faults.add("name", name, problem, "use at most 52 characters of the form rate-limit");
  }
  if (name !== "" && !AREAS.some((one) => one === area)) {
    faults.add("area", area, "but components stand in no such area", didYouMean(area, AREAS));
  }
  faults.check();
  const words = wordsOf(area, name);
  const areaIndex = `components/${area}/index.ts`;
  const index = existsSync(join(root, areaIndex)) ? areaIndex : INDEX;
  const texts = Object.fromEntries(
    [...new Set([INDEX, CLASSES, PARITY, index])].map((file) => [file, textIn(root, file)]),
  );
  refuseTaken(words, Object(await import(pathToFileURL(join(root, INDEX)).href)), texts);
  const from = index === areaIndex ? `./${name}.ts` : `./${area}/${name}.ts`;
  return [
    { file: `components/${area}/${name}.ts`, what: "made", text: componentText(words) },
    { file: `test/${area}/${name}.test.ts`, what: "made", text: testText(words) },
    { file: `examples/components/${name}.ts`, what: "made", text: exampleText(words) },
    edited(
      index,
      `${texts[index]}${exported([`type ${words.type}Objects`, `type ${words.type}Props`, words.value], from)}`,
    ),
    edited(CLASSES, `${texts[CLASSES]}${exported([words.type], `./${area}.ts`)}`),
    classFile(root, words),
    edited(PARITY, withRows(texts[PARITY] ?? "", words)),
  ];
}

function wordsOf(area: string, name: string): ComponentWords {
  const type = name.replace(/(?:^|-+)(.)/g, (_, letter: string) => letter.toUpperCase());
  const words = type.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).trim();
  const value = type.charAt(0).toLowerCase() + type.slice(1);
  return { area, name, type, value, words, article: /^(?:[aeio]|u(?![a-z][aeiou]))/.test(words) ? "an" : "a" };
}

function textIn(root: string, file: string): string {
  if (existsSync(join(root, file))) return readFileSync(join(root, file), "utf8");
  const problem = "but a component is made in a checkout of Fairlead, which has it";
  throw oneFault(file, "", undefined, problem, "change into the checkout; a component of your own needs no scaffold");
}

/** What the component would be called must mean nothing else where the name is used. */
function refuseTaken(words: ComponentWords, api: object, texts: Readonly<Record<string, string>>): void {
  const { name, type, value } = words;
  const refuse = (problem: string) => {
    throw oneFault("component", "name", name, problem, "choose another name");
  };
  if (RESERVED.includes(value)) refuse(`but JavaScript keeps the word ${value} for itself`);
  const used = [componentText(words), testText(words)].flatMap(namesIn).filter((one) => one === value);
  // Twice is the component's own function, and its import in the test.
  if (used.length > 2) refuse(`but ${value} is something that every component uses`);
  const own = [value, `${type}Props`, `${type}Objects`, `${value}Example`];
  for (const [file, text] of Object.entries(texts)) {
    const names = [...namesIn(text), ...(file === INDEX ? Object.keys(api) : [])];
    const there = (file === CLASSES ? [type] : own).find((word) => names.includes(word));
    if (there !== undefined) refuse(`but ${file} has ${there} already`);
  }
}

/** What a file imports, hands on and declares, by name. */
function namesIn(text: string): readonly string[] {
  const lists = [...text.matchAll(/^(?:import|export) (?:type )?\{([^}]*)\}/gm)].map(([, list = ""]) =>
    list.split(","),
  );
  const listed = lists.flat().map((one) => one.trim().replace(/^type /, ""));
  const declared = [...text.matchAll(/^(?:export )?(?:import \* as|const|function|class|interface|type) (\w+)/gm)];
  return [...listed, ...declared.map(([, name = ""]) => name)];
}

function exported(names: readonly string[], from: string): string {
  return `export { ${names.join(", ")} } from "${from}";\n`;
}

function edited(file: string, text: string): Change {
  return { file, text, what: "edited" };
}

/** The area's classes for Pulumi, the new one last. */
function classFile(root: string, words: ComponentWords): Change {
  const file = `components/pulumi/${words.area}.ts`;
  const { imports, declaration } = pulumiClass(words);
  if (!existsSync(join(root, file))) {
    const own = `import { Component, type ComponentOptions } from "./component.ts";\nimport { reported } from "./failure.ts";\n`;
    return { file, what: "made", text: `${imports}${own}\n${declaration}` };
  }
  return edited(file, `${imports}${readFileSync(join(root, file), "utf8")}\n${declaration}`);
}

function withRows(text: string, words: ComponentWords): string {
  const { imports, rows } = parityRows(words);
  const end = text.lastIndexOf("\n};");
  if (end >= 0) return `${imports}${text.slice(0, end + 1)}${rows}${text.slice(end + 1)}`;
  const problem = "has no table that rows could be added to";
  throw new FaultError([{ component: PARITY, path: "", problem, remedy: 'let it end with the line "};"' }]);
}
