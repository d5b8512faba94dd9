import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { controlGroups } from "../../../toolchain/node/control-groups.ts";
import { type MachineFacts, TOOLS, whyNoNode } from "../../../toolchain/node/needs.ts";
import { temporaryFolder } from "../workbench.ts";

const fit: MachineFacts = { platform: "linux", user: 0, missing: [], nftables: "1.0.6", refused: [] };

describe("what keeps a machine from being a real node", () => {
  test("nothing does on Linux as root with all tools", () => {
    expect(whyNoNode(fit)).toEqual([]);
  });

  test("another system is told what to use instead, and nothing about tools that it cannot have", () => {
    expect(whyNoNode({ ...fit, platform: "darwin", user: 501, missing: ["nft"] })).toEqual([
      "a real node needs Linux: use kind, minikube or any other cluster here, with --context",
    ]);
  });

  test("somebody else than root is told how to become it", () => {
    expect(whyNoNode({ ...fit, user: 1000 })).toEqual([expect.stringContaining("sudo")]);
  });

  test("tools that are missing are one command, each package once", () => {
    expect(whyNoNode({ ...fit, missing: ["nft", "mount", "umount"] })).toEqual([
      "nft, mount, umount missing: apt-get install -y nftables mount",
    ]);
  });

  test("an nftables that kube-proxy would refuse is said before it refuses", () => {
    expect(whyNoNode({ ...fit, nftables: "0.9.8" })).toEqual([expect.stringContaining("1.0.1 or newer")]);
  });

  test("what the kernel refuses is said in its own words", () => {
    const refused = [{ what: "an overlay of folders", said: "mount: permission denied" }];
    expect(whyNoNode({ ...fit, refused })).toEqual([
      expect.stringContaining("overlay of folders (mount: permission denied)"),
    ]);
  });

  test("all reasons are said at once", () => {
    expect(whyNoNode({ ...fit, user: 1000, missing: ["nft"], nftables: "0.9.8" })).toHaveLength(3);
  });

  test("every tool has a package", () => {
    for (const [tool, holds] of Object.entries(TOOLS)) expect(holds, tool).toMatch(/^[a-z0-9-]+$/);
  });
});

test("control groups of both versions are found where they are mounted", () => {
  const mounts = join(temporaryFolder(), "mounts");
  writeFileSync(
    mounts,
    "proc /proc proc rw 0 0\ncgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0\ncgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n",
  );
  expect(controlGroups(mounts)).toEqual([
    { folder: "/sys/fs/cgroup/memory", version: 1 },
    { folder: "/sys/fs/cgroup/unified", version: 2 },
  ]);
  expect(controlGroups(`${mounts}.none`)).toEqual([]);
});
