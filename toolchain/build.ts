import { copyFile, cp, mkdir, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lastLines, ToolchainError } from "./failure.ts";
import type { Environment } from "./places.ts";
import { run } from "./process.ts";
import { onPath } from "./search-path.ts";
import type { GoBuild, PartName } from "./source.ts";
import { compareVersions } from "./version.ts";

/** The oldest Go that the pinned modules ask for. */
export const GO_VERSION = "1.26.0";

/**
 * How everything is compiled, so that what one build left in Go's cache serves the next. What -w would leave out at the end
 * need not be made first: a seventh less work for the compiler.
 */
export const COMPILED: readonly string[] = ["-trimpath", "-gcflags=all=-dwarf=false"];

/** Where a build takes from and puts to. */
export interface BuildPlace {
  /** Folder of the pinned modules; only read. */
  readonly modules: string;
  /** Folder for a copy of the module, made anew. */
  readonly scratch: string;
  /** Folder that the programs appear in, each at once and whole. */
  readonly into: string;
  readonly env: Environment;
}

/** The Go on PATH. */
export interface Go {
  readonly file: string;
  readonly version: string;
}

/** Finds Go. Throws a ToolchainError when there is none, or an older one. */
export async function findGo(env: Environment): Promise<Go> {
  const file = onPath("go", env);
  if (file === undefined) throw new ToolchainError("Go is not installed");
  const answer = await run(file, ["env", "GOVERSION"], { env: goEnvironment(env) });
  // "go1.26.8", but also "go1.27rc1".
  const version = /go(\d+\.\d+(?:\.\d+)?)/.exec(answer.stdout)?.[1];
  if (answer.status !== 0 || version === undefined) {
    throw new ToolchainError(`${file} does not say its version:\n${lastLines(answer.stderr)}`);
  }
  if (compareVersions(version, GO_VERSION) < 0) {
    throw new ToolchainError(`${file} is Go ${version}, but the pinned modules need ${GO_VERSION} or newer`);
  }
  return { file, version };
}

/** Builds the programs of one module. Throws a ToolchainError with the compiler's last lines. */
export async function goBuild(build: GoBuild, place: BuildPlace): Promise<void> {
  const go = await findGo(place.env);
  const module = join(place.scratch, build.folder);
  await rm(module, { recursive: true, force: true });
  await mkdir(place.scratch, { recursive: true });
  // The checkout may be read-only, and a build puts a file beside go.mod.
  await cp(join(place.modules, build.folder), module, { recursive: true });

  for (const [name, { module: path, path: inside }] of Object.entries(build.embed ?? {})) {
    const { stdout } = await goRun(go, ["mod", "download", "-json", path], module, place.env);
    const { Dir: folder } = JSON.parse(stdout) as { readonly Dir: string };
    await rm(join(module, name), { force: true });
    await copyFile(join(folder, inside), join(module, name));
  }

  const packages = Object.entries(build.packages) as [PartName, string][];
  const [first] = packages;
  const fresh = join(place.into, `.new-${build.folder}`);
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { recursive: true });
  // Several packages name their own files; one alone is named by us, since etcd's is called "server".
  const output = packages.length === 1 && first !== undefined ? join(fresh, first[0]) : `${fresh}/`;
  const flags = ["-s", "-w", ...Object.entries(build.set ?? {}).map(([name, value]) => `-X ${name}=${value}`)];
  const paths = packages.map(([, path]) => path);
  const tags = build.tags === undefined ? [] : ["-tags", build.tags.join(",")];
  const args = ["build", ...COMPILED, ...tags, "-ldflags", flags.join(" "), "-o", output, ...paths];
  await goRun(go, args, module, place.env);
  for (const [name] of packages) await rename(join(fresh, name), join(place.into, name));
  await rm(fresh, { recursive: true, force: true });
  await rm(module, { recursive: true, force: true });
}

/**
 * Downloads a Go module and returns its folder in Go's own cache, which is read-only.
 * The checksum database is not asked, as it lacks some: the caller compares what it takes from the folder.
 */
export async function downloadModule(module: string, version: string, env: Environment): Promise<string> {
  const go = await findGo(env);
  const { stdout } = await goRun(go, ["mod", "download", "-json", `${module}@${version}`], tmpdir(), {
    ...env,
    GONOSUMDB: module,
  });
  return (JSON.parse(stdout) as { readonly Dir: string }).Dir;
}

async function goRun(go: Go, args: readonly string[], cwd: string, env: Environment) {
  const outcome = await run(go.file, args, { cwd, env: goEnvironment(env) });
  if (outcome.status === 0) return outcome;
  const noise = /^go: downloading /;
  const said = outcome.stderr.split("\n").filter((line) => !noise.test(line));
  throw new ToolchainError(`go ${args[0]} failed:\n${lastLines(said.join("\n"))}`);
}

/** The user's environment, without what could change a build: no flags of his, no other Go, no C compiler. */
export function goEnvironment(env: Environment): Environment {
  // An empty GOFLAGS would let `go env -w GOFLAGS` through.
  return { ...env, GOFLAGS: "-mod=readonly -buildvcs=false", GOTOOLCHAIN: "local", GOWORK: "off", CGO_ENABLED: "0" };
}
