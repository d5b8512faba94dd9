import { githubRelease, type Source } from "./source.ts";

/** What images are kept in. */
export const IMAGE_SOURCES: readonly Source[] = [
  {
    name: "registry",
    version: "3.1.2",
    accepts: { from: "3.0.0", below: "4.0.0" },
    programs: [{ name: "registry", ask: ["--version"] }],
    release: (platform) => {
      // Published for Linux only.
      if (platform.os !== "linux") return [];
      return githubRelease("distribution/distribution", "v3.1.2", ({ os, arch }) => {
        const name = `registry_3.1.2_${os}_${arch}.tar.gz`;
        return { name, sums: `${name}.sha256`, holds: { registry: "registry" } };
      })(platform);
    },
    builds: [
      {
        folder: "registry",
        packages: { registry: "." },
        set: { "github.com/distribution/distribution/v3/version.version": "v3.1.2" },
        seconds: 65,
      },
    ],
    home: "https://distribution.github.io/distribution/about/deploying/",
  },
];
