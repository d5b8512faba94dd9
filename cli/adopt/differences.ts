import { isMap, list } from "./read.ts";

/** What the API server keeps for itself, and what is said elsewhere. */
const PASSED_OVER: readonly RegExp[] = [
  /^(apiVersion|kind|status)$/,
  /^metadata\.(name|namespace|creationTimestamp|uid|resourceVersion|generation|managedFields|selfLink)$/,
  /^metadata\.annotations\.(kubectl\.kubernetes\.io\/last-applied-configuration|deployment\.kubernetes\.io\/revision)$/,
  /^spec\.template\.metadata\.creationTimestamp$/,
  // A Service selects by what the Deployment selects by: the same pods.
  /^spec\.selector(\.|$)/,
  // Taken over by hand, with a line for each that is not.
  /^spec\.template\.spec\.(volumes|initContainers|serviceAccount|serviceAccountName)$/,
  /^spec\.template\.spec\.containers\.[^.]+\.(name|image|env|envFrom|volumeMounts|ports)$/,
  /^spec\.ports\.[^.]+\.(name|targetPort)$/,
  /Probe\.(httpGet|grpc)\.port$/,
  /\.securityContext\.(runAsUser|capabilities\.add)$/,
  /\.lifecycle\.preStop$/,
  // Who tends the object and in which version; that these change is what adopting means.
  /labels\.(app\.kubernetes\.io\/(managed-by|version|name|part-of|component)|helm\.sh\/chart)$/,
];

/**
 * What an object says that the component's does not, a line each: what is missing with its value, what differs with both.
 * What only the component says is no loss; preview tells it.
 */
export function differences(original: unknown, produced: unknown, path = ""): readonly string[] {
  if (path !== "" && PASSED_OVER.some((pattern) => pattern.test(path))) return [];
  if (isMap(original)) {
    if (!isMap(produced)) return lostMap(original, path);
    return Object.entries(original).flatMap(([key, value]) =>
      differences(value, produced[key], path === "" ? key : `${path}.${key}`),
    );
  }
  if (Array.isArray(original)) return listDifferences(original, list(produced), path);
  if (original === undefined || original === null) return [];
  if (produced === undefined) return [`${path}: ${shown(original)}`];
  return String(original) === String(produced) ? [] : [`${path}: ${shown(original)} becomes ${shown(produced)}`];
}

/** A map that is gone as a whole, without what is passed over in it. */
function lostMap(original: Readonly<Record<string, unknown>>, path: string): readonly string[] {
  const rest = Object.entries(original).filter(
    ([key]) => !PASSED_OVER.some((pattern) => pattern.test(`${path}.${key}`)),
  );
  const left = Object.fromEntries(rest);
  return isEmpty(left) ? [] : [`${path}: ${shown(left)}`];
}

/** Elements are the same where their key is; a list of one element is compared with what came of it. */
function listDifferences(original: readonly unknown[], produced: readonly unknown[], path: string): readonly string[] {
  if (!original.every(isMap)) {
    return JSON.stringify(original) === JSON.stringify(produced) ? [] : missing(path, original, produced);
  }
  const isContainers = path.endsWith(".containers");
  // Those beside the main one are taken over by hand too.
  return (isContainers ? original.slice(0, 1) : original).flatMap((element, index) => {
    const [key, value] = keyOf(element);
    const same = isContainers
      ? produced[0]
      : produced.find((one) => isMap(one) && (key === undefined ? false : keyOf(one)[1] === value));
    const counterpart = same ?? (key === undefined ? produced[index] : undefined);
    return differences(element, counterpart, `${path}.${value ?? index}`);
  });
}

function missing(path: string, original: readonly unknown[], produced: readonly unknown[]): readonly string[] {
  if (original.length === 0) return [];
  return [`${path}: ${shown(original)}${produced.length === 0 ? "" : ` becomes ${shown(produced)}`}`];
}

function keyOf(
  element: Readonly<Record<string, unknown>>,
): readonly [string, string] | readonly [undefined, undefined] {
  for (const key of ["port", "containerPort", "name", "topologyKey", "type"]) {
    const value = element[key];
    if (typeof value === "string" || typeof value === "number") return [key, String(value)];
  }
  return [undefined, undefined];
}

function isEmpty(value: Readonly<Record<string, unknown>>): boolean {
  return Object.values(value).every((one) => isMap(one) && isEmpty(one));
}

function shown(value: unknown): string {
  const json = JSON.stringify(value) ?? String(value);
  return json.length > 90 ? `${json.slice(0, 90)}…` : json;
}
