import { type AlertRoutingProps, type Catalogue, responderUrl } from "../components/index.ts";
import type { EnvironmentRow } from "./environments.ts";
import { RESPONDER_TOKEN, responderOf } from "./responder.ts";

const stored = (key: string) => ({ store: "vault", key: `shop/alerting/${key}` });

/** Whom alerts call: where the environment pages, the owner's PagerDuty and WeCom; everywhere else its chat. */
export function alerting(row: EnvironmentRow, entries: Catalogue): AlertRoutingProps {
  // Whoever owns an entry has a route: a new team needs its channel and its key in the vault, and nothing here.
  const teams = [...new Set(Object.values(entries).map(({ owner }) => owner))];
  const chats = Object.fromEntries(
    teams.map((team) => [`${team}-chat`, { slack: { webhook: stored("slack"), channel: `#${team}` } }]),
  );
  const responder = responderOf(row);
  const shared = {
    name: "alerting",
    namespace: row.namespace,
    partOf: "shop",
    owner: "platform",
    ...(responder === undefined ? {} : { responder: { url: responderUrl(responder), token: RESPONDER_TOKEN } }),
  };
  if (!row.paging) {
    const owners = teams.map((team) => [team, { page: [`${team}-chat`], ticket: [`${team}-chat`] }] as const);
    return { ...shared, receivers: chats, owners: Object.fromEntries(owners), fallback: ["checkout-chat"] };
  }
  const pagers = teams.map(
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
      teams.map((team) => [
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
