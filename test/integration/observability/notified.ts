import { listen, type Served } from "./server.ts";

/** A message as WeCom's API gets it. */
export interface WeComMessage {
  readonly token: string | null;
  readonly msgtype: string;
  readonly agentid: string;
  readonly toparty?: string;
  readonly text: { readonly content: string };
}

/** An event as PagerDuty's Events API v2 gets it. */
export interface PagerDutyEvent {
  readonly routing_key: string;
  readonly dedup_key: string;
  readonly event_action: "trigger" | "resolve";
  readonly payload?: {
    readonly summary: string;
    readonly severity: string;
    readonly component: string;
    readonly group: string;
  };
}

/** Alertmanager's own form. */
export interface Hook {
  readonly status: string;
  readonly alerts: readonly { readonly status: string; readonly labels: Readonly<Record<string, string>> }[];
}

/** Everything that was sent to the outside, which is played here. */
export interface Notified extends Served {
  readonly wecom: WeComMessage[];
  readonly pagerduty: PagerDutyEvent[];
  /** Path -> what arrived there. */
  readonly hooks: Record<string, Hook[]>;
  /** Secrets with which somebody asked WeCom for a token. */
  readonly logins: string[];
}

export async function openNotified(): Promise<Notified> {
  const wecom: WeComMessage[] = [];
  const pagerduty: PagerDutyEvent[] = [];
  const hooks: Record<string, Hook[]> = {};
  const logins: string[] = [];
  const server = await listen((request, body) => {
    const url = new URL(request.url ?? "/", "http://receiver");
    if (url.pathname === "/wecom/gettoken") {
      logins.push(`${url.searchParams.get("corpid")} ${url.searchParams.get("corpsecret")}`);
      return { body: JSON.stringify({ errcode: 0, errmsg: "ok", access_token: "token-1", expires_in: 7200 }) };
    }
    if (url.pathname === "/wecom/message/send") {
      wecom.push({ ...(JSON.parse(body) as WeComMessage), token: url.searchParams.get("access_token") });
      return { body: JSON.stringify({ errcode: 0, errmsg: "ok" }) };
    }
    if (url.pathname === "/pagerduty") {
      pagerduty.push(JSON.parse(body) as PagerDutyEvent);
      return { status: 202, body: JSON.stringify({ status: "success", message: "Event processed" }) };
    }
    hooks[url.pathname] = [...(hooks[url.pathname] ?? []), JSON.parse(body) as Hook];
    return { body: "" };
  });
  return { ...server, wecom, pagerduty, hooks, logins };
}
