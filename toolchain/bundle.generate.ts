/**
 * Puts the compiled components into few files, with the libraries that they need: `node toolchain/bundle.generate.ts dist`.
 * Two hundred small files take four times as long to load, each time a program or a preview starts. What a program or the
 * command line imports stays where it was, and leads there.
 */
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import process from "node:process";
import { type OutputChunk, rolldown } from "rolldown";

/** Engines are the program's own, and there must be one of each in it; data stays where a test finds it. */
const EXTERNAL: readonly RegExp[] = [/^node:/, /^@pulumi\//, /^cdk8s$/, /^constructs$/, /\.json$/];

/** Engines' adapters are loaded by those who use that engine only. */
const APART = /\/components\/(?:pulumi|cdk8s)\//;

/** Compiled components that other modules import, by the path that they import them by. */
function entries(folder: string, exported: readonly string[]): readonly string[] {
  const components = join(folder, "components");
  const others = globSync("**/*.js", { cwd: folder, exclude: ["components/**"] });
  const imported = others.flatMap((file) => {
    const text = readFileSync(join(folder, file), "utf8");
    return [...text.matchAll(/(?:from|import\()\s*"(\.{1,2}\/[^"]+)"/g)].map(([, path = ""]) =>
      resolve(folder, dirname(file), path),
    );
  });
  // Templates of files to write have imports too, which lead nowhere here.
  const wanted = imported.filter((file) => !relative(components, file).startsWith("..") && existsSync(file));
  return [...new Set([...wanted, ...exported.map((file) => resolve(file))])].sort();
}

/** Replaces the compiled components of a folder. */
async function bundle(folder: string, exported: readonly string[]): Promise<void> {
  const components = resolve(folder, "components");
  const kept = entries(resolve(folder), exported);
  const bundled = await rolldown({
    input: Object.fromEntries(kept.map((file) => [relative(components, file).replace(/\.js$/, ""), file])),
    platform: "node",
    external: [...EXTERNAL],
    // A library's locales, which nobody asks for, are most of it.
    treeshake: { moduleSideEffects: (id) => !id.includes("/node_modules/") },
    onLog: (level, { message }) => {
      throw new Error(`${level}: ${message}`);
    },
  });
  const { output } = await bundled.generate({
    format: "esm",
    chunkFileNames: "bundled/[name].js",
    codeSplitting: {
      groups: [{ name: "components", test: (id) => !APART.test(id) }],
    },
  });
  await bundled.close();
  for (const file of globSync("**/*.js", { cwd: components })) rmSync(join(components, file));
  const chunks = output.filter((one) => one.type === "chunk");
  for (const { fileName, code } of chunks) {
    mkdirSync(dirname(join(components, fileName)), { recursive: true });
    writeFileSync(join(components, fileName), code);
  }
  writeFileSync(join(components, "bundled", "LICENSES.txt"), licenses(chunks));
}

/** The terms of the libraries that are in the files, which they want to be passed on. */
function licenses(chunks: readonly OutputChunk[]): string {
  const folders = new Set(
    chunks.flatMap(({ moduleIds }) =>
      moduleIds.flatMap((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(id)?.[0] ?? []),
    ),
  );
  return [...folders].sort().map(terms).join("\n");
}

function terms(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const [file] = globSync("LICENSE*", { cwd: folder });
  if (file === undefined) throw new Error(`${name} has no LICENSE to pass on`);
  return `${name} ${version} (${license})\n\n${readFileSync(join(folder, file), "utf8")}`;
}

const [folder = "dist"] = process.argv.slice(2);
const { exports } = JSON.parse(readFileSync("package.json", "utf8"));
const exported = Object.values<{ default: string }>(exports).map((one) =>
  one.default.replace(/^\.\/dist\//, `${folder}/`),
);
await bundle(folder, exported.filter(existsSync));
