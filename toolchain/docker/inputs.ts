/** How Pulumi marks a secret, and what it does not know yet, on its wire. https://www.pulumi.com/docs/concepts/secrets/ */
const SECRET_KEY = "4dabf18193072939515e22adb298388d";
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Inputs of docker:index:Image, every secret opened. */
export interface ImageInputs {
  readonly imageName: string;
  readonly build: BuildInputs;
  readonly registry: { readonly server?: string; readonly username?: string; readonly password?: string };
  readonly skipPush: boolean;
}

export interface BuildInputs {
  readonly context: string;
  readonly dockerfile: string;
  readonly platform: string;
  readonly args: Readonly<Record<string, string>>;
  readonly target?: string;
  readonly network?: string;
  readonly addHosts: readonly string[];
  readonly cacheFrom: readonly string[];
  readonly builderVersion: "BuilderV1" | "BuilderBuildKit";
  readonly contextDigest?: string;
}

/** One property that cannot stay, as the engine shows it. */
export interface Refusal {
  readonly property: string;
  readonly reason: string;
}

const TOP = ["imageName", "build", "registry", "skipPush", "buildOnPreview"];
const BUILD = [
  "context",
  "dockerfile",
  "platform",
  "args",
  "target",
  "network",
  "addHosts",
  "cacheFrom",
  "builderVersion",
  "contextDigest",
];

/** A value with every secret in it opened. */
export function opened(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(opened);
  if (typeof value !== "object" || value === null) return value;
  if (isSecret(value)) return opened(Reflect.get(value, "value"));
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, opened(inner)]));
}

function isSecret(value: unknown): boolean {
  return typeof value === "object" && value !== null && SECRET_KEY in value && "value" in value;
}

/** Whether a value, or a part of it, is not known before other resources are there. */
export function hasUnknown(value: unknown): boolean {
  if (value === UNKNOWN) return true;
  return typeof value === "object" && value !== null && Object.values(value).some(hasUnknown);
}

/** What is wrong with the inputs as the program gave them. */
export function refusals(raw: Readonly<Record<string, unknown>>): readonly Refusal[] {
  const found: Refusal[] = [];
  const refuse = (property: string, reason: string) => found.push({ property, reason });
  const build = Object(opened(raw["build"])) as Readonly<Record<string, unknown>>;
  const unknown = (keys: readonly string[], allowed: readonly string[], at: string) => {
    for (const key of keys)
      if (!key.startsWith("__") && !allowed.includes(key)) refuse(`${at}${key}`, "is no input of docker:index:Image");
  };
  unknown(Object.keys(raw), TOP, "");
  unknown(Object.keys(build), BUILD, "build.");
  const name = opened(raw["imageName"]);
  if (typeof name !== "string" || name === "")
    refuse("imageName", "is missing; write registry.example.com/shop/order:1.0.0");
  if (opened(raw["buildOnPreview"]) === true) {
    refuse(
      "buildOnPreview",
      "is nothing that this provider does: images are built when they are applied; leave it out",
    );
  }
  if (hasSecret(Object(Object(raw["build"]).args))) {
    refuse(
      "build.args",
      "holds a secret, and build arguments stay readable in an image's history; mount it as a build secret",
    );
  }
  const version = build["builderVersion"];
  if (version !== undefined && version !== "BuilderV1" && version !== "BuilderBuildKit" && version !== UNKNOWN) {
    refuse("build.builderVersion", "is neither BuilderBuildKit nor BuilderV1");
  }
  return found;
}

function hasSecret(value: unknown): boolean {
  if (isSecret(value)) return true;
  return typeof value === "object" && value !== null && Object.values(value).some(hasSecret);
}

/** The inputs with what was left out. */
export function imageInputs(raw: Readonly<Record<string, unknown>>): ImageInputs {
  const open = opened(raw) as Readonly<Record<string, unknown>>;
  const build = Object(open["build"]) as Partial<Omit<BuildInputs, "cacheFrom">> & {
    readonly cacheFrom?: { readonly images?: readonly string[] };
  };
  const { context = ".", cacheFrom, args = {}, addHosts = [], builderVersion = "BuilderBuildKit", ...rest } = build;
  return {
    imageName: String(open["imageName"]),
    skipPush: open["skipPush"] === true,
    registry: Object(open["registry"]) as ImageInputs["registry"],
    build: {
      dockerfile: context === "." ? "Dockerfile" : `${context}/Dockerfile`,
      platform: hostPlatform(),
      ...rest,
      context,
      args,
      addHosts,
      builderVersion,
      cacheFrom: cacheFrom?.images ?? [],
    },
  };
}

/** What the official plugin builds for when nobody says. */
export function hostPlatform(): string {
  return `linux/${process.arch === "x64" ? "amd64" : process.arch}`;
}
