import { join } from "node:path";
import { expect, test } from "vitest";
import { doctor } from "../../toolchain/index.ts";
import { deadAddress, memory, modules, source, temporaryFolder } from "./workbench.ts";

test("the doctor says of a machine without tools which way to real pods is left, and what would open the other", async () => {
  const folder = temporaryFolder();
  const url = "https://example.com/runc";
  const runc = source({
    name: "runc",
    programs: [{ name: "runc", ask: ["--version"] }],
    release: () => [{ url, checksum: { kind: "bare", url: `${url}.sha256` }, holds: "runc" }],
    builds: [],
    packaged: "runc",
  });
  const rows = await doctor({
    env: { PATH: folder, FAIRLEAD_MIRROR: await deadAddress() },
    cache: join(folder, "cache"),
    sources: [source(), runc],
    modules: modules(join(folder, "modules"), "etcd"),
    report: memory(),
  });
  const row = rows.find(({ what }) => what === "real pods");
  // Nothing is broken: the other way is always open.
  expect(row).toMatchObject({ state: "fine", from: "another cluster: --context" });
  if (process.platform === "linux") {
    expect(row?.advice).toContain("apt-get install -y dash mount util-linux iproute2 nftables");
    expect(row?.advice).toContain("apt-get install -y runc");
  } else expect(row?.advice).toContain("kind");
});
