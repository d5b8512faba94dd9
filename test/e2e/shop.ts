import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NAMESPACE, type Running, type Surroundings, startEnvironment } from "../../demo/environment.ts";
import { type Cli, openCli, ROOT } from "../integration/cli.ts";
import { succeed } from "../integration/succeed.ts";
import { openWitnesses, type Witnesses, witnessImage } from "./witness.ts";

/** Where the gateway's proxies would run: whoever is there may call what has a route. */
const GATEWAY = "envoy-gateway-system";

/** The shop's dev environment on a real node, with witnesses in it. */
export interface Shop {
  readonly cli: Cli;
  readonly running: Running;
  readonly ways: Awaited<ReturnType<Running["ways"]>>;
  /** In the services' own namespace. */
  readonly inside: Witnesses;
  /** Where callers from outside come in; the pod `caller` is there. */
  readonly callers: Witnesses;
  readonly close: () => Promise<void>;
}

/**
 * Brings the environment up as `npm run demo` does.
 * @param project Folder of a project with the same program. @default the demonstration's own
 */
export async function openShop(surroundings: Surroundings = {}, project: string = join(ROOT, "demo")): Promise<Shop> {
  const folder = mkdtempSync(join(tmpdir(), "fairlead-shop-"));
  const cli = openCli(project);
  const undo: (() => void)[] = [];
  const close = async () => {
    for (const step of undo) step();
    await cli.close();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const fairlead = (...args: readonly string[]) => succeed(cli, ...args);
    const running = await startEnvironment(cli.state, fairlead, undefined, surroundings);
    const ways = await running.ways();
    undo.push(...Object.values(ways).map((way) => () => way.close()));
    await witnessImage(join(cli.state, "cluster"), folder);
    const callers = openWitnesses(running.kubeconfig, GATEWAY);
    await callers.pod("caller");
    return { cli, running, ways, inside: openWitnesses(running.kubeconfig, NAMESPACE), callers, close };
  } catch (error) {
    await close();
    throw error;
  }
}
