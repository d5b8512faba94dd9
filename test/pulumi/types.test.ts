import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { expectTypeOf, test } from "vitest";
import type { CronJobObjects, KubernetesObject, MicroserviceObjects, Objects } from "../../components/index.ts";
import type { Component, Microservice, ResourceOf, ResourcesOf } from "../../components/pulumi/index.ts";

test("a role has the type of the SDK's class, so that its outputs are typed", () => {
  expectTypeOf<Microservice["objects"]["deployment"]>().toEqualTypeOf<k8s.apps.v1.Deployment>();
  expectTypeOf<Microservice["objects"]["service"]>().toEqualTypeOf<k8s.core.v1.Service>();
  expectTypeOf<ResourcesOf<CronJobObjects>["cronJob"]>().toEqualTypeOf<k8s.batch.v1.CronJob>();
});

test("an optional role is an optional resource", () => {
  expectTypeOf<Microservice["objects"]["autoscaler"]>().toEqualTypeOf<
    k8s.autoscaling.v2.HorizontalPodAutoscaler | undefined
  >();
});

test("a role whose name is only known in part is a custom resource", () => {
  expectTypeOf<Microservice["objects"]["externalSecret-vault"]>().toEqualTypeOf<k8s.apiextensions.CustomResource>();
});

test("a misspelt role does not compile", () => {
  // @ts-expect-error: no such role
  type Misspelt = Microservice["objects"]["deploymnt"];
  expectTypeOf<Misspelt>().toBeAny;
});

test("any object is a resource, and any component holds resources by role", () => {
  expectTypeOf<ResourceOf<KubernetesObject>>().toExtend<pulumi.CustomResource>();
  expectTypeOf<ResourcesOf<Objects>>().toEqualTypeOf<Readonly<Record<string, pulumi.CustomResource>>>();
  expectTypeOf<Microservice>().toExtend<Component<MicroserviceObjects>>();
});
