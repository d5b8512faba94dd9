import * as pulumi from "@pulumi/pulumi";
import type { Program, Settings } from "../core/environment.ts";
import { didYouMean, FaultError } from "../core/fault.ts";
import { settingValue } from "../core/setting.ts";
import { withoutObjects } from "./answers.ts";
import { withoutAsides } from "./asides.ts";
import { deploy } from "./deploy.ts";
import { reported } from "./failure.ts";
import { inTurn } from "./turns.ts";

/**
 * Runs a program for the stack that the engine was called with: the stack's name is the environment's.
 * Everything is built and checked before the engine is told of the first resource.
 * @param options For every component.
 * @param images Makes images: service -> what was built of it, such as a ServiceImage's image, which runs instead of what the
 * settings say. Called once everything else is known to be right.
 * @returns The stack's outputs, to be exported.
 * @throws RunError with every fault, which the engine shows as its message.
 */
export function runProgram(
  program: Program,
  options: pulumi.ComponentResourceOptions = {},
  images?: () => Readonly<Record<string, pulumi.Output<string>>>,
): Readonly<Record<string, unknown>> {
  const environment = reported(() => {
    const stack = pulumi.getStack();
    if (!program.environments.includes(stack)) {
      throw new FaultError([
        {
          component: "stack",
          path: "",
          value: stack,
          problem: `but ${program.project} declares no such environment`,
          remedy: didYouMean(stack, program.environments),
        },
      ]);
    }
    const settings = stackSettings(program);
    const described = program.build(stack, settings);
    return images === undefined ? described : program.build(stack, withImages(settings, images()));
  });
  withoutObjects(new Set(Object.entries(environment.members).map(([name, { type }]) => `${type}::${name}`)));
  withoutAsides(() => deploy(environment, options, inTurn()));
  return environment.outputs ?? {};
}

/** The settings with an image for each service that was built. */
function withImages(settings: Settings, images: Readonly<Record<string, pulumi.Output<string>>>): Settings {
  const names = Object.keys(images);
  if (names.length === 0) return settings;
  const services = Object(settings["services"]) as Readonly<Record<string, object>>;
  const built = names.map((name) => [name, { ...services[name], image: images[name] }] as const);
  return { ...settings, services: { ...services, ...Object.fromEntries(built) } };
}

/** The settings of the current stack under the project's name; a secret one is an Output of its text. */
export function stackSettings(program: Pick<Program, "project" | "texts">): Settings {
  const config = new pulumi.Config(program.project);
  const prefix = `${program.project}:`;
  const settings: Record<string, unknown> = {};
  for (const [key, text] of Object.entries(pulumi.runtime.allConfig())) {
    if (!key.startsWith(prefix)) continue;
    const name = key.slice(prefix.length);
    if (isSecret(key)) settings[name] = config.requireSecret(name);
    else settings[name] = settingValue(text, program.texts?.includes(name) === true);
  }
  return settings;
}

/** The one place where we ask what the engine knows but does not declare in its types. */
function isSecret(key: string): boolean {
  const ask: unknown = Reflect.get(pulumi.runtime, "isConfigSecret");
  return typeof ask === "function" && ask(key) === true;
}
