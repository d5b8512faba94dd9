import type { AlertRoutingProps } from "../components/index.ts";
import type { EnvironmentRow } from "./environments.ts";

/** Teams that own entries of the catalogue. */
const TEAMS = ["identity", "checkout", "warehouse"] as const;

const stored = (key: string) => ({ store: "vault", key: `shop/alerting/${key}` });

/** Whom alerts call: where the environment pages, the owner's PagerDuty and WeCom; everywhere else its chat. */
export function alerting(row: EnvironmentRow): AlertRoutingProps {
  const chats = Object.fromEntries(
    TEAMS.map((team) => [`${team}-chat`, { slack: { webhook: stored("slack"), channel: `#${team}` } }]),
  );
  const shared = { name: "alerting", namespace: row.namespace, partOf: "shop", owner: "platform" };
  if (!row.paging) {
    const owners = TEAMS.map((team) => [team, { page: [`${team}-chat`], ticket: [`${team}-chat`] }] as const);
    return { ...shared, receivers: chats, owners: Object.fromEntries(owners), fallback: ["checkout-chat"] };
  }
  const pagers = TEAMS.map(
    (team) => [`${team}-pager`, { pagerduty: { routingKey: stored(`${team}-pagerduty`) } }] as const,
  );
  const wecom = { corpId: "ww0000000000000000", agentId: "1000002", secret: stored("wecom") };
  return {
    ...shared,
    receivers: {
      ...chats,
      ...Object.fromEntries(pagers),
      oncall: { wecom: { ...wecom, toParty: "1" } },
      everybody: { wecom: { ...wecom, toUser: "@all" } },
    },
    owners: Object.fromEntries(
      TEAMS.map((team) => [
        team,
        {
          critical: [`${team}-pager`, "everybody"],
          page: [`${team}-pager`, "oncall"],
          ticket: [`${team}-chat`],
        },
      ]),
    ),
    fallback: ["oncall"],
    times: { weekend: [{ weekdays: ["saturday", "sunday"] }] },
    mute: { ticket: ["weekend"] },
    heartbeat: { url: stored("heartbeat") },
  };
}
