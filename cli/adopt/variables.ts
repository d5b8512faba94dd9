import type { SecretSource } from "../../components/index.ts";
import type { Found } from "./group.ts";
import { at, list, map, text, textMap } from "./read.ts";

/** What a container reads from its surroundings. */
export interface Environs {
  readonly variables: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, SecretSource>>;
  /** ConfigMaps that every variable of was taken from, without a prefix. */
  readonly wholeMaps: readonly string[];
  /** What could not be carried over, one line each. */
  readonly lost: readonly string[];
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** A value under such a name would stand in Git for ever. */
const SECRET_NAME = /PASSWORD|PASSWD|SECRET|TOKEN|CREDENTIAL|PRIVATE|API_?KEY/i;

/** Variables of a container: in the order of the API server, the later ones win. */
export function environs(container: unknown, found: Pick<Found, "configMaps" | "secretKeys">): Environs {
  const variables: Record<string, string> = {};
  const secrets: Record<string, SecretSource> = {};
  const wholeMaps: string[] = [];
  const lost: string[] = [];
  const set = (name: string, value: string | SecretSource) => {
    delete variables[name];
    delete secrets[name];
    if (typeof value === "string") variables[name] = value;
    else secrets[name] = value;
  };
  for (const source of list(at(container, "envFrom"))) {
    const prefix = text(at(source, "prefix")) ?? "";
    const configMap = text(at(source, "configMapRef", "name"));
    const secret = text(at(source, "secretRef", "name"));
    const data = found.configMaps.get(configMap ?? "");
    const keys = found.secretKeys.get(secret ?? "");
    if (data !== undefined && configMap !== undefined) {
      for (const [key, value] of Object.entries(textMap(at(data, "data")))) {
        if (NAME.test(prefix + key)) set(prefix + key, value);
        else lost.push(`envFrom ${configMap}: ${key} is no variable's name`);
      }
      if (prefix === "") wholeMaps.push(configMap);
    } else if (keys !== undefined && secret !== undefined) {
      for (const key of keys) if (NAME.test(prefix + key)) set(prefix + key, { secret, key });
    } else {
      lost.push(`envFrom ${configMap ?? secret ?? "?"}: it stands in none of the files, so its keys are not known`);
    }
  }
  for (const variable of list(at(container, "env"))) {
    const name = text(at(variable, "name")) ?? "";
    const given = sourceOf(name, variable, found);
    if ("reason" in given) lost.push(`env ${name}: ${given.reason}`);
    else set(name, given.value);
  }
  return { variables, secrets, wholeMaps, lost };
}

type Given = { readonly value: string | SecretSource } | { readonly reason: string };

/** A variable's value or where it is kept; or why it is lost. */
function sourceOf(name: string, variable: unknown, found: Pick<Found, "configMaps">): Given {
  const from = at(variable, "valueFrom");
  const plain = text(at(variable, "value")) ?? (from === undefined ? "" : undefined);
  if (!NAME.test(name)) return { reason: "it is no name of letters, digits and underscores" };
  if (plain !== undefined) return plainValue(name, plain);
  const secret = text(at(from, "secretKeyRef", "name"));
  const secretKey = text(at(from, "secretKeyRef", "key"));
  if (secret !== undefined && secretKey !== undefined) return { value: { secret, key: secretKey } };
  const configMap = text(at(from, "configMapKeyRef", "name"));
  if (configMap === undefined) {
    return { reason: `a component has no ${Object.keys(map(from)).join(", ") || "such source"}` };
  }
  const value = textMap(at(found.configMaps.get(configMap), "data"))[text(at(from, "configMapKeyRef", "key")) ?? ""];
  return value === undefined
    ? { reason: `ConfigMap ${configMap} with that key stands in none of the files` }
    : { value };
}

function plainValue(name: string, value: string): Given {
  if (/\$\(\w+\)/.test(value)) {
    return { reason: "it refers to another variable, which a ConfigMap cannot: write the value out" };
  }
  if (value !== "" && SECRET_NAME.test(name)) {
    const remedy = "put it into a Secret and name it in secrets";
    return { reason: `its plain value looks like a secret, and would stand in Git: ${remedy}` };
  }
  return { value };
}
