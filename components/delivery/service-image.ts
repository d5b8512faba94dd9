import { dockerfile, LINKED, labelsOf } from "./image/dockerfile.ts";
import { HOST, type ServiceImageProps, settledImage } from "./image/props.ts";

export type { ServiceImageProps } from "./image/props.ts";

/** How the host's Go builds the program. */
export interface HostBuild {
  /** Folder of the Go module. */
  readonly folder: string;
  /** Arguments of `go`, without where the program goes. */
  readonly args: readonly string[];
  /** Variables that decide about the bytes. */
  readonly env: Readonly<Record<string, string>>;
  /** What packs the program afterwards, without the program's path. @default nothing */
  readonly pack?: readonly string[];
}

/** Everything that is known of an image before it is built. */
export interface ServiceImagePlan {
  readonly name: string;
  /** Text of the Dockerfile. */
  readonly dockerfile: string;
  readonly platform: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly args: Readonly<Record<string, string>>;
  /** Full names, the one of the version first. */
  readonly names: readonly string[];
  readonly cacheFrom: readonly string[];
  readonly network?: string;
  readonly push: boolean;
  /** Folder that an engine builds from; absent where the host builds. */
  readonly context?: string;
  readonly host?: HostBuild;
  /** Files laid into the image: path there -> file here. */
  readonly files: Readonly<Record<string, string>>;
  readonly hooks: Readonly<Record<string, readonly string[]>>;
}

/**
 * What an image of a Go service is made of: a static program in an image without a shell, as user 1001.
 * Sizes of such images: 10 to 20 MB, and below 2 MB for the smallest program packed by UPX.
 * @throws FaultError with everything that is wrong with the props.
 */
export function serviceImage(props: ServiceImageProps): ServiceImagePlan {
  const image = settledImage(props);
  const { name, repository, version, tags, platform, args, cacheFrom, push, files, hooks, source } = image;
  const onHost = image.builder === HOST;
  return {
    name,
    dockerfile: dockerfile(image),
    platform,
    labels: labelsOf(image),
    // The cache rides in the pushed image; files and image are of 1970, whenever they are built.
    args: onHost ? {} : { BUILDKIT_INLINE_CACHE: "1", SOURCE_DATE_EPOCH: "0", ...args },
    names: [...new Set([version, ...tags])].map((tag) => `${repository}:${tag}`),
    cacheFrom,
    push,
    files,
    hooks,
    ...(image.network === undefined ? {} : { network: image.network }),
    ...(onHost
      ? {
          host: {
            folder: source,
            args: ["build", "-trimpath", "-buildvcs=false", ...image.goFlags, `-ldflags=${LINKED}`, image.package],
            env: {
              CGO_ENABLED: "0",
              GOOS: "linux",
              GOARCH: platform.slice("linux/".length),
              // An empty GOFLAGS would let `go env -w GOFLAGS` through.
              GOFLAGS: "-mod=readonly",
              ...(image.privateModules.length === 0 ? {} : { GOPRIVATE: image.privateModules.join(",") }),
            },
            ...(image.compress ? { pack: ["upx", "--best", "--lzma", "--force-overwrite", "-q"] } : {}),
          },
        }
      : { context: source }),
  };
}
