import { execFile } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { LINKED } from "../components/delivery/image/dockerfile.ts";
import { type Environment, placed } from "../components/index.ts";
import { GO_FLAGS, OURS } from "../infra/build.ts";
import { imagesOf } from "../toolchain/index.ts";
import { loadImage } from "../toolchain/node/images.ts";

const call = promisify(execFile);

/**
 * Builds the services and makes an image of each; pods find them by the names that the description has. Images of others
 * are made by `up`.
 * @param work A folder for the programs.
 */
export async function makeImages(
  environment: Environment,
  { services, work, cluster }: { readonly services: string; readonly work: string; readonly cluster: string },
): Promise<readonly string[]> {
  await buildServices(services, work);
  const names = imagesOf([...placed(environment)].map(({ object }) => object));
  const wanted = names.flatMap((name) => {
    const own = OURS.find((one) => name.includes(`/shop/${one}:`));
    return own === undefined ? [] : [{ name, binary: join(work, own) }];
  });
  const made = await Promise.all(wanted.map((one) => loadImage(cluster, one)));
  return made.map(({ reference: { repository, tag }, size }) => `${repository}:${tag} ${(size / 1e6).toFixed(1)} MB`);
}

/** As ServiceImage has them built by the host, all at once. */
async function buildServices(folder: string, into: string): Promise<void> {
  mkdirSync(into, { recursive: true });
  const args = ["build", "-trimpath", "-buildvcs=false", ...GO_FLAGS, `-ldflags=${LINKED}`, "-o", `${into}/`];
  const env = { ...process.env, CGO_ENABLED: "0", GOOS: "linux" };
  await call("go", [...args, ...OURS.map((one) => `./${one}`)], { cwd: folder, env, maxBuffer: 1 << 26 });
}
