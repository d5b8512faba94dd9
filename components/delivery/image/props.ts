import * as z from "zod";
import { Faults } from "../../core/fault.ts";
import { absolutePath, checked, checkShape, componentName, filled, maybe, recordOf, strict } from "../../core/shape.ts";

/** An image of a Go service: what it is built from, and where it goes. */
export interface ServiceImageProps {
  /** The service's name: the program's in the image, and the image's title. */
  readonly name: string;
  /** Where it is pushed to, without tag or digest, such as "registry.example.com/shop/order". */
  readonly repository: string;
  /** The tag that says which source it is of, such as a commit's id. */
  readonly version: string;
  /** Further tags. @default ["latest"] */
  readonly tags?: readonly string[];
  /** Folder of the Go module. */
  readonly source: string;
  /** Package with the program in it, from that folder on. @default "./cmd/<name>" */
  readonly package?: string;
  /** Further flags of `go build`. @default none */
  readonly goFlags?: readonly string[];
  /**
   * What compiles: an image with Go in it; or "host", the Go of this machine, where images cannot be pulled.
   * @default "docker.io/library/golang:1.26"
   */
  readonly builder?: string;
  /** What the program is laid into: nothing at all, or an image without a shell such as "gcr.io/distroless/static-debian12". @default "scratch" */
  readonly base?: string;
  /** One platform: the resource of @pulumi/docker knows no more of an image. @default "linux/amd64" */
  readonly platform?: "linux/amd64" | "linux/arm64";
  /** Laid over the labels that follow from the rest. A label that changes with each commit rolls every pod with each commit. @default none */
  readonly labels?: Readonly<Record<string, string>>;
  /** Build arguments, readable in the image's history: nothing secret. @default none */
  readonly args?: Readonly<Record<string, string>>;
  /**
   * Modules that no public proxy has, as GOPRIVATE says them, such as "git.example.com/*". Their login is the build secret
   * "netrc", which no layer keeps. @default none
   */
  readonly privateModules?: readonly string[];
  /** What the build's commands reach: the engine's own network, this machine's, or nothing. @default the engine's own */
  readonly network?: "host" | "none";
  /** Images whose layers may be taken over. @default the repository's latest */
  readonly cacheFrom?: readonly string[];
  /** Packs the program by UPX: smaller on disk, slower to start, and more memory. @default false */
  readonly compress?: boolean;
  /** Files of this machine laid into the image by a build on the host: path there -> file here. @default none */
  readonly files?: Readonly<Record<string, string>>;
  /**
   * Programs that look at the image before it is pushed: name -> command. One that fails stops the push; what it prints is
   * kept. "{image}" stands for the image, "{binary}" for the program where the host builds it. @default none
   */
  readonly hooks?: Readonly<Record<string, readonly string[]>>;
  /** @default true */
  readonly push?: boolean;
}

/** The builder that needs no image. */
export const HOST = "host";

