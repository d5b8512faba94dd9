import type { AlertRoutingProps } from "../../components/observability/index.ts";

/** A routing with every kind of receiver; a test says what differs. */
export function everyReceiver(rest: Partial<AlertRoutingProps> = {}): AlertRoutingProps {
  const stored = (key: string) => ({ store: "vault", key: `shop/alerting/${key}` });
  return {
    name: "alerting",
    namespace: "shop",
    owner: "platform",
    partOf: "shop",
    receivers: {
      oncall: { wecom: { corpId: "ww1", agentId: "1000002", secret: stored("wecom"), toParty: "1" } },
      pager: { pagerduty: { routingKey: { secret: "pagerduty", key: "routing-key" } } },
      chat: { slack: { webhook: stored("slack"), channel: "#checkout" } },
      archive: { webhook: { url: "https://example.com/alerts" }, resolved: false },
      hook: { webhook: { url: stored("hook") } },
      mail: {
        email: {
          to: "checkout@example.com",
          from: "alerts@example.com",
          smarthost: "smtp.example.com:587",
          username: "alerts",
          password: stored("smtp"),
        },
      },
    },
    owners: {
      checkout: { critical: ["pager", "oncall", "archive"], page: ["pager", "oncall"], ticket: ["chat", "mail"] },
      warehouse: { page: ["oncall"], ticket: ["hook"] },
    },
    fallback: ["mail"],
    times: {
      weekend: [{ weekdays: ["saturday", "sunday"] }],
      nights: [{ from: "18:00" }, { weekdays: ["monday:friday"], to: "08:00" }],
    },
    mute: { ticket: ["weekend", "nights"] },
    heartbeat: { url: stored("heartbeat") },
    ...rest,
  };
}
