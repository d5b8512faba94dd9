import { constant } from "./constant.ts";

/** The longest name a component may have: CronJob allows 52 characters, and every derived name must still fit 63. */
export const NAME_LENGTH = 52;

const DNS_LABEL = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const DNS_SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** Why a text cannot name a component; undefined when it can. RFC 1035 label, since a Service bears the name. */
export function nameProblem(name: string): string | undefined {
  if (name.length > NAME_LENGTH) return `but it has ${name.length} characters`;
  if (!DNS_LABEL.test(name))
    return "but a name is lower-case letters, digits and hyphens, begins with a letter and ends with no hyphen";
  return undefined;
}

/** Whether a text is a host name (RFC 1123 subdomain). */
export function isHostName(text: string): boolean {
  return text.length <= 253 && DNS_SUBDOMAIN.test(text);
}

/** What a workload's Service, PodDisruptionBudget, policies and spread select by. Never changes in a workload's life. */
export function selectorLabels(name: string): Readonly<Record<string, string>> {
  return { "app.kubernetes.io/name": name };
}

/** Facts about a component that its objects carry as labels. */
export interface LabelFacts {
  readonly name: string;
  /** The application that the component belongs to. */
  readonly partOf?: string | undefined;
  /** The team that is called when it breaks. */
  readonly owner?: string | undefined;
  /** What runs, such as "1.4.2". */
  readonly version?: string | undefined;
  /** Its place in the architecture, such as "service" or "worker". */
  readonly component?: string | undefined;
}

/** Kubernetes' recommended labels, and the owner. https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/ */
export function labels(facts: LabelFacts): Readonly<Record<string, string>> {
  return constant({
    ...selectorLabels(facts.name),
    ...(facts.component === undefined ? {} : { "app.kubernetes.io/component": facts.component }),
    ...(facts.partOf === undefined ? {} : { "app.kubernetes.io/part-of": facts.partOf }),
    ...(facts.version === undefined ? {} : { "app.kubernetes.io/version": facts.version }),
    ...(facts.owner === undefined ? {} : { "fairlead.dev/owner": facts.owner }),
    "app.kubernetes.io/managed-by": "fairlead",
  });
}
