import { checkEnvironment, type Environment, type Member, type ServiceLevelProgram } from "../../components/index.ts";
import { alerting } from "../../infra/alerting.ts";
import { environmentRow } from "../../infra/environments.ts";
import { program as shop } from "../../infra/program.ts";
import { services } from "../../infra/services.ts";
import { monitoring } from "./monitoring.ts";

/**
 * Members of the shop that nobody runs here: the first two have no program in the repository, and the last may call the API
 * server at its usual ports alone, which the embedded one does not have.
 */
export const ABSENT: readonly string[] = ["notifier", "reconcile", "responder"];

/** Loki is no program that a Go module builds in passing: it is described, and has no pod. */
const ASLEEP = "loki";

/** The shop's dev environment on a machine of its own, with a Prometheus and an Alertmanager that are part of it. */
export const program: ServiceLevelProgram = {
  ...shop,
  project: "demo",
  environments: ["dev"],
  build: (name, settings) => {
    const { members: described, ...rest } = shop.build(name, settings);
    const kept = Object.entries(described).filter(([member]) => !ABSENT.includes(member));
    const members = Object.fromEntries(kept.map(([key, one]) => [key, key === ASLEEP ? withoutPods(one) : one]));
    const { responder: _, ...routing } = alerting(environmentRow(name, settings), services);
    const environment: Environment = { ...rest, members: { ...members, ...monitoring(members, routing) } };
    checkEnvironment(environment);
    return environment;
  },
};

function withoutPods(member: Member): Member {
  const objects = Object.entries(member.objects).map(([role, object]) => {
    const spec: unknown = Reflect.get(object, "spec");
    const counts = typeof spec === "object" && spec !== null && "replicas" in spec;
    return [role, counts ? { ...object, spec: { ...spec, replicas: 0 } } : object] as const;
  });
  return { ...member, objects: Object.fromEntries(objects) };
}
