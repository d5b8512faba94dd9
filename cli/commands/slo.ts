import { writeFileSync } from "node:fs";
import { relative, resolve } from "node:path";
import type { Program } from "../../components/core/environment.ts";
import { didYouMean } from "../../components/core/fault.ts";
import {
  detectionRows,
  evidence,
  grouped,
  reportPage,
  rungRows,
  SCRAPE_SECONDS,
  type ServiceLevelProgram,
  type Shown,
  serviceObjectives,
} from "../../components/observability/index.ts";
import { environmentSettings, oneFault, openProject } from "../project.ts";
import { table } from "../table.ts";

export interface SloOptions {
  /** File of the page, from the folder where the command was called. */
  readonly html?: string;
}

/** Prints what each objective of an environment, or of one service in it, comes to; or writes it as a page. */
export async function slo(name: string, service: string | undefined, { html }: SloOptions): Promise<void> {
  const project = await openProject();
  const shown = objectivesOf(project.program, name, environmentSettings(project, name), service);
  if (html === undefined) return console.log(shown.map(printed).join("\n\n"));
  const file = resolve(html);
  writeFileSync(file, reportPage(`Service levels of ${service ?? project.program.project} in ${name}`, shown));
  console.log(`${relative(process.cwd(), file)}: ${shown.length} objectives`);
}

function objectivesOf(
  program: Program,
  environment: string,
  settings: Parameters<ServiceLevelProgram["serviceLevels"]>[1],
  service: string | undefined,
): readonly Shown[] {
  const levels = promises(program) ? program.serviceLevels(environment, settings) : {};
  const known = Object.keys(levels);
  if (known.length === 0) {
    const problem = `but no service of ${program.project} promises anything`;
    throw oneFault("slo", "", environment, problem, "give one: slo: { availability: 99.9 }");
  }
  if (service !== undefined && !known.includes(service)) {
    throw oneFault(
      "service",
      "",
      service,
      `but nothing of that name promises anything in ${environment}`,
      didYouMean(service, known),
    );
  }
  return Object.entries(levels)
    .filter(([name]) => service === undefined || name === service)
    .flatMap(([, props]) => serviceObjectives(props))
    .map((objective) => ({ objective, evidence: evidence(objective, { scrape: SCRAPE_SECONDS }) }));
}

function promises(program: Program): program is ServiceLevelProgram {
  return "serviceLevels" in program && typeof program.serviceLevels === "function";
}

function printed({ objective, evidence }: Shown): string {
  return [
    `${objective.id}: ${objective.promise}`,
    table(rungRows(evidence).map(heading)),
    table(detectionRows(evidence).map(heading)),
    `${grouped(evidence.samplesPerHour)} samples an hour are read for its rules (20 series, scraped every ${SCRAPE_SECONDS} s)`,
  ].join("\n\n");
}

function heading(row: readonly string[], index: number): readonly string[] {
  return index === 0 ? row.map((cell) => cell.toUpperCase()) : row;
}
