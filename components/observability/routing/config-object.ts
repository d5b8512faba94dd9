import type { IAlertmanagerConfig } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1alpha1/AlertmanagerConfig";
import { type Metadata, present, type Resource } from "../../core/object.ts";
import type { LabelMatcher } from "../slo/inhibition.ts";
import { LINES, PAGERDUTY_SEVERITY, TITLE } from "./message.ts";
import type { AlertRoutingProps, TimeSpan } from "./props.ts";
import { type ReceiverProps, type RoutingSecret, type SecretPlace, storedKey } from "./receiver.ts";
import type { Leaf, Route, RoutingTree } from "./tree.ts";

export type AlertmanagerConfig = Resource<IAlertmanagerConfig>;
type Spec = NonNullable<AlertmanagerConfig["spec"]>;

/** Where a receiver's secret is in the cluster. */
export function secretPlace(component: string, receiver: string, property: string, secret: RoutingSecret): SecretPlace {
  return "secret" in secret
    ? { name: secret.secret, key: secret.key }
    : { name: `${component}-${secret.store}`, key: storedKey(receiver, property) };
}

/** The tree as the Prometheus Operator reads it. */
export function configObject(metadata: Metadata, props: AlertRoutingProps, tree: RoutingTree): AlertmanagerConfig {
  const times = Object.entries(props.times ?? {});
  return {
    apiVersion: "monitoring.coreos.com/v1alpha1",
    kind: "AlertmanagerConfig",
    metadata,
    spec: {
      route: route(tree.root),
      receivers: tree.leaves.map((leaf) => receiver(props.name, leaf)),
      inhibitRules: tree.inhibitions.map(({ source, target, equal }) => ({
        sourceMatch: source.map(matcher),
        targetMatch: target.map(matcher),
        equal,
      })),
      ...(times.length === 0
        ? {}
        : { muteTimeIntervals: times.map(([name, spans]) => ({ name, timeIntervals: spans.map(timeInterval) })) }),
    } as Spec,
  };
}

function matcher({ name, value, matchType }: LabelMatcher) {
  return { name, value, matchType };
}

function route({ receiver, matchers, groupBy, wait, interval, repeat, mute, goesOn, routes }: Route): object {
  return present({
    receiver,
    matchers: matchers.length === 0 ? undefined : matchers.map(matcher),
    groupBy,
    groupWait: wait,
    groupInterval: interval,
    repeatInterval: repeat,
    muteTimeIntervals: mute,
    continue: goesOn,
    routes: routes?.map(route),
  });
}

function timeInterval({ weekdays, from = "00:00", to = "24:00" }: TimeSpan) {
  return present({ weekdays, times: [{ startTime: from, endTime: to }] });
}

type Built = {
  [K in "wechatConfigs" | "pagerdutyConfigs" | "slackConfigs" | "webhookConfigs" | "emailConfigs"]?: object[];
};

function receiver(component: string, { name, places }: Leaf) {
  const built: Built = {};
  for (const [place, props] of places) {
    const [key, config] = configOf(props, (property, secret) => secretPlace(component, place, property, secret));
    built[key] = [...(built[key] ?? []), present({ ...config, sendResolved: props.resolved ?? true })];
  }
  return { name, ...built };
}

function configOf(
  { wecom, pagerduty, slack, webhook, email }: ReceiverProps,
  at: (property: string, secret: RoutingSecret) => SecretPlace,
): readonly [keyof Built, object] {
  if (wecom !== undefined) {
    const { corpId: corpID, agentId: agentID, secret, toUser, toParty, toTag, url: apiURL } = wecom;
    const to = { toUser, toParty, toTag };
    return [
      "wechatConfigs",
      { corpID, agentID, ...to, apiURL, apiSecret: at("secret", secret), message: `${TITLE}\n${LINES}` },
    ];
  }
  if (pagerduty !== undefined) {
    const { routingKey, url } = pagerduty;
    return [
      "pagerdutyConfigs",
      {
        routingKey: at("routingKey", routingKey),
        url,
        description: TITLE,
        severity: PAGERDUTY_SEVERITY,
        component: "{{ .CommonLabels.service }}",
        group: "{{ .CommonLabels.namespace }}",
      },
    ];
  }
  if (slack !== undefined) {
    return [
      "slackConfigs",
      { apiURL: at("webhook", slack.webhook), channel: slack.channel, title: TITLE, text: LINES },
    ];
  }
  if (email !== undefined) {
    const { to, from, smarthost, username: authUsername, password } = email;
    const authPassword = password === undefined ? undefined : at("password", password);
    return [
      "emailConfigs",
      { to, from, smarthost, authUsername, authPassword, headers: [{ key: "Subject", value: TITLE }], text: LINES },
    ];
  }
  const url = webhook?.url ?? "";
  const httpConfig =
    webhook?.token === undefined
      ? undefined
      : { authorization: { type: "Bearer", credentials: at("token", webhook.token) } };
  return ["webhookConfigs", { ...(typeof url === "string" ? { url } : { urlSecret: at("url", url) }), httpConfig }];
}