const REPOSITORY = /^(?:[a-z0-9.-]+(?::\d+)?\/)?[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*$/;

const repository = checked(z.string(), (text) =>
  REPOSITORY.test(text)
    ? undefined
    : ["but it is no repository, or has a tag or digest", 'use for example "registry.example.com/shop/order"'],
);

const tag = checked(z.string(), (text) =>
  /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/.test(text)
    ? undefined
    : [
        "but a tag has at most 128 letters, digits, dots, hyphens and underscores",
        'use for example a commit: "1f2e3d4"',
      ],
);

const image = checked(z.string(), (text) =>
  /^[a-z0-9][\w./:@-]*$/i.test(text)
    ? undefined
    : ["but it is no image", 'use for example "docker.io/library/golang:1.26"'],
);

/** A word of a command line that no shell reads as more. */
const plain = checked(filled, (text) =>
  /^[\w./:@=,+*%^~-]+$/.test(text)
    ? undefined
    : ["but it has a character that a shell reads", "use letters, digits and . / : @ = , + * - only"],
);

const goPackage = checked(plain, (text) =>
  /^\.(?:\/(?!\.)[\w.-]+)*$/.test(text)
    ? undefined
    : ["but it is no package of the module", 'write its folder from the module on, such as "./cmd/order"'],
);

const variable = checked(z.string(), (text) =>
  /^[A-Za-z_]\w*$/.test(text) ? undefined : ["but it is no name of a variable", 'use for example "GOFLAGS"'],
);

const line = checked(z.string(), (text) =>
  /[\n\r\0]/.test(text) ? ["but it is more than one line", "write it in one line"] : undefined,
);

const shape = strict<ServiceImageProps>({
  name: componentName,
  repository,
  version: checked(tag, (text) =>
    text === "latest" ? ["but latest means another image every day", "use the commit's id"] : undefined,
  ),
  tags: maybe(z.array(tag)),
  source: filled,
  package: maybe(goPackage),
  goFlags: maybe(z.array(plain)),
  builder: maybe(image),
  base: maybe(image),
  platform: maybe(z.enum(["linux/amd64", "linux/arm64"])),
  labels: maybe(recordOf(line, plain)),
  args: maybe(recordOf(line, variable)),
  privateModules: maybe(z.array(plain)),
  network: maybe(z.enum(["host", "none"])),
  cacheFrom: maybe(z.array(image)),
  compress: maybe(z.boolean()),
  files: maybe(recordOf(filled, absolutePath)),
  hooks: maybe(recordOf(z.array(filled), componentName)),
  push: maybe(z.boolean()),
});

/** The props with everything that was left out. */
export type SettledImage = Required<Omit<ServiceImageProps, "network">> & Pick<ServiceImageProps, "network">;

/** @throws FaultError with everything that is wrong with the props. */
export function settledImage(props: ServiceImageProps): SettledImage {
  const faults = new Faults(typeof props.name === "string" ? `image ${props.name}` : "image");
  checkShape(faults, shape, props);
  faults.check();
  const onHost = props.builder === HOST;
  const settled: SettledImage = {
    tags: ["latest"],
    package: `./cmd/${props.name}`,
    goFlags: [],
    builder: "docker.io/library/golang:1.26",
    base: "scratch",
    platform: "linux/amd64",
    labels: {},
    args: {},
    privateModules: [],
    cacheFrom: onHost ? [] : [`${props.repository}:latest`],
    compress: false,
    files: {},
    hooks: {},
    push: true,
    ...props,
  };
  checkSecrets(faults, settled);
  checkHost(faults, settled, onHost);
  for (const [name, command] of Object.entries(settled.hooks)) {
    const path = `hooks.${name}`;
    if (command.length === 0)
      faults.add(path, command, "but it calls no program", 'write for example ["trivy", "image", "{image}"]');
    if (!onHost && command.some((word) => word.includes("{binary}"))) {
      faults.add(
        path,
        command,
        "but the program is built inside an image",
        'look at "{image}", or use builder: "host"',
      );
    }
  }
  faults.check();
  return settled;
}

/** A careless build argument: everybody who pulls the image could read it. */
function checkSecrets(faults: Faults, { args }: SettledImage): void {
  for (const name of Object.keys(args)) {
    if (!/TOKEN|PASSWORD|SECRET|CREDENTIAL|NETRC|PRIVATE_KEY/i.test(name)) continue;
    const remedy = "name the modules in privateModules, whose login is mounted as a build secret";
    faults.add(`args.${name}`, "a value not shown", "but build arguments stay readable in the image's history", remedy);
  }
}

function checkHost(faults: Faults, { files, args, cacheFrom, network }: SettledImage, onHost: boolean): void {
  if (!onHost) {
    if (Object.keys(files).length === 0) return;
    const remedy = 'use builder: "host", or a base that has them';
    faults.add(
      "files",
      Object.keys(files),
      "but only a build on the host lays files of this machine into the image",
      remedy,
    );
    return;
  }
  const remedy = "leave it out";
  if (Object.keys(args).length > 0) {
    faults.add("args", Object.keys(args), "but the host's Go builds, and takes no build arguments", remedy);
  }
  if (network !== undefined)
    faults.add("network", network, "but the host's Go builds, in this machine's network", remedy);
  if (cacheFrom.length > 0) {
    faults.add("cacheFrom", cacheFrom, "but the host's Go builds, and has a cache of its own", remedy);
  }
}
