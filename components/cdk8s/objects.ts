import { ApiObject } from "cdk8s";
import type { Construct, IConstruct } from "constructs";
import { type Fault, FaultError } from "../core/fault.ts";
import type { KubernetesObject, Objects } from "../core/object.ts";
import { roleWord } from "../core/role.ts";

/** What constructs call the one object they stand for; such an id says nothing. */
const ONLY_CHILD: readonly string[] = ["Resource", "Default"];

/**
 * Whatever Kubernetes objects a chart, an app or a single construct makes; cdk8s-plus charts among them. A role is the
 * path of the construct below the given one (`web-service`), and so stays the same while the construct stays in its place.
 * @throws FaultError with every fault of the constructs' own validation, and where two paths give one role.
 */
export function fromChart(scope: Construct): Objects {
  const faults: Fault[] = [];
  const objects: Record<string, KubernetesObject> = {};
  const paths: Record<string, string> = {};
  for (const construct of scope.node.findAll()) {
    for (const problem of construct.node.validate()) {
      faults.push({ component: placeOf(construct), path: "", problem, remedy: "correct the construct" });
    }
    if (!ApiObject.isApiObject(construct)) continue;
    const role = roleOf(scope, construct);
    const other = paths[role];
    if (other !== undefined) {
      faults.push({
        component: placeOf(construct),
        path: "",
        problem: `gets the role ${role}, which ${other} has already`,
        remedy: "give one of the two another id",
      });
      continue;
    }
    paths[role] = placeOf(construct);
    try {
      // The one place where cdk8s' types, which promise nothing, meet ours.
      objects[role] = construct.toJson() as KubernetesObject;
    } catch (error) {
      faults.push({
        component: placeOf(construct),
        path: "",
        problem: reason(error),
        remedy: "complete the construct",
      });
    }
  }
  if (faults.length > 0) throw new FaultError(faults);
  return objects;
}

function placeOf(construct: IConstruct): string {
  return construct.node.path === "" ? "app" : construct.node.path;
}

function roleOf(scope: IConstruct, construct: ApiObject): string {
  const all = construct.node.path.split("/");
  const own = all.slice(scope.node.path === "" ? 0 : scope.node.path.split("/").length);
  if (ONLY_CHILD.includes(own.at(-1) ?? "")) own.pop();
  return own.length === 0 ? roleWord(construct.kind) : own.map(roleWord).join("-");
}

/** cdk8s puts the place, which stands before it already, in front of the reason. */
function reason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return `cannot be written: ${message.replace(/^Failed serializing construct at path .*? with name .*?: (?:Error: )?/, "")}`;
}
