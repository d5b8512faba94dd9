import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { inside, itemsInside } from "../../components/core/plain.ts";
import { LINKED } from "../../components/delivery/image/dockerfile.ts";
import { type Forward, forward } from "../../demo/forward.ts";
import { PROMETHEUS } from "../../demo/infra/monitoring.ts";
import { ask } from "../../demo/telemetry.ts";
import { GO_FLAGS } from "../../infra/build.ts";
import { findGo, goEnvironment } from "../../toolchain/build.ts";
import { type ClusterApi, clusterApi, readKubeconfig } from "../../toolchain/cluster-api.ts";
import { loadImage } from "../../toolchain/index.ts";
import { type Cli, openCli, ROOT } from "../integration/cli.ts";
import { type Served, until } from "../integration/observability/server.ts";
import { run } from "../integration/process.ts";
import { succeed } from "../integration/succeed.ts";
import { openController } from "../proof/rollout/controller.ts";
import { podsOf, type SeenPod } from "./pods.ts";
import { imageOf, NAMESPACE, PODS, writeProject, writeSettings } from "./rollback-project.ts";
import { openWitnesses, type Witnesses, witnessImage } from "./witness.ts";

const GOOD = "1.0.0";
const BAD = "2.0.0";
const BETTER = "3.0.0";

let cli: Cli;
let folder: string;
let api: ClusterApi;
let witnesses: Witnesses;
let prometheus: Forward;
let controller: Served;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "fairlead-rollback-"));
  const root = join(folder, "project");
  writeProject(root);
  cli = openCli(root);
  await fairlead("cluster", "start", "--node", "real");
  api = clusterApi(readKubeconfig(cli.kubeconfig));
  await witnessImage(join(cli.state, "cluster"), folder);
  await makeVersions();
  controller = await openController(cli.kubeconfig, folder);
  // Where the controller reaches Prometheus is known when that runs.
  await up(GOOD);
  witnesses = openWitnesses(cli.kubeconfig, NAMESPACE);
  await until(async () => ((await stable())?.length === PODS ? true : undefined));
});

afterAll(async () => {
  prometheus?.close();
  await controller?.stop();
  await cli?.close();
  rmSync(folder, { recursive: true, force: true });
});

const fairlead = (...args: readonly string[]) => succeed(cli, ...args);

/** Three versions of the user service: as it is, one that fails two requests of three, and one that only calls Ada otherwise. */
async function makeVersions(): Promise<void> {
  const services = join(folder, "services");
  cpSync(join(ROOT, "services"), services, { recursive: true });
  const source = join(services, "user/main.go");
  const text = readFileSync(source, "utf8");
  const failing = text
    .replace('"errors"\n', '"errors"\n\t"math/rand/v2"\n')
    .replace(
      "\tfound, err := u.GetUser(",
      '\tif rand.IntN(3) > 0 {\n\t\tkit.Fail(w, http.StatusInternalServerError, "bad")\n\t\treturn\n\t}\n\tfound, err := u.GetUser(',
    );
  const texts = { [GOOD]: text, [BAD]: failing, [BETTER]: text.replace("Ada Lovelace", "Augusta Ada King") };
  const go = await findGo(process.env);
  for (const [version, changed] of Object.entries(texts)) {
    if (version !== GOOD) expect(changed).not.toBe(text);
    writeFileSync(source, changed);
    const binary = join(folder, `user-${version}`);
    const args = ["build", "-trimpath", ...GO_FLAGS, `-ldflags=${LINKED}`, "-o", binary, "./user"];
    const options = { cwd: services, env: goEnvironment(process.env) as NodeJS.ProcessEnv };
    const { status, stderr } = await run(go.file, args, options);
    expect(status, stderr).toBe(0);
    await loadImage(join(cli.state, "cluster"), { name: imageOf(version), binary, path: "/user" });
  }
}

/** Applies a version; at first also what asks Prometheus under the address that it has now. */
async function up(version: string): Promise<void> {
  const root = join(folder, "project");
  writeSettings(root, version, prometheus?.address ?? "http://127.0.0.1:1");
  await fairlead("up", "dev");
  if (prometheus !== undefined) return;
  prometheus = await forward(cli.kubeconfig, api, PROMETHEUS);
  await up(version);
}

