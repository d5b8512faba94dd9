import { type AlertRoutingObjects, alertRouting } from "../../components/index.ts";

/** Pages of the checkout team go to its PagerDuty and to WeCom, tickets to its Slack channel, at weekends to nobody. */
export const alertRoutingExample: AlertRoutingObjects = alertRouting({
  name: "alerting",
  namespace: "shop",
  owner: "platform",
  receivers: {
    pager: { pagerduty: { routingKey: { store: "vault", key: "shop/alerting/pagerduty" } } },
    oncall: {
      wecom: {
        corpId: "ww0000000000000000",
        agentId: "1000002",
        secret: { store: "vault", key: "shop/alerting/wecom" },
        toParty: "1",
      },
    },
    chat: { slack: { webhook: { secret: "slack", key: "url" }, channel: "#checkout" } },
  },
  owners: { checkout: { page: ["pager", "oncall"], ticket: ["chat"] } },
  fallback: ["oncall"],
  times: { weekend: [{ weekdays: ["saturday", "sunday"] }] },
  mute: { ticket: ["weekend"] },
  heartbeat: { url: { store: "vault", key: "shop/alerting/heartbeat" } },
});
