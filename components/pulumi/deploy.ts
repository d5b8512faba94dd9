import type * as pulumi from "@pulumi/pulumi";
import type { Environment } from "../core/environment.ts";
import { Component, dependencies } from "./component.ts";
import { reported } from "./failure.ts";
import { inOrder, membersBefore } from "./order.ts";

/**
 * Hands an environment to the engine: one component a member, named as the member and typed as it says. Members whose
 * objects stand in a namespace wait for the member that makes the namespace.
 * @param options For every component.
 * @returns Member name -> component.
 */
export function deploy(
  environment: Environment,
  options: pulumi.ComponentResourceOptions = {},
): Readonly<Record<string, Component>> {
  const before = reported(() => membersBefore(environment));
  const made: Record<string, Component> = {};
  for (const name of inOrder(before)) {
    const member = environment.members[name];
    if (member === undefined) continue;
    const first = (before.get(name) ?? []).flatMap((other) => made[other] ?? []);
    made[name] = new Component(member.type, name, member.objects, {
      ...options,
      ...(first.length === 0 ? {} : { dependsOn: dependencies(options.dependsOn, first) }),
    });
  }
  return made;
}
