import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ensureParts } from "../toolchain/index.ts";
import { measured, type Usage } from "./usage.ts";

/** A program that writes an environment as YAML. */
export interface Contender {
  readonly name: string;
  /** It prints its YAML and writes no files. @default false */
  readonly prints?: true;
  /** The command that writes a task's objects into a folder, or prints them. */
  readonly command: (task: Task, folder: string) => readonly [program: string, ...args: string[]];
  /** Most services it is asked for, where more would take minutes. */
  readonly most: number;
}

/** What a contender works with. */
export interface Task {
  readonly count: number;
  /** Its objects as JSON: service -> role -> object. */
  readonly objects: string;
  /** The same under `services`, as a chart's values. */
  readonly values: string;
  /** Where the built programs stand. */
  readonly programs: string;
  /** A folder for what is made. */
  readonly temporary: string;
}

const node = (program: string, given: (task: Task) => string): Contender["command"] => {
  return (task, folder) => [process.execPath, join(task.programs, program), given(task), folder];
};

/** Ours makes the objects of the description; the others are given them. */
export const OURS: Contender = {
  name: "Fairlead",
  command: node("render-fairlead.js", ({ count }) => String(count)),
  most: Number.POSITIVE_INFINITY,
};

export const LIBRARIES: readonly Contender[] = [
  { name: "yaml", command: node("render-yaml.js", ({ objects }) => objects), most: Number.POSITIVE_INFINITY },
  { name: "cdk8s", command: node("render-cdk8s.js", ({ objects }) => objects), most: 1000 },
];

/** A template that writes every object, as charts do with what they are given as it is. */
const TEMPLATE = `{{- range .Values.services }}{{ range . }}
---
{{ toYaml . }}
{{- end }}{{ end }}
`;

/** Helm 4 and go-jsonnet, found, downloaded or built; what they need besides the objects is written to a folder. */
export async function peers(folder: string): Promise<readonly Contender[]> {
  const parts = await ensureParts(["helm", "jsonnet"]);
  const [helm, jsonnet] = (["helm", "jsonnet"] as const).map((name) => parts.get(name)?.file ?? name) as [
    string,
    string,
  ];
  const chart = join(folder, "chart");
  mkdirSync(join(chart, "templates"), { recursive: true });
  writeFileSync(join(chart, "Chart.yaml"), "apiVersion: v2\nname: bench\nversion: 1.0.0\n");
  writeFileSync(join(chart, "templates/all.yaml"), TEMPLATE);
  const program = (objects: string) =>
    `local s = import '${objects}'; { [n + '.yaml']: std.manifestYamlStream(std.objectValues(s[n])) for n in std.objectFields(s) }`;
  const most = 1000;
  return [
    {
      name: "Helm 4",
      prints: true,
      command: ({ values }) => [helm, "template", "bench", chart, "--values", values],
      most,
    },
    {
      name: "go-jsonnet",
      command: ({ objects }, folder) => [jsonnet, "-S", "-m", folder, "-e", program(objects)],
      most,
    },
  ];
}

/** Runs a contender in a process of its own. What it wrote is gone afterwards, unless `look` looks at it first. */
export async function runContender(contender: Contender, task: Task, look?: (folder: string) => void): Promise<Usage> {
  const folder = mkdtempSync(join(task.temporary, "out-"));
  const printed = contender.prints === true ? openSync(join(folder, "all.yaml"), "w") : undefined;
  try {
    // As the command line has it; the others written in JavaScript get it too.
    const env = { ...process.env, NODE_COMPILE_CACHE: join(task.temporary, "compiled") };
    const usage = await measured(contender.command(task, folder), printed ?? "ignore", { env });
    look?.(folder);
    return usage;
  } finally {
    if (printed !== undefined) closeSync(printed);
    rmSync(folder, { recursive: true });
  }
}
