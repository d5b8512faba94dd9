import * as z from "zod";
import type { Duration } from "../../core/duration.ts";
import { seconds } from "../../core/duration.ts";
import { Faults } from "../../core/fault.ts";
import {
  checked,
  checkShape,
  componentName,
  duration,
  filled,
  maybe,
  recordOf,
  someOf,
  strict,
} from "../../core/shape.ts";

/** An image that is built from this repository. */
export interface ImageProps {
  /** Where it is pushed to, without a tag, such as "registry.example.com/shop/order". */
  readonly repository: string;
  /** Folder that it is built from. @default "." */
  readonly context?: string;
  /** @default "<context>/Dockerfile" */
  readonly dockerfile?: string;
  /** Platforms under one digest. @default the runner's */
  readonly platforms?: readonly ("linux/amd64" | "linux/arm64")[];
  /** Build secrets that the Dockerfile mounts, such as "netrc": each is the repository's secret of that name in capitals. @default none */
  readonly secrets?: readonly string[];
}

/** What a repository's workflows are made of. */
export interface WorkflowsProps {
  /** The project's name, as in Pulumi.yaml. */
  readonly project: string;
  /** Environments that pull requests are compared in and that drift is looked for, in the order of promotion. */
  readonly environments: readonly string[];
  /** Branch that pull requests go to. @default "main" */
  readonly branch?: string;
  /** Name -> image. @default none is built here */
  readonly images?: Readonly<Record<string, ImageProps>>;
  /** Whether digests that were built are proposed to the first environment, by a pull request. @default true */
  readonly recordDigests?: boolean;
  /** When drift is looked for, as cron in UTC. @default "17 5 * * *" */
  readonly drift?: string;
  /** An environment for each pull request, in namespaces of its own. @default none */
  readonly pullRequestEnvironment?: {
    /** The environment that it is like. */
    readonly like: string;
    /** How long it lives after the last push. @default "48h" */
    readonly timeToLive?: Duration;
  };
  /** Machine that jobs run on. @default "ubuntu-24.04" */
  readonly runner?: string;
  /** How this command line is called after `npm ci`. @default "npx fairlead" */
  readonly command?: string;
  /** What each gate of the checks runs. @default npm run lint, npm run test:unit, npm run test:integration */
  readonly gates?: Gates;
}

/** Commands, each run where the one before it passed. */
export interface Gates {
  readonly lint: string;
  readonly unit: string;
  readonly integration: string;
}

const GATES: Gates = { lint: "npm run lint", unit: "npm run test:unit", integration: "npm run test:integration" };

/** The props with everything that was left out. */
export interface Settled extends WorkflowsProps {
  readonly branch: string;
  readonly runner: string;
  readonly drift: string;
  readonly command: string;
  readonly gates: Gates;
}

/** Text that stands in scripts and expressions: nothing that a shell or GitHub would read as more than a name. */
const word = checked(z.string(), (text) =>
  /^[\w][\w./-]*$/.test(text)
    ? undefined
    : ["but it may have letters, digits, dots, slashes, hyphens and underscores only", 'write for example "main"'],
);

/** A call of a program: one line that GitHub reads no expression in. */
const call = checked(filled, (text) =>
  /[\n\r]|\$\{\{/.test(text)
    ? ["but it is more than one plain call of a program", 'write for example "npm run lint"']
    : undefined,
);

const FIELD = String.raw`(?:\*|\d{1,2}(?:-\d{1,2})?)(?:/\d{1,2})?`;
const CRON = new RegExp(`^${FIELD}(?:,${FIELD})*(?: ${FIELD}(?:,${FIELD})*){4}$`);

/** What a secret of the repository can be called, in small letters. */
const secretId = checked(z.string(), (text) =>
  /^(?!github_)[a-z][a-z0-9_]*$/.test(text)
    ? undefined
    : ["but it is no name of a secret in small letters", 'write for example "netrc"'],
);

const shape = strict<WorkflowsProps>({
  project: componentName,
  environments: z.array(componentName),
  branch: maybe(word),
  images: maybe(
    recordOf(
      strict<ImageProps>({
        repository: word,
        context: maybe(word.or(z.literal("."))),
        dockerfile: maybe(word),
        platforms: maybe(someOf(z.enum(["linux/amd64", "linux/arm64"]))),
        secrets: maybe(z.array(secretId)),
      }),
      componentName,
    ),
  ),
  recordDigests: maybe(z.boolean()),
  drift: maybe(
    checked(filled, (text) =>
      CRON.test(text) ? undefined : ["but it is no time of five numbers", 'write for example "17 5 * * *", in UTC'],
    ),
  ),
  pullRequestEnvironment: maybe(
    strict<NonNullable<WorkflowsProps["pullRequestEnvironment"]>>({ like: componentName, timeToLive: maybe(duration) }),
  ),
  runner: maybe(word),
  command: maybe(call),
  gates: maybe(strict<Gates>({ lint: call, unit: call, integration: call })),
});

/** @throws FaultError with everything that is wrong with the props. */
export function settled(props: WorkflowsProps): Settled {
  const faults = new Faults("workflows");
  checkShape(faults, shape, props);
  faults.check();
  const { environments, pullRequestEnvironment: own } = props;
  if (environments.length === 0) {
    faults.add("environments", environments, "but there is nothing then to compare", 'name them: ["dev", "prod"]');
  }
  if (own !== undefined && !environments.includes(own.like)) {
    faults.add(
      "pullRequestEnvironment.like",
      own.like,
      "but no such environment is named",
      `use one of ${environments.join(", ")}`,
    );
  }
  const life = seconds(own?.timeToLive ?? "48h") ?? 0;
  if (life < 3600) {
    faults.add(
      "pullRequestEnvironment.timeToLive",
      own?.timeToLive,
      "but it is looked for once an hour",
      'write "1h" or more',
    );
  }
  faults.check();
  const {
    branch = "main",
    runner = "ubuntu-24.04",
    drift = "17 5 * * *",
    command = "npx fairlead",
    gates = GATES,
  } = props;
  return { ...props, branch, runner, drift, command, gates };
}
