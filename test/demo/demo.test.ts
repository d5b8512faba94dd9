import { describe, expect, test } from "vitest";
import type { ConfigMap } from "../../components/index.ts";
import { ABSENT, program } from "../../demo/infra/program.ts";
import { type Span, tree } from "../../demo/telemetry.ts";
import { program as shop } from "../../infra/program.ts";

describe("the demonstration's environment", () => {
  const { members } = program.build("dev", {});

  test("is the shop's dev environment, but for what nobody runs there, and has a Prometheus", () => {
    const whole = Object.keys(shop.build("dev", {}).members);
    const left = whole.filter((name) => !ABSENT.some((one) => one === name));
    expect(Object.keys(members).sort()).toEqual([...left, "monitoring", "prometheus"].sort());
    expect(whole).toEqual(expect.arrayContaining([...ABSENT]));
  });

  test("asks every service by the names of its pods and works off every rule of the environment", () => {
    const objects = Object.values(members["prometheus"]?.objects ?? {});
    const config = objects.find(({ metadata }) => metadata.name.startsWith("prometheus-config")) as
      | ConfigMap
      | undefined;
    const text = config?.data?.["prometheus.yml"] ?? "";
    for (const name of ["user", "order", "payment", "inventory", "shipment"]) {
      expect(text).toContain(`${name}-headless.shop-dev.svc.cluster.local`);
    }
    expect(config?.data?.["rules.yml"]).toContain("slo:bad_ratio:rate5m");
  });
});

describe("a trace", () => {
  const span = (id: string, parent: string | undefined, service: string, start: number): Span => ({
    id,
    parent,
    service,
    name: `does ${id}`,
    start,
    duration: 1500,
  });

  test("is a tree in the order of time, whose root has a parent that nobody sent", () => {
    const spans = [span("c", "a", "payment", 3), span("a", "browser", "order", 1), span("b", "a", "user", 2)];
    expect(tree(spans)).toEqual(["order  does a  1.5 ms", "  user  does b  1.5 ms", "  payment  does c  1.5 ms"]);
  });
});
