import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import type { Program } from "../../components/core/environment.ts";
import { didYouMean } from "../../components/core/fault.ts";
import { loadTestScript, type ServiceLevelProgram } from "../../components/observability/index.ts";
import { environmentSettings, oneFault, openProject, type Project } from "../project.ts";

export interface LoadOptions {
  /** File of the script, from the folder where the command was called. @default standard output, for `k6 run -` */
  readonly out?: string;
}

/** Writes the load test of a service: its requests, and what it promises as k6's thresholds. */
export async function load(name: string, service: string, { out }: LoadOptions): Promise<void> {
  const project = await openProject();
  const test = testOf(project, name, service);
  // k6 looks for contracts from the script's own folder, and for one that it reads from a pipe from where it runs.
  const file = out === undefined ? undefined : resolve(out);
  const protos = relative(file === undefined ? process.cwd() : dirname(file), project.root) || ".";
  const script = loadTestScript(test, protos);
  if (file === undefined) {
    process.stdout.write(script);
    return;
  }
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, script);
  console.log(`${relative(process.cwd(), file)}: k6 run ${relative(process.cwd(), file)}`);
}

function testOf(project: Project, environment: string, service: string) {
  const { program } = project;
  const settings = environmentSettings(project, environment);
  if (!makesLoadTests(program)) {
    const remedy = "add loadTests: (name, settings) => loadTests(services, …)";
    throw oneFault("infra/program.ts", "", undefined, "but it makes no load tests", remedy);
  }
  const tests = program.loadTests(environment, settings);
  const test = Object.hasOwn(tests, service) ? tests[service] : undefined;
  if (test !== undefined) return test;
  const known = Object.keys(tests);
  const problem = `but nothing of that name promises anything in ${environment} that a load test could hold`;
  const remedy = known.length === 0 ? "give one: slo: { availability: 99.9 }" : didYouMean(service, known);
  throw oneFault("service", "", service, problem, remedy);
}

type Loading = Program & Required<Pick<ServiceLevelProgram, "loadTests">>;

function makesLoadTests(program: Program): program is Loading {
  return "loadTests" in program && typeof program.loadTests === "function";
}
