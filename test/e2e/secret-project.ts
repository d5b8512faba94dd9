import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { toYamlValue } from "../../components/core/yaml-text.ts";
import { ROOT } from "../integration/cli.ts";
import { writeSmallProject } from "../integration/small-project.ts";
import { PRIVATE } from "../proof/images/modules.ts";

/** Where the pods of an environment run. */
export const namespaceOf = (environment: string) => `kept-${environment}`;

/** Name of the image that is loaded, and not pushed by the program. */
export const imageOf = (service: string) => `registry.example.com/kept/${service}:1.0.0`;

/** A project of two environments whose services are given secrets in every way that there is. */
export function writeProject(root: string): void {
  writeSmallProject(root, "kept", PROGRAM);
  writeFileSync(join(root, "infra/index.js"), INDEX);
  mkdirSync(join(root, "keeper"));
  writeFileSync(join(root, "keeper/go.mod"), `module example.com/keeper\n\ngo 1.26\n\nrequire ${PRIVATE} v1.0.0\n`);
  writeFileSync(join(root, "keeper/main.go"), KEEPER);
}

/** What an environment is told, beside what is in it already. */
export function writeSettings(root: string, environment: string, settings: Readonly<Record<string, unknown>>): void {
  const config = Object.fromEntries(Object.entries(settings).map(([name, value]) => [`kept:${name}`, value]));
  writeFileSync(join(root, `Pulumi.${environment}.yaml`), toYamlValue({ config }));
}

const PROGRAM = `
import { catalogue, checkEnvironment, components, secretStore, serviceLevels, teamNamespace } from "../components/index.ts";

const stored = (key) => ({ store: "vault", key: "kept/" + key });
const service = (name, rest) => ({
  owner: "kept", image: "registry.example.com/kept/" + name, ports: { http: 8080 }, calls: [], slo: { availability: 99.9 }, ...rest,
});
// "careless" is what somebody writes who takes a secret for any other value.
const services = ({ token, careless }) => catalogue({
  keeper: service("keeper", {
    secrets: {
      VARIABLE: stored("variable"),
      FILE: { ...stored("file"), file: true },
      ...(token === undefined ? {} : { SETTING: { value: token } }),
    },
    ...(careless === undefined ? {} : {
      variables: { CARELESS: careless },
      slo: { availability: 99.9, objectives: { [careless]: { route: "/sum", availability: 99 } } },
    }),
  }),
  user: service("user", { ports: { http: 8080, grpc: 9090 }, secrets: { DATABASE_URL: stored("database-url") } }),
});

const settingOf = (name, settings) => ({
  namespace: "kept-" + name, partOf: "kept", version: "1.0.0", replicas: 1, autoscaling: false, alerts: false,
  overrides: settings.services ?? {},
});

export const program = {
  project: "kept",
  environments: ["dev", "prod"],
  serviceLevels: (name, settings) => serviceLevels(services(settings), settingOf(name, settings)),
  build: (name, settings) => {
    const setting = settingOf(name, settings);
    const { namespace } = setting;
    const vault = { server: "https://vault.example.com", role: "kept" };
    const environment = {
      name,
      members: {
        namespace: { type: "fairlead:policy:TeamNamespace", objects: teamNamespace({ name: namespace, podSecurity: "restricted" }) },
        vault: { type: "fairlead:policy:SecretStore", objects: secretStore({ name: "vault", namespace, vault }) },
        ...components(services(settings), setting),
      },
    };
    checkEnvironment(environment);
    return environment;
  },
};
`;

const INDEX = `
import { join } from "node:path";
import { runProgram, ServiceImage, stackSettings } from "${join(ROOT, "components/pulumi/index.ts")}";
import { program } from "./program.ts";

const { registry } = stackSettings(program);
const keeper = () => new ServiceImage("keeper", {
  repository: registry + "/kept/keeper",
  version: "dev",
  source: join(import.meta.dirname, "../keeper"),
  package: ".",
  builder: "host",
  privateModules: ["git.example.com/*"],
  login: { username: "ci", password: process.env.KEPT_PASSWORD ?? "" },
  hooks: { modules: ["go", "version", "-m", "{binary}"] },
}).image;
export const outputs = runProgram(program, {}, () => (registry === undefined ? {} : { keeper: keeper() }));
`;

/** Says what it was given by its sum alone; and as it is where it is asked to be careless. */
const KEEPER = `package main

import (
	"crypto/sha256"
	"fmt"
	"log"
	"net/http"
	"os"

	"${PRIVATE}"
)

func given(r *http.Request) string {
	name := r.URL.Query().Get("of")
	if text, err := os.ReadFile("/run/secrets/" + name); err == nil {
		return string(text)
	}
	return os.Getenv(name)
}

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, words.Greeting) })
	http.HandleFunc("/sum", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintf(w, "%x", sha256.Sum256([]byte(given(r)))) })
	http.HandleFunc("/tell", func(w http.ResponseWriter, r *http.Request) { log.Println("it is", given(r)) })
	log.Println("keeper serves")
	log.Fatal(http.ListenAndServe(":8080", nil))
}
`;
