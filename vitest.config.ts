import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/command/**", "test/integration/**", "test/proof/**", "test/e2e/**"],
          // Modules are loaded once a worker, and not once a file: these tests leave nothing behind.
          isolate: false,
          maxWorkers: 2,
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: "command",
          include: ["test/command/**/*.test.ts"],
          maxWorkers: 2,
          // Each starts the whole program as a user does, some of them many times.
          testTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: "integration",
          include: ["test/integration/**/*.test.ts"],
          // One embedded cluster serves a file; two files at once would compete for two cores.
          fileParallelism: false,
          testTimeout: 600_000,
          hookTimeout: 3_600_000,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          // Real controllers against an embedded cluster, some built for minutes: `npm run proof`, not part of `npm test`.
          name: "proof",
          include: ["test/proof/**/*.test.ts"],
          fileParallelism: false,
          testTimeout: 1_800_000,
          hookTimeout: 3_600_000,
          sequence: { groupOrder: 3 },
        },
      },
      {
        test: {
          // Real pods on this machine as a real node, which needs Linux and root: `npm run e2e`, not part of `npm test`.
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          fileParallelism: false,
          testTimeout: 240_000,
          hookTimeout: 3_600_000,
          sequence: { groupOrder: 4 },
        },
      },
    ],
  },
});
