import { didYouMean, type Fault } from "../fault.ts";
import { groupOf, type KubernetesObject } from "../object.ts";
import { ofKind, type View } from "./view.ts";

const API = "argoproj.io/v1alpha1";

type Kind = { readonly group: string; readonly kind: string };
type Cluster = { readonly server?: string; readonly name?: string };

type Project = KubernetesObject & {
  readonly spec: {
    readonly sourceRepos?: readonly string[];
    readonly destinations?: readonly (Cluster & { readonly namespace?: string })[];
    readonly namespaceResourceWhitelist?: readonly Kind[];
    readonly clusterResourceWhitelist?: readonly Kind[];
  };
};

type Single = KubernetesObject & {
  readonly spec: {
    readonly project: string;
    readonly source?: { readonly repoURL: string; readonly path?: string };
    readonly destination: Cluster & { readonly namespace?: string };
  };
};

type Several = KubernetesObject & {
  readonly spec: {
    readonly generators: readonly {
      readonly list?: { readonly elements?: readonly Readonly<Record<string, unknown>>[] };
    }[];
    readonly template: { readonly spec: { readonly source?: { readonly repoURL: string } } };
  };
};

/** An Application, or one that an ApplicationSet of ours makes, with the place that a fault names. */
interface Delivered {
  readonly component: string;
  readonly path: string;
  readonly name: string;
  readonly project: string;
  readonly repository: string | undefined;
  /** Folder in the repository; undefined for a chart. */
  readonly folder: string | undefined;
  readonly destination: Cluster & { readonly namespace?: string };
}

/** By GitOps each component is delivered by exactly one Application: none, and it never arrives; two, and they fight. */
export function* deliveredOnceEach(view: View): Generator<Fault> {
  if (view.inRepository.length === 0) return;
  const folders = byFolder(applications(view), view.environment);
  for (const component of new Set(view.inRepository.map((one) => one.component))) {
    const clusters = new Map<string, string>();
    for (const { name, destination } of folders.get(component) ?? []) {
      const cluster = `${destination.server ?? ""} ${destination.name ?? ""}`;
      const other = clusters.get(cluster);
      if (other !== undefined) {
        const problem = `is delivered to one cluster by ${other} and by ${name}, which would undo each other's changes`;
        yield { component, path: "", problem, remedy: "keep one of the two Applications" };
      }
      clusters.set(cluster, name);
    }
    if (clusters.size === 0) {
      const problem = `is rendered to the repository, but no Application reads ${view.environment}/${component}`;
      yield {
        component,
        path: "",
        problem,
        remedy: "add it to an ApplicationSet, or deliver the environment directly",
      };
    }
  }
}

/** What its project forbids, an Application never delivers: repository, namespace and kinds are seen before anything is applied. */
export function* projectsAllow(view: View): Generator<Fault> {
  const projects = new Map(
    ofKind<Project>(view.all, API, "AppProject").map((one) => [one.object.metadata.name, one.object]),
  );
  if (projects.size === 0) return;
  const all = applications(view);
  for (const { component, path, project, repository, destination } of all) {
    const known = projects.get(project);
    if (known === undefined) {
      const problem = "but this environment makes no such AppProject";
      yield {
        component,
        path: `${path}.project`,
        value: project,
        problem,
        remedy: didYouMean(project, projects.keys()),
      };
      continue;
    }
    const { sourceRepos = [], destinations = [] } = known.spec;
    if (repository !== undefined && !matches(sourceRepos, repository)) {
      const problem = `but project ${project} does not allow that repository`;
      yield {
        component,
        path: `${path}.repository`,
        value: repository,
        problem,
        remedy: allow("repositories", sourceRepos),
      };
    }
    if (destination.namespace !== undefined && !reaches(destinations, destination, destination.namespace)) {
      yield forbiddenNamespace(component, `${path}.namespace`, destination.namespace, project, destinations);
    }
  }
  const folders = byFolder(all, view.environment);
  const said = new Set<string>();
  for (const { component, role, object } of view.inRepository) {
    for (const { project, destination } of folders.get(component) ?? []) {
      const known = projects.get(project);
      if (known === undefined) continue;
      const { namespace } = object.metadata;
      const { destinations = [], namespaceResourceWhitelist, clusterResourceWhitelist = [] } = known.spec;
      const fault =
        namespace !== undefined && !reaches(destinations, destination, namespace)
          ? forbiddenNamespace(component, `${role}.metadata.namespace`, namespace, project, destinations)
          : forbiddenKind(
              component,
              role,
              object,
              project,
              namespace === undefined ? clusterResourceWhitelist : namespaceResourceWhitelist,
            );
      // Regions of one component share their project: the same is said once.
      const key = `${component} ${role} ${project}`;
      if (fault === undefined || said.has(key)) continue;
      said.add(key);
      yield fault;
    }
  }
}

