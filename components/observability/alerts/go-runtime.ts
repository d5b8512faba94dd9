import { selector } from "../promql.ts";
import { percent } from "../slo/rung.ts";
import { type AlertFacts, type AlertRow, growing, type Samples, series, steady } from "./row.ts";

/** Growth within an hour that no load explains while the floor is counted. */
const LEAK_GROWTH = 1.5;
/** Times the bound at which the count alone is enough, for leaks too slow to show in an hour. */
const LEAK_CEILING = 10;

/** The share of GOMEMLIMIT that counts against it. https://pkg.go.dev/runtime/debug#SetMemoryLimit */
function memoryShare({ instrumentation, matchers }: AlertFacts): {
  readonly expr: string;
  readonly samples: (share: number) => Samples;
} {
  const limit = 1_000_000;
  const of = (name: string) => selector(name, matchers);
  const value = (name: string, amount: number, labels = {}) =>
    [series(name, matchers, labels), steady(amount)] as const;
  if (instrumentation === "opentelemetry") {
    return {
      expr: `sum by (pod) (${of("go_memory_used_bytes")}) / sum by (pod) (${of("go_memory_limit_bytes")})`,
      samples: (share) => [
        value("go_memory_used_bytes", limit * share * 0.1, { go_memory_type: "stack" }),
        value("go_memory_used_bytes", limit * share * 0.9, { go_memory_type: "other" }),
        value("go_memory_limit_bytes", limit),
      ],
    };
  }
  return {
    expr: `max by (pod) ((${of("go_memstats_sys_bytes")} - ${of("go_memstats_heap_released_bytes")}) / ${of("go_gc_gomemlimit_bytes")})`,
    samples: (share) => [
      value("go_memstats_sys_bytes", limit),
      value("go_memstats_heap_released_bytes", limit * (1 - share)),
      value("go_gc_gomemlimit_bytes", limit),
    ],
  };
}

export const GO_ALERTS = {
  goroutineLeak: {
    alert: "GoGoroutineLeak",
    severity: "ticket",
    for: "15m",
    bound: { unit: "count", value: 1000 },
    actions: ["diagnose", "isolate"],
    runbook: "goroutine-leak",
    conditions: ({ instrumentation, matchers, name, scraped }, bound) => {
      if (!scraped) return [];
      const count = selector(instrumentation === "opentelemetry" ? "go_goroutine_count" : "go_goroutines", matchers);
      const floor = `min_over_time(${count}[30m])`;
      const grown = `${LEAK_GROWTH} * min_over_time(${count}[30m] offset 1h)`;
      // From so many on as many again in an hour.
      const leak = (start: number): Samples => [[count, growing(start * bound, (start * bound) / 60)]];
      return [
        {
          expr: `max by (pod) (${floor} > ${bound} and ${floor} > ${grown} or ${floor} > ${LEAK_CEILING * bound})`,
          summary: `${name}: goroutines of one pod only grow`,
          description: `Pod {{ $labels.pod }} had at no time of the last 30m fewer than {{ $value | humanize }} goroutines, and an hour ago far fewer.`,
          example: () => ({
            bad: leak(0.6),
            good: [leak(0.4), [[count, steady(bound * 5)]]],
            from: 70,
          }),
        },
      ];
    },
  },
  gcPressure: {
    alert: "GoGcPressure",
    severity: "ticket",
    for: "15m",
    bound: { unit: "share", value: "95%" },
    actions: ["diagnose"],
    runbook: "gc-pressure",
    conditions: (facts, bound) => {
      if (!facts.scraped) return [];
      const { expr, samples } = memoryShare(facts);
      return [
        {
          expr: `${expr} > ${bound}`,
          summary: `${facts.name}: memory of one pod is at GOMEMLIMIT`,
          description: `Pod {{ $labels.pod }} holds {{ $value | humanizePercentage }} of GOMEMLIMIT, above ${percent(bound)}: the collector runs to stay below it and takes CPU from requests.`,
          example: () => ({ bad: samples(bound * 1.04), good: [samples(bound * 0.96)] }),
        },
      ];
    },
  },
  cpuThrottling: {
    alert: "CpuThrottling",
    severity: "ticket",
    for: "15m",
    bound: { unit: "share", value: "25%" },
    actions: ["diagnose", "scale"],
    runbook: "cpu-throttling",
    conditions: ({ cpuLimit, name, namespace }, bound) => {
      if (!cpuLimit) return [];
      const periods = series("container_cpu_cfs_periods_total", { container: name, namespace });
      const throttled = series("container_cpu_cfs_throttled_periods_total", { container: name, namespace });
      const held = (share: number): Samples => [
        [periods, growing(0, 600)],
        [throttled, growing(0, 600 * share)],
      ];
      return [
        {
          expr: `sum by (pod) (increase(${throttled}[5m])) / sum by (pod) (increase(${periods}[5m])) > ${bound}`,
          summary: `${name}: the CPU limit holds one pod back`,
          description: `Pod {{ $labels.pod }} was held back in {{ $value | humanizePercentage }} of CPU periods over 5m, above ${percent(bound)}: requests wait although the node may have CPU to spare.`,
          example: () => ({ bad: held(bound * 1.2), good: [held(bound * 0.8)] }),
        },
      ];
    },
  },
} as const satisfies Readonly<Record<string, AlertRow>>;
