import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { stages } from "../../../toolchain/cluster-stages.ts";
import { realControlPlane } from "../../../toolchain/node/control-plane.ts";
import { MACHINE, NETWORK, nodeFiles, OWN_FOLDERS, OWN_SETTINGS } from "../../../toolchain/node/layout.ts";
import {
  cniSettings,
  containerdSettings,
  enterScript,
  kubeletSettings,
  kubeProxySettings,
  mirrorSettings,
  programArguments,
  settingsFiles,
} from "../../../toolchain/node/settings.ts";
import { run } from "../../../toolchain/process.ts";
import { temporaryFolder } from "../workbench.ts";

const files = nodeFiles("/home/me/my shop/.fairlead/cluster");
const text = JSON.stringify;

test("the same folder gives the same files, and no two of them the same place", () => {
  const once = settingsFiles(files, "/ca.crt");
  expect(settingsFiles(files, "/ca.crt")).toEqual(once);
  expect(new Set(once.map(({ path }) => path)).size).toBe(once.length);
  for (const { path } of once) expect(path.startsWith(`${files.settings}/`)).toBe(true);
});

test("nothing of the node is written outside of its folder, but for what is gone when the machine restarts", () => {
  for (const { text: said } of settingsFiles(files, "/ca.crt")) {
    const paths = [...said.matchAll(/"(?:unix:\/\/)?(\/(?:var|run|opt|etc|home)[^"]*)"/g)].map(([, path = ""]) => path);
    for (const path of paths) {
      const covered = [files.folder, MACHINE.run, ...Object.keys(OWN_FOLDERS)].some((one) =>
        path.startsWith(`${one}/`),
      );
      expect(covered, path).toBe(true);
    }
  }
});

test("kubelet and containerd keep control groups by the same driver, under a group of the node's own", () => {
  expect(kubeletSettings("/ca.crt")).toMatchObject({ cgroupDriver: "cgroupfs", cgroupRoot: `/${MACHINE.cgroup}` });
  expect(containerdSettings(files)).toContain("SystemdCgroup = false");
});

test("the kubelet is closed to strangers and knows its callers by the cluster's authority", () => {
  expect(kubeletSettings("/keys/ca.crt")).toMatchObject({
    authentication: { anonymous: { enabled: false }, x509: { clientCAFile: "/keys/ca.crt" } },
    authorization: { mode: "Webhook" },
    readOnlyPort: 0,
  });
});

test("every packet between pods is routed, so that policies see it, and nothing needs iptables", () => {
  expect(cniSettings(files)).toMatchObject({ plugins: [{ type: "ptp", ipMasq: false }, { backend: "nftables" }] });
  expect(kubeletSettings("/ca.crt")).toMatchObject({ makeIPTablesUtilChains: false });
  expect(kubeProxySettings(files)).toMatchObject({ mode: "nftables", conntrack: { maxPerCore: 0, min: 0 } });
});

test("pods find the cluster's names at the address that its DNS has", () => {
  expect(kubeletSettings("/ca.crt")).toMatchObject({ clusterDNS: [NETWORK.dns] });
});

test("a registry is asked of ours first, under its own name, whatever its port is", () => {
  expect(mirrorSettings("registry.example.com")).toContain('"http://127.0.0.1:5000/v2/registry.example.com"');
  expect(mirrorSettings("localhost:5001")).toContain("/v2/localhost-5001");
});

test("the script covers each folder and setting, and ends as containerd", () => {
  const script = enterScript(files);
  for (const at of Object.keys(OWN_FOLDERS)) expect(script).toContain(` ${at}\n`);
  for (const name of Object.keys(OWN_SETTINGS)) expect(script).toContain(`/proc/sys/${name};`);
  expect(script.trimEnd().split("\n").at(-1)).toMatch(/^exec '.*\/bin\/containerd' '--config' '.*\.toml'$/);
});

test("a shell reads the script as it is meant, with blanks and quotes in the folder's name", async () => {
  const folder = join(temporaryFolder(), "it's mine");
  const own = nodeFiles(folder);
  mkdirSync(own.folder, { recursive: true });
  const file = join(folder, "enter.sh");
  // Programs that only say how they were called.
  const said = "mount() { printf '%s\\n' \"$@\"; }; ip() { :; }; echo() { :; }; become() { printf '%s\\n' \"$@\"; }\n";
  writeFileSync(
    file,
    said + enterScript(own).replace("> /proc/sys/net/ipv4/ip_forward", "").replace("exec ", "become "),
  );
  const { stdout, status } = await run("sh", [file]);
  expect(status).toBe(0);
  for (const name of Object.values(OWN_FOLDERS)) expect(stdout).toContain(`${join(own.own, name)}\n`);
  expect(stdout).toContain(`${join(own.programs, "containerd")}\n`);
  expect(readFileSync(file, "utf8")).toContain("mount --make-rshared /");
});

test("the node says where it stands as the played ones do", () => {
  expect(programArguments(files).kubelet.join(" ")).toContain("topology.kubernetes.io/zone=zone-a");
});

test("the API server believes nobody but the aggregator's own certificate, and its certificate fits how pods call it", () => {
  const { options, patches } = realControlPlane("/keys");
  const args = Object.fromEntries(patches.flatMap(({ extraArgs }) => extraArgs.map(({ key, value }) => [key, value])));
  expect(args).toMatchObject({
    "requestheader-allowed-names": "kwok-admin",
    "service-cluster-ip-range": NETWORK.services,
    "advertise-address": NETWORK.node,
  });
  expect(options.kubeApiserverCertSANs).toEqual(
    expect.arrayContaining([NETWORK.api, NETWORK.node, "kubernetes.default.svc"]),
  );
});

test("a volume of a real pod lies in a folder of the node's; that of a played one nowhere", () => {
  const volumeOf = (one?: string) => {
    const stage = stages(one).find(
      (each) => Reflect.get(Object(Reflect.get(each, "metadata")), "name") === "claim-gets-volume",
    );
    const template = /"template":("(?:[^"\\]|\\.)*")/.exec(text(stage))?.[1] ?? "";
    // Go's templates stand where values are; only their place in the text matters here.
    return parse(
      String(JSON.parse(template))
        .replaceAll(/\{\{ YAML[^}]*\}\}/g, "")
        .replaceAll(/\{\{[^}]*\}\}/g, "it"),
    ) as {
      spec: { local?: { path: string }; hostPath?: { path: string }; nodeAffinity?: unknown };
    };
  };
  expect(volumeOf('/a "b"').spec).toMatchObject({ local: { path: '/a "b"/it' }, nodeAffinity: expect.anything() });
  expect(volumeOf().spec).toMatchObject({ hostPath: { path: "/embedded/it" } });
  expect(volumeOf().spec.nodeAffinity).toBeUndefined();
});
