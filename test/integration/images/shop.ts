import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../cli.ts";
import { writeSmallProject } from "../small-project.ts";

/** What is searched for in every layer, log and state: nobody but the registry may learn it. */
export const MARKER = "m4rker-of-a-pass-word";

/** The same as the registry keeps it: bcrypt of the marker. */
export const USERS = "ci:$2a$05$UK.5MBQhFa8ygrfMm8J67uAZJ2L6lIMgn9vmes2EnPxnK6asTYOpG\n";

/** A project of two services, each built by the host's Go and pushed to a registry of this machine. */
export function writeShop(root: string, registry: string): void {
  writeSmallProject(root, "pictures", PROGRAM);
  writeFileSync(join(root, "infra/index.js"), index(registry));
  for (const name of ["left", "right"]) {
    mkdirSync(join(root, name), { recursive: true });
    writeFileSync(join(root, name, "go.mod"), `module example.com/${name}\n\ngo 1.26\n`);
    writeSource(root, name, "first");
  }
  writeFileSync(
    join(root, "scan.sh"),
    'case "$(cat "$1")" in *FORBIDDEN*) echo "found FORBIDDEN in $1" >&2; exit 1;; esac\n',
  );
}

export function writeSource(root: string, name: string, word: string): void {
  writeFileSync(join(root, name, "main.go"), `package main\n\nfunc main() { println("${word}") }\n`);
}

/** Two services in a namespace; what they run comes with the settings. */
export const PROGRAM = `
import { catalogue, checkEnvironment, components, teamNamespace } from "../components/index.ts";

const service = { owner: "t", image: "registry.example.com/t/s", ports: { http: 8080 }, calls: [] };
const services = catalogue({ left: service, right: service });

export const program = {
  project: "pictures",
  environments: ["dev"],
  build: (name, settings) => {
    const setting = { namespace: "pictures", partOf: "pictures", version: "1.0.0", replicas: 1, autoscaling: false };
    const environment = {
      name,
      members: {
        namespace: { type: "fairlead:policy:TeamNamespace", objects: teamNamespace({ name: "pictures" }) },
        ...components(services, { ...setting, overrides: settings.services ?? {} }),
      },
    };
    checkEnvironment(environment);
    return environment;
  },
};
`;

const index = (registry: string) => `
import { join } from "node:path";
import { runProgram, ServiceImage } from "${join(ROOT, "components/pulumi/index.ts")}";
import { program } from "./program.ts";

const root = join(import.meta.dirname, "..");
const image = (name) => new ServiceImage(name, {
  repository: "${registry}/shop/" + name,
  version: "1f2e3d4",
  source: join(root, name),
  package: ".",
  builder: "host",
  login: { username: "ci", password: "${MARKER}" },
  hooks: { modules: ["go", "version", "-m", "{binary}"], scan: ["sh", join(root, "scan.sh"), "{binary}"], archive: ["tar", "-tf", "{image}"] },
});

const images = () => ({ left: image("left").image, right: image("right").image });
export const outputs = runProgram(program, {}, images);
`;
