import { expect, test } from "vitest";
import { type ServiceImageProps, serviceImage } from "../../components/index.ts";
import { hostImageExample, serviceImageExample } from "../../examples/components/service-image.ts";
import { mountedSecrets, scratchDockerfile } from "../../toolchain/docker/dockerfile.ts";
import { faultsOf } from "../core/faults-of.ts";

const LEAST: ServiceImageProps = {
  name: "order",
  repository: "registry.example.com/shop/order",
  version: "1f2e3d4",
  source: "services",
};

function problems(props: object): readonly string[] {
  return faultsOf(() => serviceImage({ ...LEAST, ...props })).map(({ path }) => path);
}

test("with the fewest props: built by an engine, from nothing but the program and certificates, as user 1001", () => {
  const plan = serviceImage(LEAST);
  expect(plan.names).toEqual(["registry.example.com/shop/order:1f2e3d4", "registry.example.com/shop/order:latest"]);
  expect(plan.context).toBe("services");
  expect(plan.platform).toBe("linux/amd64");
  expect(plan.push).toBe(true);
  const last = plan.dockerfile.slice(plan.dockerfile.lastIndexOf("FROM "));
  expect(last.trim().split("\n")).toEqual([
    "FROM scratch",
    "COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt",
    "COPY --from=build /out/order /order",
    'LABEL "org.opencontainers.image.title"="order"',
    "USER 1001:1001",
    'ENTRYPOINT ["/order"]',
  ]);
  expect(plan.dockerfile).toContain("CGO_ENABLED=0");
  expect(plan.dockerfile).not.toContain("upx");
  expect(mountedSecrets(plan.dockerfile)).toEqual([]);
});

test("the login to private modules is a build secret, and a build without it fails", () => {
  expect(mountedSecrets(serviceImageExample.dockerfile)).toEqual([{ id: "netrc", required: true }]);
  expect(serviceImageExample.dockerfile).toContain("GOPRIVATE=git.example.com/* go mod download");
});

test("base, builder, platform, arguments and cache are what was said", () => {
  const { dockerfile, platform, args, cacheFrom, labels } = serviceImageExample;
  expect(dockerfile).toContain("FROM --platform=$BUILDPLATFORM registry.example.com/mirror/golang:1.26 AS build");
  expect(dockerfile).toContain("FROM gcr.io/distroless/static-debian12\n");
  expect(dockerfile).not.toContain("ca-certificates");
  expect(dockerfile).toContain("ARG GOPROXY\n");
  expect(platform).toBe("linux/arm64");
  expect(args).toEqual({ BUILDKIT_INLINE_CACHE: "1", SOURCE_DATE_EPOCH: "0", GOPROXY: "https://proxy.example.com" });
  expect(cacheFrom).toEqual(["registry.example.com/shop/order:latest"]);
  expect(labels).toEqual({
    "org.opencontainers.image.base.name": "gcr.io/distroless/static-debian12",
    "org.opencontainers.image.source": "https://git.example.com/shop",
    "org.opencontainers.image.title": "order",
  });
});

test("nothing in the Dockerfile changes with the version, or every commit would roll every pod", () => {
  expect(serviceImage({ ...LEAST, version: "abcdef0" }).dockerfile).toBe(serviceImage(LEAST).dockerfile);
});

test("a build on the host needs no engine: its Dockerfile is one that is understood without", () => {
  expect(scratchDockerfile(hostImageExample.dockerfile, "Dockerfile", "there is none")).toMatchObject({
    files: [
      { source: "files/etc/ssl/certs/ca-certificates.crt", path: "/etc/ssl/certs/ca-certificates.crt" },
      { source: "order", path: "/order" },
    ],
    user: 1001,
    entrypoint: ["/order"],
    labels: { "org.opencontainers.image.title": "order" },
  });
  expect(hostImageExample.context).toBeUndefined();
  expect(hostImageExample.host).toEqual({
    folder: "services",
    args: [
      "build",
      "-trimpath",
      "-buildvcs=false",
      "-gcflags=all=-dwarf=false",
      "-ldflags=-s -w -buildid=",
      "./cmd/order",
    ],
    env: { CGO_ENABLED: "0", GOOS: "linux", GOARCH: "amd64", GOFLAGS: "-mod=readonly" },
  });
  expect(hostImageExample.args).toEqual({});
});

test("a label with a quote or a dollar stays what it is", () => {
  const { dockerfile } = serviceImage({ ...LEAST, builder: "host", labels: { "com.example.note": 'say "hi"' } });
  expect(scratchDockerfile(dockerfile, "Dockerfile", "").labels["com.example.note"]).toBe('say "hi"');
  expect(serviceImage({ ...LEAST, labels: { "com.example.note": "$HOME" } }).dockerfile).toContain('"\\$HOME"');
});

test("UPX is only where it is asked for", () => {
  expect(serviceImage({ ...LEAST, compress: true }).dockerfile).toContain("RUN upx --best --lzma /out/order");
  expect(serviceImage({ ...LEAST, builder: "host", compress: true }).host?.pack?.[0]).toBe("upx");
});

test.each([
  ["a repository with a tag", { repository: "registry.example.com/shop/order:1" }, "repository"],
  ["latest as the version", { version: "latest" }, "version"],
  ["a version that no registry takes", { version: "1.0+build" }, "version"],
  ["a package outside the module", { package: "../other" }, "package"],
  ["an absolute package", { package: "/cmd/order" }, "package"],
  ["a flag with a shell's character", { goFlags: ["-tags=a;rm"] }, "goFlags.0"],
  ["a builder with a line break", { builder: "golang\nRUN x" }, "builder"],
  ["a label of two lines", { labels: { a: "b\nUSER root" } }, "labels.a"],
  ["a platform that is none", { platform: "windows/amd64" }, "platform"],
  ["a secret as a build argument", { args: { GITHUB_TOKEN: "x" } }, "args.GITHUB_TOKEN"],
  ["a build argument on the host", { builder: "host", args: { A: "b" } }, "args"],
  ["a cache on the host", { builder: "host", cacheFrom: ["a/b:c"] }, "cacheFrom"],
  ["a network on the host", { builder: "host", network: "none" }, "network"],
  ["a network that is none", { network: "default" }, "network"],
  ["files of this machine in an engine's build", { files: { "/a": "a" } }, "files"],
  ["a hook that calls nothing", { hooks: { scan: [] } }, "hooks.scan"],
  ["a hook on a program that is inside an image", { hooks: { scan: ["x", "{binary}"] } }, "hooks.scan"],
  ["an unknown property", { dockerfile: "x" }, "dockerfile"],
])("%s is refused", (_, props, path) => {
  expect(problems(props)).toEqual([path]);
});

test("the value of a secret argument is not in the message", () => {
  expect(() => serviceImage({ ...LEAST, args: { DB_PASSWORD: "m4rker" } })).toThrow(/DB_PASSWORD/);
  expect(() => serviceImage({ ...LEAST, args: { DB_PASSWORD: "m4rker" } })).not.toThrow(/m4rker/);
});