function forbiddenNamespace(
  component: string,
  path: string,
  value: string,
  project: string,
  destinations: readonly { readonly namespace?: string }[],
): Fault {
  const problem = `but project ${project} may not deploy there`;
  return {
    component,
    path,
    value,
    problem,
    remedy: allow(
      "namespaces",
      destinations.map(({ namespace = "*" }) => namespace),
    ),
  };
}

function forbiddenKind(
  component: string,
  role: string,
  { apiVersion, kind }: KubernetesObject,
  project: string,
  allowed: readonly Kind[] | undefined,
): Fault | undefined {
  const group = groupOf(apiVersion);
  // Argo CD allows every namespaced kind where none is listed.
  if (allowed?.some((one) => matches([one.group], group) && matches([one.kind], kind)) ?? true) return undefined;
  const value = group === "" ? kind : `${kind}.${group}`;
  const problem = `but project ${project} does not allow that kind`;
  return {
    component,
    path: `${role}.kind`,
    value,
    problem,
    remedy: allow("kinds", allowed?.map((one) => one.kind) ?? []),
  };
}

function allow(what: string, known: readonly string[]): string {
  const list = [...new Set(known)].map((one) => JSON.stringify(one));
  return `allow it in the project, or stay with its ${what}: ${list.length === 0 ? "none" : list.join(", ")}`;
}

function applications({ all }: View): readonly Delivered[] {
  const singles = ofKind<Single>(all, API, "Application").map(({ component, role, object }): Delivered => {
    const { project, source, destination } = object.spec;
    const { name } = object.metadata;
    return { component, path: role, name, project, repository: source?.repoURL, folder: source?.path, destination };
  });
  const several = ofKind<Several>(all, API, "ApplicationSet").flatMap(({ component, role, object }) => {
    const { generators, template } = object.spec;
    return generators.flatMap(({ list }) =>
      (list?.elements ?? []).map((element, index): Delivered => {
        const text = (key: string) =>
          typeof element[key] === "string" && element[key] !== "" ? element[key] : undefined;
        return {
          component,
          path: `${role}.elements.${index}`,
          name: text("name") ?? `${object.metadata.name}.${index}`,
          project: text("project") ?? "",
          repository: template.spec.source?.repoURL,
          folder: text("path"),
          destination: given({ server: text("server"), name: text("cluster"), namespace: text("namespace") }),
        };
      }),
    );
  });
  return [...singles, ...several];
}

function given(parts: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(parts).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}

/** Component -> the Applications that read its folder, which is <environment>/<component> at the end of a path. */
function byFolder(all: readonly Delivered[], environment: string): ReadonlyMap<string, readonly Delivered[]> {
  const found = new Map<string, Delivered[]>();
  for (const one of all) {
    const parts = one.folder?.split("/") ?? [];
    const component = parts.at(-1);
    if (component === undefined || parts.at(-2) !== environment) continue;
    const known = found.get(component);
    if (known === undefined) found.set(component, [one]);
    else known.push(one);
  }
  return found;
}

function reaches(
  destinations: readonly (Cluster & { readonly namespace?: string })[],
  cluster: Cluster,
  namespace: string,
): boolean {
  return destinations.some(
    (one) =>
      matches([one.namespace ?? ""], namespace) &&
      (cluster.name === undefined
        ? matches([one.server ?? ""], cluster.server ?? "")
        : matches([one.name ?? ""], cluster.name)),
  );
}

/** Argo CD's patterns: * stands for anything, a ! before one denies what it matches. */
function matches(patterns: readonly string[], text: string): boolean {
  const one = (pattern: string) =>
    pattern === text ||
    (pattern.includes("*") && new RegExp(`^${escaped(pattern).replaceAll("*", ".*")}$`, "s").test(text));
  if (patterns.some((pattern) => pattern.startsWith("!") && one(pattern.slice(1)))) return false;
  return patterns.some((pattern) => !pattern.startsWith("!") && one(pattern));
}

function escaped(pattern: string): string {
  return pattern.replace(/[.+?^${}()|[\]\\]/g, "\\$&");
}
