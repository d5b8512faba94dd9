import { checkEnvironment, type Environment, type Member, type ServiceLevelProgram } from "../../components/index.ts";
import { program as shop } from "../../infra/program.ts";
import { monitoring } from "./monitoring.ts";

/** Members of the shop that nobody runs here: their programs are not part of the repository, or what they ask is not there. */
export const ABSENT = ["notifier", "reconcile", "responder"] as const;

/** The shop's dev environment on a machine of its own: and a Prometheus of its own. */
export const program: ServiceLevelProgram = {
  ...shop,
  project: "demo",
  environments: ["dev"],
  build: (name, settings) => {
    const environment = demonstrated(shop.build(name, settings));
    checkEnvironment(environment);
    return environment;
  },
};

const CHANGED: Readonly<Record<string, (member: Member) => Member>> = { loki: asleep };

function demonstrated(described: Environment): Environment {
  const members = Object.fromEntries(
    Object.entries(described.members).flatMap(([name, member]) =>
      ABSENT.some((one) => one === name) ? [] : [[name, CHANGED[name]?.(member) ?? member]],
    ),
  );
  return { ...described, members: { ...members, ...monitoring(members) } };
}

/** Loki is no program that a Go module builds in passing: it is described, and has no pod. */
function asleep(member: Member): Member {
  const text = JSON.stringify(member.objects, (key, value: unknown) => (key === "replicas" ? 0 : value));
  return { ...member, objects: JSON.parse(text) as Member["objects"] };
}
