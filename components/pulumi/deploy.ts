import type * as pulumi from "@pulumi/pulumi";
import { partOf } from "../core/delivery.ts";
import { type Environment, placed } from "../core/environment.ts";
import { type ForeignFields, foreignFields } from "../core/foreign-fields.ts";
import { Component, type DependsOn, dependencies } from "./component.ts";
import { reported } from "./failure.ts";
import { inOrder, membersBefore } from "./order.ts";

/**
 * Hands an environment to the engine: one component a member, named as the member and typed as it says. Members whose
 * objects stand in a namespace wait for the member that makes the namespace. Where delivery is by GitOps it gets its part
 * alone.
 * @param options For every component.
 * @param turn What a component waits for instead of what it needs: that, and its turn. @default nothing but what it needs
 * @returns Member name -> component.
 */
export function deploy(
  whole: Environment,
  options: pulumi.ComponentResourceOptions = {},
  turn: (needed: DependsOn | undefined) => DependsOn | undefined = (needed) => needed,
): Readonly<Record<string, Component>> {
  const environment = partOf(whole, "engine");
  const before = reported(() => membersBefore(environment));
  const foreign = foreignByComponent(environment);
  const made: Record<string, Component> = {};
  for (const name of inOrder(before)) {
    const member = environment.members[name];
    if (member === undefined) continue;
    const first = (before.get(name) ?? []).flatMap((other) => made[other] ?? []);
    const needed = first.length === 0 ? options.dependsOn : dependencies(options.dependsOn, first);
    const dependsOn = turn(needed);
    made[name] = new Component(member.type, name, member.objects, {
      ...options,
      foreign: foreign.get(name) ?? [],
      ...(dependsOn === undefined ? {} : { dependsOn }),
    });
  }
  return made;
}

/** Fields that others write, whichever component they are part of, by the component that they are written to. */
function foreignByComponent(environment: Environment): ReadonlyMap<string, readonly ForeignFields[]> {
  const all = [...placed(environment)];
  const components = new Map(all.map(({ component, object }) => [object, component]));
  return Map.groupBy(foreignFields(all.map(({ object }) => object)), ({ object }) => components.get(object) ?? "");
}
