import { describe, expect, test } from "vitest";
import { sentence } from "../../../components/core/fault.ts";
import { entryServiceLevel, type ServiceSlo, serviceLevelProps } from "../../../components/observability/index.ts";
import { faultsOf } from "../../core/faults-of.ts";

const facts = { name: "order", namespace: "shop", owner: "checkout", ports: { http: 8080, grpc: 9090 } };
const slo: ServiceSlo = { availability: 99.9, latency: { percentile: 99, under: "750ms" } };
const paths = (entry: ServiceSlo) => faultsOf(() => entryServiceLevel(entry, facts)).map(({ path }) => path);

describe("a catalogue entry's slo", () => {
  test("becomes two objectives", () => {
    expect(Object.keys(serviceLevelProps(slo, facts).objectives)).toEqual(["availability", "latency"]);
    expect(entryServiceLevel(slo, facts).rules.metadata.name).toBe("order-slo");
  });

  test("counts HTTP requests where there is an http port, gRPC calls where there is only that one", () => {
    expect(serviceLevelProps(slo, facts).protocol).toBe("http");
    expect(serviceLevelProps(slo, { ...facts, ports: { grpc: 9090 } }).protocol).toBe("grpc");
    expect(serviceLevelProps({ ...slo, protocol: "grpc" }, facts).protocol).toBe("grpc");
  });

  test("adds further objectives by name", () => {
    const objectives = { checkout: { latency: { percentile: 95, under: "500ms" }, route: "/checkout" } };
    expect(Object.keys(serviceLevelProps({ ...slo, objectives }, facts).objectives)).toContain("checkout");
  });

  test("is told its faults where it wrote them", () => {
    expect(paths({ availability: 93 })).toEqual(["slo.availability"]);
    expect(paths({ latency: { percentile: 99, under: "800ms" } })).toEqual(["slo.latency.under"]);
    expect(paths({ availability: 99.9, period: "1h" })).toEqual(["slo.availability.period"]);
    expect(paths({ objectives: { x: { latency: { percentile: 99, under: "800ms" } } } })).toEqual([
      "slo.objectives.x.latency.under",
    ]);
  });

  test("reads as one sentence", () => {
    const [fault] = faultsOf(() => entryServiceLevel({ latency: { percentile: 99, under: "800ms" } }, facts));
    expect(fault === undefined ? "" : sentence(fault)).toBe(
      'order: slo.latency.under is "800ms", but http_server_request_duration_seconds has no bucket that ends there, so nobody could tell; use "750ms" or "1s", or declare the service\'s own buckets',
    );
  });

  test("gets the bucket that the service says it exposes", () => {
    const own = { latency: { percentile: 99, under: "800ms" }, buckets: [0.1, 0.4, 0.8, 2] };
    expect(paths(own)).toEqual([]);
  });
});
