import type { Metadata } from "../core/object.ts";
import { type AnalysisMetric, analysisMetric, growthMetric, type Objective } from "../observability/index.ts";
import type { AnalysisTemplate, RolloutAnalysis } from "./kind.ts";
import type { Analysis, Smoke } from "./rollout-props.ts";

/** The pods of the new version and of the old one, by the hashes that the controller fills in. */
const VERSIONS = { latest: "latest-hash", stable: "stable-hash" } as const;

/** Measurements after a switch at once; while a canary's steps last, measuring goes on. */
const MEASUREMENTS = 5;
const GET_TIMES = 3;

/** What the service promises, asked of one version's pods: the same numbers as the alerts, against the old version's. */
export function objectivesTemplate(
  metadata: Metadata,
  name: string,
  objectives: readonly Objective[],
  analysis: Analysis,
  { address, endless }: { readonly address: string; readonly endless: boolean },
): AnalysisTemplate {
  const pods = (version: string) => [["pod", "=~", `${name}-{{args.${version}}}-.*`] as const];
  const options = {
    address,
    canary: pods(VERSIONS.latest),
    stable: pods(VERSIONS.stable),
    ...(endless ? {} : { count: MEASUREMENTS }),
    ...(analysis.interval === undefined ? {} : { interval: analysis.interval }),
    ...(analysis.window === undefined ? {} : { window: analysis.window }),
    ...(analysis.failureLimit === undefined ? {} : { failureLimit: analysis.failureLimit }),
  };
  const timesWorse = analysis.timesWorse ?? 2;
  const { growth } = analysis;
  const metrics = objectives.flatMap((objective): readonly (AnalysisMetric | undefined)[] => [
    analysisMetric(objective, timesWorse === false ? options : { ...options, timesWorse }),
    growth === undefined ? undefined : growthMetric(objective, { ...options, growth }),
  ]);
  return {
    apiVersion: "argoproj.io/v1alpha1",
    kind: "AnalysisTemplate",
    metadata: { ...metadata, name: `${name}-objectives` },
    spec: {
      args: Object.values(VERSIONS).map((arg) => ({ name: arg })),
      metrics: metrics.filter((metric) => metric !== undefined),
    },
  };
}

/** How a Rollout asks a template. */
export function asked(template: AnalysisTemplate): RolloutAnalysis {
  const of = { [VERSIONS.latest]: "Latest", [VERSIONS.stable]: "Stable" } as const;
  return {
    templates: [{ templateName: template.metadata.name }],
    ...((template.spec.args ?? []).length === 0
      ? {}
      : { args: Object.entries(of).map(([name, hash]) => ({ name, valueFrom: { podTemplateHashValue: hash } })) }),
  };
}

/** A page of the new version that must answer before it is switched to. */
export function smokeTemplate(metadata: Metadata, name: string, smoke: Smoke, host: string): AnalysisTemplate {
  return {
    apiVersion: "argoproj.io/v1alpha1",
    kind: "AnalysisTemplate",
    metadata: { ...metadata, name: `${name}-smoke` },
    spec: {
      metrics: [
        {
          name: "smoke",
          interval: "10s",
          count: GET_TIMES,
          // An answer that is no 2xx is an error of the measurement, and no answer at all too.
          consecutiveErrorLimit: 2,
          provider: { web: { url: `http://${host}${smoke.path}`, timeoutSeconds: 5 } },
        },
      ],
    },
  };
}
