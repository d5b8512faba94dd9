import { isMap, parseDocument } from "yaml";
import type { Environment, Settings } from "../components/core/environment.ts";
import { didYouMean, type Fault, FaultError, Faults } from "../components/core/fault.ts";
import { isOutput } from "../components/core/object.ts";
import { inside } from "../components/core/plain.ts";
import { labelValue } from "../components/core/shape.ts";
import { configIn, type SettingsFile } from "./settings.ts";

/** What one environment is to run from now on. */
export interface Promoted {
  readonly service: string;
  readonly digest: string;
  /** What the digest is called, so that labels and telemetry say the same as before. */
  readonly version?: string;
}

/** What was asked for. */
export interface Promotion {
  readonly from: string;
  readonly to: string;
  /** Services by name; none for every one that the first environment has a version of its own of. */
  readonly services: readonly string[];
  /** Service -> digest, for those that the settings of the first environment have none of. */
  readonly digests: ReadonlyMap<string, string>;
}

const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** Where a digest comes from that runs nowhere yet: a build. It goes to the first environment. */
export const BUILT = "built";

/** @throws FaultError unless the second environment follows the first in the order of promotion. */
export function checkOrder(environments: readonly string[], { from, to }: Promotion): void {
  const faults = new Faults("promote");
  if (from === BUILT && !environments.includes(BUILT)) {
    checkFirst(environments, to);
    return;
  }
  for (const [path, name] of [
    ["from", from],
    ["to", to],
  ] as const) {
    if (environments.includes(name)) continue;
    faults.add(path, name, "but no such environment is declared", didYouMean(name, environments));
  }
  faults.check();
  const next = environments[environments.indexOf(from) + 1];
  if (next !== to) {
    const problem = `but promotion goes ${environments.join(" -> ")}, one step at a time`;
    faults.add("to", to, problem, next === undefined ? `nothing comes after ${from}` : `promote ${from} to ${next}`);
  }
  faults.check();
}

function checkFirst(environments: readonly string[], to: string): void {
  const [first = ""] = environments;
  if (to === first) return;
  const faults = new Faults("promote");
  const remedy = environments.includes(to) ? `promote built ${first}, and from there` : didYouMean(to, [first]);
  faults.add("to", to, `but what was built runs in ${first} first`, remedy);
  faults.check();
}

/**
 * The digests of a build, for those services whose settings do not say the same already: a version that changes with each
 * commit would roll pods whose image is the same.
 * @throws FaultError for services that nobody declares, and where no digest is given.
 */
export function built(
  environment: Environment,
  settings: Settings,
  digests: ReadonlyMap<string, string>,
  version: string | undefined,
): readonly Promoted[] {
  const faults = new Faults("promote");
  if (digests.size === 0) {
    const problem = "but a build is known by its digest alone";
    faults.add("--digest", undefined, problem, "write --digest order=sha256:<digest>, as the build said it");
  }
  if (version !== undefined && labelValue.safeParse(version).success === false) {
    faults.add("--as", version, "but it is no version that a label can hold", "use the commit's id");
  }
  for (const service of digests.keys()) {
    if (Object.hasOwn(environment.members, service)) continue;
    const known = Object.keys(environment.members);
    faults.add(service, service, `but ${environment.name} runs no such service`, didYouMean(service, known));
  }
  faults.check();
  const overrides = overridesIn(settings, environment.name);
  return [...digests].flatMap(([service, digest]) =>
    inside(overrides, service, "digest") === digest
      ? []
      : [{ service, digest, ...(version === undefined ? {} : { version }) }],
  );
}

/** "order=sha256:…" of the command line. @throws FaultError for what is no digest, such as a tag. */
export function digestOptions(options: readonly string[]): ReadonlyMap<string, string> {
  const faults = new Faults("promote");
  const digests = new Map<string, string>();
  for (const option of options) {
    const [service = "", digest = ""] = option.split("=", 2);
    if (service !== "" && DIGEST.test(digest)) digests.set(service, digest);
    else {
      const remedy = "write --digest order=sha256:<64 hexadecimal digits>, as the registry says it";
      faults.add("--digest", option, "but it is no service with a digest; a tag can be moved to other bytes", remedy);
    }
  }
  faults.check();
  return digests;
}

