import type { Environment, Member, Owner } from "./environment.ts";
import type { KubernetesObject } from "./object.ts";

const GROUP = "argoproj.io/";

/** What steers the controller: whoever could change it through the repository could give himself every right. */
const STEERING: readonly string[] = ["AppProject", "Application", "ApplicationSet"];

/** Whether an object must not stand in a repository unless its member says so. */
function engines({ apiVersion, kind }: KubernetesObject): boolean {
  return (apiVersion === "v1" && kind === "Secret") || (apiVersion.startsWith(GROUP) && STEERING.includes(kind));
}

/**
 * Who applies a member's objects. By GitOps the engine keeps secrets, namespaces with all that guards them, and what
 * steers the controller; the repository has the rest.
 */
export function ownerIn(
  { delivery }: Pick<Environment, "delivery">,
  member: Member,
): (object: KubernetesObject) => Owner {
  if (delivery !== "gitops") return () => "engine";
  const { owner } = member;
  if (owner !== undefined) return () => owner;
  const makesNamespace = Object.values(member.objects).some(
    (one) => one.apiVersion === "v1" && one.kind === "Namespace",
  );
  return (object) => (makesNamespace || engines(object) ? "engine" : "repository");
}

/** The part of an environment that one of the two applies; a member of which nothing is left is left out. */
export function partOf(environment: Environment, owner: Owner): Environment {
  if (environment.delivery !== "gitops") return owner === "engine" ? environment : { ...environment, members: {} };
  const members: Record<string, Member> = {};
  for (const [name, member] of Object.entries(environment.members)) {
    const ownerOf = ownerIn(environment, member);
    const kept = Object.entries(member.objects).filter(([, object]) => ownerOf(object) === owner);
    if (kept.length > 0) members[name] = { ...member, objects: Object.fromEntries(kept) };
  }
  return { ...environment, members };
}