const ofUser = async () => (await podsOf(api, NAMESPACE)).filter(({ service }) => service === "user");
const stable = async () => (await ofUser()).filter(({ image, ready }) => image === imageOf(GOOD) && ready);
const uids = (pods: readonly SeenPod[]) => pods.map(({ uid }) => uid).sort();
const rollout = () => api(`/apis/argoproj.io/v1alpha1/namespaces/${NAMESPACE}/rollouts/user`);
const status = async (key: string) => inside(await rollout(), "status", key);
const runs = async () =>
  itemsInside(await api(`/apis/argoproj.io/v1alpha1/namespaces/${NAMESPACE}/analysisruns`), "items");

/** Requests of one caller, each over a connection of its own: status or error -> how many. */
async function load(seconds: number): Promise<Record<string, number>> {
  const args = ["load", "http://user:8080/users/ada", "4", `${seconds}s`, "fresh"];
  return JSON.parse(await witnesses.exec("caller", ...args)) as Record<string, number>;
}

/** Requests in spells until a step is done. */
async function loaded(step: () => Promise<void>): Promise<Record<string, number>> {
  const all: Record<string, number> = {};
  let over = false;
  const asking = (async () => {
    while (!over) {
      for (const [answer, count] of Object.entries(await load(5))) all[answer] = (all[answer] ?? 0) + count;
    }
  })();
  try {
    await step();
  } finally {
    over = true;
    await asking;
  }
  return all;
}

describe("a canary that is judged by the requests that it gets", () => {
  test("its pods are told apart by Prometheus, each by its own name", async () => {
    const names = (await ofUser()).map(({ name }) => name).sort();
    await until(async () => {
      const seen = (await ask(prometheus.address, 'up{job="user"} == 1')).map(([labels]) => labels["pod"]);
      return JSON.stringify(seen.sort()) === JSON.stringify(names) ? true : undefined;
    });
    expect(Object.keys(await load(5))).toEqual(["200"]);
  });

  test("a bad version is rolled back by its analysis; the old one's pods answer all along", async () => {
    const before = await stable();
    const begun = Date.now();
    const seen = await loaded(async () => {
      await up(BAD);
      await until(async () => {
        expect((await stable()).length).toBeGreaterThanOrEqual(PODS - 1);
        return (await status("abort")) === true ? true : undefined;
      });
    });
    const took = (Date.now() - begun) / 1000;
    const [failed] = (await runs()).filter((one) => inside(one, "status", "phase") === "Failed");
    expect(String(inside(failed, "status", "message"))).toContain("user-availability");
    expect(await status("phase")).toBe("Degraded");
    const { "200": fine = 0, "500": bad = 0, ...others } = seen;
    console.log(`bad version: back after ${took} s; ${fine} answers, ${bad} of them failed by it`);
    // Requests failed by the new version alone, and no more of them than it has pods.
    expect(others).toEqual({});
    expect(bad).toBeGreaterThan(0);
    expect(bad / (fine + bad)).toBeLessThan(1 / PODS);
    await until(async () => ((await ofUser()).length === PODS && (await stable()).length === PODS ? true : undefined));
    // The pod that made room for it came anew; the others are the ones that were there.
    expect(uids(await stable()).filter((uid) => uids(before).includes(uid)).length).toBeGreaterThanOrEqual(PODS - 1);
    expect(Object.keys(await load(10))).toEqual(["200"]);
    const again = await cli.run("up", "dev");
    expect(again.stdout).toMatch(/user +Rollout .*degraded/);
  });

  test("a good version becomes the stable one, and no request fails meanwhile", async () => {
    const before = await status("stableRS");
    const begun = Date.now();
    const seen = await loaded(async () => {
      await up(BETTER);
      await until(async () => {
        expect(await status("abort")).not.toBe(true);
        return (await status("phase")) === "Healthy" && (await status("stableRS")) !== before ? true : undefined;
      });
    });
    console.log(`good version: stable after ${(Date.now() - begun) / 1000} s; ${JSON.stringify(seen)}`);
    expect(Object.keys(seen)).toEqual(["200"]);
    const successful = (await runs()).filter((one) => inside(one, "status", "phase") === "Successful");
    expect(successful.length).toBeGreaterThan(0);
    expect(new Set((await ofUser()).map(({ image }) => image))).toEqual(new Set([imageOf(BETTER)]));
    const way = await forward(cli.kubeconfig, api, { namespace: NAMESPACE, name: "user", port: 8080 });
    expect(await (await fetch(`${way.address}/users/ada`)).json()).toEqual({ id: "ada", name: "Augusta Ada King" });
    way.close();
  });
});
