import { describe, expect, test } from "vitest";
import { inside } from "../../components/core/plain.ts";
import type { ConfigMap } from "../../components/index.ts";
import { ABSENT, program } from "../../demo/infra/program.ts";
import { type Span, tree } from "../../demo/telemetry.ts";
import { GO_FLAGS } from "../../infra/build.ts";
import { program as shop } from "../../infra/program.ts";
import { COMPILED } from "../../toolchain/build.ts";

describe("the demonstration's environment", () => {
  const { members } = program.build("dev", {});

  test("is the shop's dev environment, but for what nobody runs there, with a Prometheus and an Alertmanager", () => {
    const whole = Object.keys(shop.build("dev", {}).members);
    const left = whole.filter((name) => !ABSENT.includes(name));
    const more = ["monitoring", "monitoring-vault", "prometheus", "alertmanager"];
    expect(Object.keys(members).sort()).toEqual([...left, ...more].sort());
    expect(whole).toEqual(expect.arrayContaining([...ABSENT]));
  });

  test("asks every service by the names of its pods and works off every rule of the environment", () => {
    const objects = Object.values(members["prometheus"]?.objects ?? {});
    const config = objects.find(({ metadata }) => metadata.name.startsWith("prometheus-config")) as
      | ConfigMap
      | undefined;
    const text = config?.data?.["prometheus.yml"] ?? "";
    for (const name of ["user", "order", "payment", "inventory", "shipment"]) {
      expect(text).toContain(`_http._tcp.${name}-headless.shop-dev.svc.cluster.local`);
    }
    expect(config?.data?.["rules.yml"]).toContain("slo:bad_ratio:rate5m");
    expect(text).toContain("alertmanager:9093");
  });

  test("tells chats by addresses that are files of Alertmanager's pod, and nobody who is not there", () => {
    const objects = Object.values(members["alertmanager"]?.objects ?? {});
    const text = JSON.stringify(objects);
    const files = [...text.matchAll(/_file: \/run\/secrets\/(\w+)/g)].map(([, name]) => name);
    expect(new Set(files)).toEqual(new Set(["SHOP_ALERTING_SLACK"]));
    for (const file of files) expect(text).toContain(`"path":"${file}"`);
    expect(text).not.toContain("responder");
  });

  test("has no pod of what nobody can make an image of", () => {
    const counts = Object.values(members["loki"]?.objects ?? {}).flatMap(
      (one) => inside(one, "spec", "replicas") ?? [],
    );
    expect(new Set(counts)).toEqual(new Set([0]));
  });
});

test("services are compiled as the toolchain's parts are, so that one build serves the other", () => {
  expect(["-trimpath", ...GO_FLAGS]).toEqual(expect.arrayContaining([...COMPILED]));
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
