import { expect, test } from "vitest";
import { mountedSecrets, scratchDockerfile } from "../../../toolchain/docker/dockerfile.ts";

const read = (text: string) => scratchDockerfile(text, "Dockerfile", "no engine answers");

test("what needs no engine is understood", () => {
  const said = read(
    [
      "# an image of one program",
      "from scratch",
      "COPY order /bin/",
      "COPY ./etc/ca.crt /etc/ssl/ca.crt",
      'LABEL a=b "c d"="e \\"f\\"" \\',
      "      g=h",
      'ENV TZ=UTC HOME="/tmp"',
      "EXPOSE 8080/tcp 9090",
      "WORKDIR /tmp",
      "USER 1001:1001",
      'ENTRYPOINT ["/bin/order"]',
      'CMD ["--verbose"]',
    ].join("\n"),
  );
  expect(said).toEqual({
    files: [
      { source: "order", path: "/bin/order", line: 3 },
      { source: "etc/ca.crt", path: "/etc/ssl/ca.crt", line: 4 },
    ],
    labels: { a: "b", "c d": 'e "f"', g: "h" },
    env: { TZ: "UTC", HOME: "/tmp" },
    ports: [8080, 9090],
    folder: "/tmp",
    user: 1001,
    entrypoint: ["/bin/order"],
    command: ["--verbose"],
  });
});

const END = '\nENTRYPOINT ["/a"]';

test.each([
  ["another base", "FROM alpine", 1],
  ["a second stage", `FROM scratch\nCOPY a /a\nFROM scratch${END}`, 3],
  ["a named stage", "FROM scratch AS last", 1],
  ["a command", "FROM scratch\nRUN true", 2],
  ["an argument", "FROM scratch\nARG VERSION", 2],
  ["a variable", "FROM scratch\nLABEL version=$VERSION", 2],
  ["a copy out of another stage", "FROM scratch\nCOPY --from=build /a /a", 2],
  ["a copy with an owner", "FROM scratch\nCOPY --chown=1001 a /a", 2],
  ["many files", "FROM scratch\nCOPY a b /bin/", 2],
  ["a pattern", "FROM scratch\nCOPY *.crt /etc/", 2],
  ["a relative place", "FROM scratch\nCOPY a bin/a", 2],
  ["a user by name", "FROM scratch\n\n# by name\nUSER app", 4],
  ["another group", "FROM scratch\nUSER 1001:0", 2],
  ["a shell's form", "FROM scratch\nENTRYPOINT /a", 2],
  ["a label without a value", "FROM scratch\nLABEL a", 2],
  ["ADD", "FROM scratch\nADD a /a", 2],
])("%s needs an engine: the line and what to do are said", (_, text, line) => {
  expect(() => read(text)).toThrow(`Dockerfile:${line}: `);
  expect(() => read(text)).toThrow("start a Docker engine, or build the program on the host and begin FROM scratch");
});

test("an image that starts nothing is refused", () => {
  expect(() => read("FROM scratch\nCOPY a /a")).toThrow("has no ENTRYPOINT");
  expect(() => read("# nothing")).toThrow("says nothing");
});

test("build secrets are found wherever they stand in a mount", () => {
  const text = [
    "FROM golang AS build",
    "RUN --mount=type=secret,id=netrc,target=/root/.netrc,required=true \\",
    "    --mount=type=cache,target=/go --mount=id=other,type=secret go build",
    "# RUN --mount=type=secret,id=comment true",
  ].join("\n");
  expect(mountedSecrets(text)).toEqual([
    { id: "netrc", required: true },
    { id: "other", required: false },
  ]);
});
