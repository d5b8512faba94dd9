import * as pulumi from "@pulumi/pulumi";

/** What a program told the engine of one resource. */
export interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** What it told of the same resource beside the inputs. */
export interface Told {
  readonly type: string;
  readonly name: string;
  readonly options: pulumi.CustomResourceOptions;
  /** What the engine knows the resource by: the types above it, its own type and its name. */
  readonly identity: string;
  /** What it may have been known by before. */
  readonly former: readonly string[];
}

export interface Run<T> {
  readonly result: T;
  readonly registered: readonly Registered[];
  readonly told: readonly Told[];
}

/**
 * Runs a program against the SDK's mocks to its end.
 * @param made What a provider would tell of a resource beside its inputs.
 */
export async function run<T>(
  program: () => T,
  stack = "dev",
  project = "shop",
  made: (type: string, name: string) => object = () => ({}),
): Promise<Run<T>> {
  const registered: Registered[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        if (type !== "pulumi:pulumi:Stack") registered.push({ type, name, inputs });
        return { id: `${name}-id`, state: { ...inputs, ...made(type, name) } };
      },
      call: ({ inputs }) => inputs,
    },
    project,
    stack,
  );
  const told = new Map<pulumi.Resource, Told>();
  let result: { readonly value: T } | { readonly thrown: unknown } | undefined;
  await pulumi.runtime.runInPulumiStack(async () => {
    pulumi.runtime.registerStackTransformation(({ resource, name, type, opts }) => {
      const above = opts.parent === undefined ? "" : `${told.get(opts.parent)?.identity.replace(/::.*/, "")}$`;
      const former = (opts.aliases ?? []).map((alias) => formerIdentity(alias, above, type, name));
      told.set(resource, { type, name, options: opts, identity: `${above}${type}::${name}`, former });
      return undefined;
    });
    // The SDK leaves a program's error to the process; a test wants it here.
    try {
      result = { value: program() };
    } catch (thrown) {
      result = { thrown };
    }
    return {};
  });
  // Waits for every registration; the next run must not be told of one.
  await pulumi.runtime.disconnect();
  if (result === undefined) throw new Error("the program did not run");
  if ("thrown" in result) throw result.thrown;
  return { result: result.value, registered, told: [...told.values()] };
}

function formerIdentity(
  alias: pulumi.Input<pulumi.URN | pulumi.Alias>,
  above: string,
  type: string,
  name: string,
): string {
  if (typeof alias === "string") return alias;
  if (typeof alias !== "object" || "apply" in alias || alias instanceof Promise) throw new Error("alias not plain");
  return `${above}${String(alias.type ?? type)}::${String(alias.name ?? name)}`;
}

/** The value of an Output, once it is known. */
export function known<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => {
    output.apply((value) => resolve(value));
  });
}

/** What the engine would do to the resources of one run when the other follows: by name, made anew and taken away. */
export function changes(
  before: Run<unknown>,
  after: Run<unknown>,
): { made: readonly string[]; removed: readonly string[] } {
  const left = new Map(before.told.map(({ identity, name }) => [identity, name]));
  const made: string[] = [];
  for (const { name, identity, former } of after.told) {
    const match = [identity, ...former].find((one) => left.has(one));
    if (match === undefined) made.push(name);
    else left.delete(match);
  }
  return { made, removed: [...left.values()] };
}

/** The mark that the engine's wire format puts on a secret. https://www.pulumi.com/docs/concepts/secrets/ */
const SECRET = { key: "4dabf18193072939515e22adb298388d", value: "1b47061264138c4ac30d75fd1eb44270" };

/** What was registered, with every secret opened. */
export function opened(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(opened);
  if (typeof value !== "object" || value === null) return value;
  if (Reflect.get(value, SECRET.key) === SECRET.value) return opened(Reflect.get(value, "value"));
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, opened(inner)]));
}

/** Paths of what was registered as secret. */
export function secretPaths(value: unknown, path = ""): readonly string[] {
  if (typeof value !== "object" || value === null) return [];
  if (Reflect.get(value, SECRET.key) === SECRET.value) return [path];
  return Object.entries(value).flatMap(([key, inner]) => secretPaths(inner, path === "" ? key : `${path}.${key}`));
}
