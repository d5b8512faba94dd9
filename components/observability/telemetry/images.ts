/** What runs where nobody says otherwise. The tests run the collector's and Jaeger's very versions. */
export const IMAGES = {
  collector: "docker.io/otel/opentelemetry-collector-contrib:0.140.1",
  jaeger: "docker.io/jaegertracing/jaeger:2.13.0",
  loki: "docker.io/grafana/loki:3.7.8",
} as const;
