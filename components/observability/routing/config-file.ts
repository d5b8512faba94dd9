import { present } from "../../core/object.ts";
import { toYamlValue } from "../../core/yaml-text.ts";
import type { LabelMatcher } from "../slo/inhibition.ts";
import { secretPlace } from "./config-object.ts";
import { LINES, PAGERDUTY_SEVERITY, TITLE } from "./message.ts";
import type { AlertRoutingProps, TimeSpan } from "./props.ts";
import type { ReceiverProps, RoutingSecret } from "./receiver.ts";
import type { Leaf, Route, RoutingTree } from "./tree.ts";

/** The tree as a file for an Alertmanager without operator. A secret is a file `<folder>/<Secret>/<key>`. */
export function configFile(props: AlertRoutingProps, tree: RoutingTree, folder: string): string {
  const times = Object.entries(props.times ?? {});
  return toYamlValue({
    route: route(tree.root),
    receivers: tree.leaves.map((leaf) => receiver(props.name, leaf, folder)),
    inhibit_rules: tree.inhibitions.map(({ source, target, equal }) => ({
      source_matchers: source.map(matcher),
      target_matchers: target.map(matcher),
      equal,
    })),
    ...(times.length === 0
      ? {}
      : { time_intervals: times.map(([name, spans]) => ({ name, time_intervals: spans.map(timeInterval) })) }),
  });
}

function matcher({ name, value, matchType }: LabelMatcher): string {
  return `${name}${matchType}${JSON.stringify(value)}`;
}

function route({ receiver, matchers, groupBy, wait, interval, repeat, mute, goesOn, routes }: Route): object {
  return present({
    receiver,
    matchers: matchers.length === 0 ? undefined : matchers.map(matcher),
    group_by: groupBy,
    group_wait: wait,
    group_interval: interval,
    repeat_interval: repeat,
    mute_time_intervals: mute,
    continue: goesOn,
    routes: routes?.map(route),
  });
}

function timeInterval({ weekdays, from = "00:00", to = "24:00" }: TimeSpan) {
  return present({ weekdays, times: [{ start_time: from, end_time: to }] });
}

function receiver(component: string, { name, places }: Leaf, folder: string): object {
  const built: Record<string, object[]> = {};
  for (const [place, props] of places) {
    const [key, config] = configOf(props, (property, secret) => {
      const at = secretPlace(component, place, property, secret);
      return `${folder}/${at.name}/${at.key}`;
    });
    built[key] = [...(built[key] ?? []), present({ ...config, send_resolved: props.resolved ?? true })];
  }
  return { name, ...built };
}

function configOf(
  { wecom, pagerduty, slack, webhook, email }: ReceiverProps,
  file: (property: string, secret: RoutingSecret) => string,
): readonly [key: string, config: object] {
  if (wecom !== undefined) {
    return [
      "wechat_configs",
      {
        corp_id: wecom.corpId,
        agent_id: wecom.agentId,
        to_user: wecom.toUser,
        to_party: wecom.toParty,
        to_tag: wecom.toTag,
        api_url: wecom.url,
        api_secret_file: file("secret", wecom.secret),
        message: `${TITLE}\n${LINES}`,
      },
    ];
  }
  if (pagerduty !== undefined) {
    return [
      "pagerduty_configs",
      {
        routing_key_file: file("routingKey", pagerduty.routingKey),
        url: pagerduty.url,
        description: TITLE,
        severity: PAGERDUTY_SEVERITY,
        component: "{{ .CommonLabels.service }}",
        group: "{{ .CommonLabels.namespace }}",
      },
    ];
  }
  if (slack !== undefined) {
    const api_url_file = file("webhook", slack.webhook);
    return ["slack_configs", { api_url_file, channel: slack.channel, title: TITLE, text: LINES }];
  }
  if (email !== undefined) {
    const { to, from, smarthost, username: auth_username, password } = email;
    const auth_password_file = password === undefined ? undefined : file("password", password);
    return [
      "email_configs",
      { to, from, smarthost, auth_username, auth_password_file, headers: { Subject: TITLE }, text: LINES },
    ];
  }
  const url = webhook?.url ?? "";
  const http_config =
    webhook?.token === undefined
      ? undefined
      : { authorization: { type: "Bearer", credentials_file: file("token", webhook.token) } };
  return ["webhook_configs", { ...(typeof url === "string" ? { url } : { url_file: file("url", url) }), http_config }];
}
