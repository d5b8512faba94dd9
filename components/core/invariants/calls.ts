import type { Placed } from "../environment.ts";
import type { Fault } from "../fault.ts";
import { didYouMean } from "../fault.ts";
import type { NetworkPolicy } from "../kind.ts";
import { selected, type View } from "./view.ts";

const NAME = "app.kubernetes.io/name";
const NAMESPACE = "kubernetes.io/metadata.name";

type Rule = NonNullable<NonNullable<NonNullable<NetworkPolicy["spec"]>["ingress"]>[number]>;

/** What one side opens, the other side must open too: a call that is allowed out and refused in only times out. */
export function* callsAreAllowed(view: View): Generator<Fault> {
  const names = new Map<string, Set<string>>();
  for (const { object, template } of view.workloads) {
    const namespace = object.metadata.namespace ?? "";
    names.set(namespace, (names.get(namespace) ?? new Set()).add(template.metadata.labels[NAME] ?? ""));
  }
  const policies = new Map(view.networkPolicies.map((one) => [podsKey(one), one]));
  for (const caller of view.networkPolicies) {
    for (const rule of caller.object.spec?.egress ?? []) {
      for (const peer of rule.to ?? []) {
        const called = peer.podSelector?.matchLabels;
        if (called === undefined || Object.keys(called).length === 0) continue;
        const namespace = String(peer.namespaceSelector?.matchLabels?.[NAMESPACE] ?? caller.object.metadata.namespace);
        // A namespace that belongs to somebody else cannot be looked into.
        const known = names.get(namespace);
        if (known === undefined) continue;
        if (selected(view, namespace, called).length === 0) {
          const value = called[NAME] ?? called;
          yield {
            component: caller.component,
            path: "calls",
            value,
            problem: "but nobody declares that service",
            remedy: didYouMean(String(called[NAME] ?? ""), known),
          };
          continue;
        }
        const answer = policies.get(labelsKey(namespace, called));
        if (answer === undefined || admits(answer, caller)) continue;
        yield {
          component: answer.component,
          path: "calledBy",
          value: callerNames(answer),
          problem: `but ${caller.component} calls it and would only time out`,
          remedy: `add "${caller.component}" to calledBy, or remove the call`,
        };
      }
    }
  }
}

/** The pods that a policy is about. */
function podsKey({ object }: Placed<NetworkPolicy>): string {
  return labelsKey(object.metadata.namespace, object.spec?.podSelector?.matchLabels ?? {});
}

function labelsKey(namespace: string | undefined, labels: Readonly<Record<string, unknown>>): string {
  const keys = Object.keys(labels);
  if (keys.length > 1) keys.sort();
  return `${namespace ?? ""}/${keys.map((key) => `${key}=${String(labels[key])}`).join(",")}`;
}

type Labels = Readonly<Record<string, unknown>>;

function isSame(some: Labels, others: Labels): boolean {
  const keys = Object.keys(some);
  return keys.length === Object.keys(others).length && keys.every((key) => some[key] === others[key]);
}

function admits(policy: Placed<NetworkPolicy>, caller: Placed<NetworkPolicy>): boolean {
  const namespace = caller.object.metadata.namespace;
  const callers = caller.object.spec?.podSelector?.matchLabels ?? {};
  return (policy.object.spec?.ingress ?? []).some((rule: Rule) => {
    if (rule.from === undefined) return true;
    return rule.from.some((peer) => {
      const from =
        peer.namespaceSelector === undefined
          ? policy.object.metadata.namespace
          : peer.namespaceSelector.matchLabels?.[NAMESPACE];
      if (from !== undefined && from !== namespace) return false;
      const wanted = peer.podSelector?.matchLabels ?? {};
      return peer.ipBlock === undefined && (Object.keys(wanted).length === 0 || isSame(wanted, callers));
    });
  });
}

function callerNames(policy: Placed<NetworkPolicy>): readonly unknown[] {
  return (policy.object.spec?.ingress ?? []).flatMap((rule) =>
    (rule.from ?? []).flatMap((peer) =>
      peer.podSelector?.matchLabels?.[NAME] === undefined ? [] : [peer.podSelector.matchLabels[NAME]],
    ),
  );
}