/**
 * The digests that run in the first environment. Never made up: one comes from its settings, or from the command line where
 * the settings have none.
 * @throws FaultError for services that nobody declares, and for those that run by a tag alone.
 */
export function promoted(environment: Environment, settings: Settings, promotion: Promotion): readonly Promoted[] {
  const { from, digests } = promotion;
  const overrides = overridesIn(settings, from);
  const asked = [...new Set([...promotion.services, ...digests.keys()])];
  const chosen = asked.length > 0 ? asked : Object.keys(overrides).filter((name) => hasVersion(overrides[name]));
  const faults: Fault[] = [];
  if (chosen.length === 0) {
    const problem = `has no digest of any service, so there is nothing to promote`;
    faults.push({
      component: `Pulumi.${from}.yaml`,
      path: "services",
      problem,
      remedy: "record one there when an image is built",
    });
  }
  const result = chosen.flatMap((service): readonly Promoted[] => {
    const known = inside(overrides, service, "digest");
    const given = digests.get(service);
    const fault = (value: unknown, problem: string, remedy: string) => {
      faults.push({ component: "promote", path: service, value, problem, remedy });
      return [];
    };
    if (!Object.hasOwn(environment.members, service)) {
      return fault(service, `but ${from} runs no such service`, didYouMean(service, Object.keys(environment.members)));
    }
    if (known !== undefined && given !== undefined && known !== given) {
      return fault(given, `but ${from} runs ${String(known)}`, "promote what runs there, or let it run there first");
    }
    const digest = known ?? given;
    if (typeof digest !== "string" || !DIGEST.test(digest)) {
      const remedy = `record its digest in Pulumi.${from}.yaml, or give --digest ${service}=sha256:<digest>`;
      return fault(digest, `but ${from} runs it by a tag, which can be moved to other bytes`, remedy);
    }
    const version = versionOf(environment, service);
    return [{ service, digest, ...(version === undefined ? {} : { version }) }];
  });
  if (faults.length > 0) throw new FaultError(faults);
  return result;
}

function overridesIn(settings: Settings, from: string): Readonly<Record<string, unknown>> {
  const overrides = settings["services"] ?? {};
  if (isOutput(overrides)) {
    const problem = "is encrypted, so no digest can be read there";
    throw new FaultError([
      {
        component: `Pulumi.${from}.yaml`,
        path: "services",
        problem,
        remedy: "a digest is no secret: write it plainly",
      },
    ]);
  }
  return Object(overrides) as Record<string, unknown>;
}

function hasVersion(override: unknown): boolean {
  return inside(override, "digest") !== undefined || inside(override, "version") !== undefined;
}

function versionOf({ members }: Environment, service: string): string | undefined {
  for (const { metadata } of Object.values(members[service]?.objects ?? {})) {
    const version = metadata.labels?.["app.kubernetes.io/version"];
    if (version !== undefined) return version;
  }
  return undefined;
}

/**
 * A stack's file with the digests in it; comments, order and everything else stay.
 * @throws FaultError where it is no YAML, and where services are no map.
 */
export function withDigests(file: SettingsFile, project: string, all: readonly Promoted[]): string {
  configIn(file);
  const empty = parseDocument(file.text).contents === null;
  const document = parseDocument(
    empty
      ? `${file.text.trimEnd()}
config:
`.trimStart()
      : file.text,
  );
  const services = ["config", `${project}:services`];
  const asMap = (path: readonly string[]) => {
    const node = document.getIn(path, true);
    if (isMap(node)) return;
    const value = document.getIn(path);
    if (value === undefined || value === null) document.setIn(path, document.createNode({}));
    else {
      const problem = "but it is a map of what is different for each service";
      throw new FaultError([
        {
          component: file.name,
          path: path.slice(1).join("."),
          value,
          problem,
          remedy: "write it as YAML, a line each",
        },
      ]);
    }
  };
  asMap(["config"]);
  asMap(services);
  for (const { service, digest, version } of all) {
    asMap([...services, service]);
    document.setIn([...services, service, "digest"], digest);
    if (version !== undefined) document.setIn([...services, service, "version"], version);
  }
  return document.toString({ lineWidth: 0 });
}
