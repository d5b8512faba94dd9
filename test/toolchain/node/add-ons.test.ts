import { expect, test } from "vitest";
import { IMAGES } from "../../../components/observability/telemetry/images.ts";
import { imagesOf, partOf } from "../../../toolchain/node/add-ons.ts";
import { sourceOf } from "../../../toolchain/parts.ts";

test("the images of our own add-ons are made of parts of the same version", () => {
  expect(partOf(IMAGES.jaeger)).toBe("jaeger");
  expect(partOf(IMAGES.collector)).toBe("otelcol");
  expect(partOf(`quay.io/prometheus/prometheus:v${sourceOf("prometheus").version}`)).toBe("prometheus");
});

test("what no part is, or another version of it, is nobody's to make", () => {
  expect(partOf(IMAGES.loki)).toBeUndefined();
  expect(partOf("docker.io/jaegertracing/jaeger:1.0.0")).toBeUndefined();
  expect(partOf("toString:1.0.0")).toBeUndefined();
});

test("images are found in every pod, once, wherever its template stands", () => {
  const pod = (...images: string[]) => ({ spec: { containers: images.map((image) => ({ image })) } });
  const objects = [
    { kind: "Deployment", spec: { template: pod("a:1", "b:1") } },
    { kind: "CronJob", spec: { jobTemplate: { spec: { template: pod("b:1") } } } },
    { kind: "Pod", spec: { initContainers: [{ image: "c:1" }], containers: [{ image: undefined }] } },
    { kind: "ConfigMap", data: { image: "no:1", containers: "image: no:1" } },
  ];
  expect(imagesOf(objects)).toEqual(["a:1", "b:1", "c:1"]);
});
