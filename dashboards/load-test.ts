import { type Dashboard, page } from "./panels.ts";

const JOB = '{namespace="$namespace",job="$service"}';
const HTTP = "http_server_request_duration_seconds";

/** How durations change with load: requests a second, duration and time in one picture. */
export function loadTest(): Dashboard {
  return page({
    uid: "fairlead-load-test",
    title: "Load test",
    about:
      "Requests a second by duration over time: the brighter, the more. A knee is where durations rise and requests do not.",
    since: "30m",
    choices: [
      { name: "namespace", label: "Namespace", query: "label_values(up, namespace)" },
      { name: "service", label: "Service", query: 'label_values(up{namespace="$namespace"}, job)' },
    ],
    rows: {
      "Load and duration": [
        {
          title: "Requests a second by duration",
          about: "Colour: requests a second. Height: how long they took.",
          kind: "heatmap",
          unit: "reqps",
          width: 24,
          lines: [[`sum by (le) (rate(${HTTP}_bucket${JOB}[$__rate_interval]))`, "{{le}}"]],
        },
        {
          title: "Requests a second",
          about: "What the load test makes of it. Failed ones apart.",
          unit: "reqps",
          width: 12,
          lines: [
            [`sum(rate(${HTTP}_count${JOB}[$__rate_interval]))`, "all"],
            [
              // A service that never failed has no such series.
              `sum(rate(${HTTP}_count{namespace="$namespace",job="$service",http_response_status_code=~"5.."}[$__rate_interval])) or 0 * sum(rate(${HTTP}_count${JOB}[$__rate_interval]))`,
              "failed",
            ],
          ],
        },
        {
          title: "Durations",
          about: "Of half the requests, and of 99 in a hundred.",
          unit: "s",
          width: 12,
          lines: [0.5, 0.99].map((q) => [
            `histogram_quantile(${q}, sum by (le) (rate(${HTTP}_bucket${JOB}[$__rate_interval])))`,
            `P${q * 100}`,
          ]),
        },
        {
          title: "Seconds of work a second",
          about:
            "Requests a second times their mean duration: how many are under way. It bends up where the service is full.",
          unit: "none",
          width: 12,
          lines: [[`sum(rate(${HTTP}_sum${JOB}[$__rate_interval]))`, "under way"]],
        },
        {
          title: "CPU",
          about: "Cores of all pods.",
          unit: "none",
          width: 12,
          lines: [[`sum(rate(process_cpu_seconds_total${JOB}[$__rate_interval]))`, "used"]],
        },
      ],
    },
  }).build();
}
