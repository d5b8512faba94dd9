import { RECORDED, ratioName } from "../components/observability/slo/recorded.ts";
import { type Dashboard, page } from "./panels.ts";

const CHOSEN = '{namespace="$namespace",slo=~"$slo"}';
const ROUTES = '{namespace="$namespace",http_route=~"$route"}';
const burn = (seconds: number) =>
  `${ratioName(seconds)}${CHOSEN} / on(namespace, slo) (1 - ${RECORDED.objective}${CHOSEN})`;

/** What is promised, what is left of it, and how fast it goes. */
export function sloOverview(): Dashboard {
  return page({
    uid: "fairlead-slo",
    title: "Service levels",
    about: "What each service promises, what is left of its error budget, and how fast it burns.",
    since: "24h",
    choices: [
      { name: "namespace", label: "Namespace", query: `label_values(${RECORDED.objective}, namespace)` },
      {
        name: "slo",
        label: "Objective",
        query: `label_values(${RECORDED.objective}{namespace="$namespace"}, slo)`,
        many: true,
      },
      {
        name: "route",
        label: "Route",
        query: 'label_values(http_server_request_duration_seconds_count{namespace="$namespace"}, http_route)',
        many: true,
      },
    ],
    rows: {
      "Error budget": [
        {
          title: "Budget left",
          about: "Share of the period's errors that may still happen. Below nothing the promise is broken.",
          kind: "stat",
          unit: "percentunit",
          width: 12,
          // The steps of the error-budget policy.
          limits: [
            [Number.NEGATIVE_INFINITY, "red"],
            [0, "yellow"],
            [0.5, "green"],
          ],
          lines: [[`${RECORDED.remaining}${CHOSEN}`, "{{slo}}"]],
        },
        {
          title: "Measured over the period",
          about: "Share of good events: what the promise is compared with.",
          kind: "stat",
          unit: "percentunit",
          width: 6,
          lines: [[`1 - ${RECORDED.period}${CHOSEN}`, "{{slo}}"]],
        },
        {
          title: "Promised",
          about: "The objective itself.",
          kind: "stat",
          unit: "percentunit",
          width: 6,
          lines: [[`${RECORDED.objective}${CHOSEN}`, "{{slo}}"]],
        },
        {
          title: "Budget left over time",
          about: "A steep fall is an incident; a steady one is a service that is worse than promised.",
          unit: "percentunit",
          width: 24,
          lines: [[`${RECORDED.remaining}${CHOSEN}`, "{{slo}}"]],
        },
      ],
      "Burn rate": [
        {
          title: "Over 1 hour",
          about: "1 spends the budget in exactly its period. Above 14.4 somebody is paged at once.",
          unit: "none",
          limits: [
            [Number.NEGATIVE_INFINITY, "green"],
            [6, "yellow"],
            [14.4, "red"],
          ],
          lines: [[burn(3600), "{{slo}}"]],
        },
        {
          title: "Over 6 hours",
          about: "Above 6 somebody is paged.",
          unit: "none",
          limits: [
            [Number.NEGATIVE_INFINITY, "green"],
            [1, "yellow"],
            [6, "red"],
          ],
          lines: [[burn(6 * 3600), "{{slo}}"]],
        },
        {
          title: "Over 3 days",
          about: "Above 1 the promise will be broken by the end of the period.",
          unit: "none",
          limits: [
            [Number.NEGATIVE_INFINITY, "green"],
            [1, "red"],
          ],
          lines: [[burn(3 * 86_400), "{{slo}}"]],
        },
      ],
      Routes: [
        {
          title: "P99",
          about: "Of the chosen routes, by service. The articles' bound, for /api/v1/*, is 800 ms.",
          unit: "s",
          width: 12,
          limits: [
            [Number.NEGATIVE_INFINITY, "green"],
            [0.8, "red"],
          ],
          lines: [
            [
              `histogram_quantile(0.99, sum by (le, job) (rate(http_server_request_duration_seconds_bucket${ROUTES}[$__rate_interval])))`,
              "{{job}}",
            ],
          ],
        },
        {
          title: "Requests",
          about: "Of the chosen routes, by service.",
          unit: "reqps",
          width: 12,
          lines: [
            [`sum by (job) (rate(http_server_request_duration_seconds_count${ROUTES}[$__rate_interval]))`, "{{job}}"],
          ],
        },
      ],
    },
  }).build();
}
