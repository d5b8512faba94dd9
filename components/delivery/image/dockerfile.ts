import { HOST, type SettledImage } from "./props.ts";

/** Every image runs as this user: the pods are not let run as another. */
const USER = "1001:1001";

/** What links a program that stands alone and is the same for the same source: no folder's name, no symbols, no build's own id. */
export const LINKED = "-s -w -buildid=";

/** Text of the Dockerfile. The same props give the same text; nothing in it changes with a commit. */
export function dockerfile(image: SettledImage): string {
  const lines = image.builder === HOST ? hostLines(image) : stageLines(image);
  return `# Written by Fairlead: change the props of ServiceImage instead.\n${lines.join("\n")}\n`;
}

function hostLines(image: SettledImage): readonly string[] {
  const copied = Object.keys(image.files).map((path) => `COPY files${path} ${path}`);
  return [`FROM ${image.base}`, ...copied, `COPY ${image.name} /${image.name}`, ...lastLines(image)];
}

function stageLines(image: SettledImage): readonly string[] {
  const { name, builder, base, args, compress, privateModules, goFlags } = image;
  const login = privateModules.length === 0 ? "" : `--mount=type=secret,id=netrc,target=/root/.netrc,required=true `;
  const go = `${privateModules.length === 0 ? "" : `GOPRIVATE=${privateModules.join(",")} `}go`;
  const modules = "--mount=type=cache,target=/go/pkg/mod ";
  const packages = "--mount=type=cache,target=/go/build ";
  const flags = ["-trimpath", "-buildvcs=false", ...goFlags, `-ldflags="${LINKED}"`].join(" ");
  return [
    `FROM --platform=$BUILDPLATFORM ${builder} AS build`,
    ...Object.keys(args).map((arg) => `ARG ${arg}`),
    // Whatever the builder calls its folders, the caches are mounted where Go looks.
    "ENV GOMODCACHE=/go/pkg/mod GOCACHE=/go/build",
    "WORKDIR /src",
    "COPY go.mod go.sum ./",
    `RUN ${modules}${login}${go} mod download`,
    "COPY . .",
    "ARG TARGETOS TARGETARCH",
    `RUN ${modules}${packages}CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH ${go} build ${flags} -o /out/${name} ${image.package}`,
    ...(compress ? [`RUN upx --best --lzma /out/${name}`] : []),
    "",
    `FROM ${base}`,
    // Whoever a service calls outside is known by these; scratch has none.
    ...(base === "scratch"
      ? ["COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt"]
      : []),
    `COPY --from=build /out/${name} /${name}`,
    ...lastLines(image),
  ];
}

function lastLines(image: SettledImage): readonly string[] {
  const labels = Object.entries(labelsOf(image)).map(([key, value]) => `${JSON.stringify(key)}=${quoted(value)}`);
  return [...labels.map((label) => `LABEL ${label}`), `USER ${USER}`, `ENTRYPOINT ["/${image.name}"]`];
}

/** A dollar would be read as a variable. */
function quoted(value: string): string {
  return JSON.stringify(value).replaceAll("$", "\\$");
}

/** Labels by the Open Container Initiative's names: of what does not change with a commit. */
export function labelsOf({ name, base, labels }: SettledImage): Readonly<Record<string, string>> {
  const all = {
    "org.opencontainers.image.title": name,
    ...(base === "scratch" ? {} : { "org.opencontainers.image.base.name": base }),
    ...labels,
  };
  return Object.fromEntries(Object.entries(all).sort(([left], [right]) => (left < right ? -1 : 1)));
}
