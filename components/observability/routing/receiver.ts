import * as z from "zod";
import { checked, filled, maybe, strict } from "../../core/shape.ts";

/** Where a secret of a receiver is: a Secret of the namespace, or an entry of a secret store. Never the value itself. */
export type RoutingSecret = KeyOfSecret | EntryOfStore;

export interface KeyOfSecret {
  readonly secret: string;
  readonly key: string;
}

export interface EntryOfStore {
  /** The SecretStore's name, such as "vault". */
  readonly store: string;
  /** The entry in the store, such as "shop/alerting/wecom". */
  readonly key: string;
}

/** A WeCom application. https://prometheus.io/docs/alerting/latest/configuration/#wechat_config */
export interface WeComReceiver {
  readonly corpId: string;
  readonly agentId: string;
  readonly secret: RoutingSecret;
  /** Users, parted by "|"; "@all" for everybody. Give at least one of toUser, toParty and toTag. */
  readonly toUser?: string;
  readonly toParty?: string;
  readonly toTag?: string;
  /** With a slash at the end. @default WeCom's own */
  readonly url?: string;
}

/** An integration of PagerDuty's Events API v2. */
export interface PagerDutyReceiver {
  readonly routingKey: RoutingSecret;
  /** @default PagerDuty's own */
  readonly url?: string;
}

export interface SlackReceiver {
  /** Where the URL of the incoming webhook is. */
  readonly webhook: RoutingSecret;
  readonly channel: string;
}

/** Anything that takes Alertmanager's JSON. */
export interface WebhookReceiver {
  /** As text where it is no secret. */
  readonly url: string | RoutingSecret;
  /** Shown as bearer token. @default none */
  readonly token?: RoutingSecret;
}

export interface EmailReceiver {
  readonly to: string;
  readonly from: string;
  /** Host and port. */
  readonly smarthost: string;
  /** @default no login */
  readonly username?: string;
  readonly password?: RoutingSecret;
}

/** One place that notifications go to. Exactly one of the five kinds. */
export interface ReceiverProps {
  readonly wecom?: WeComReceiver;
  readonly pagerduty?: PagerDutyReceiver;
  readonly slack?: SlackReceiver;
  readonly webhook?: WebhookReceiver;
  readonly email?: EmailReceiver;
  /** Whether it is told when everything is well again. @default true */
  readonly resolved?: boolean;
}

export const RECEIVER_KINDS = ["wecom", "pagerduty", "slack", "webhook", "email"] as const;

export const routingSecret: z.ZodType<RoutingSecret> = z.union([
  strict<EntryOfStore>({ store: filled, key: filled }),
  strict<KeyOfSecret>({ secret: filled, key: filled }),
]);

export const webhookUrl: z.ZodType<string> = checked(z.string(), (text) =>
  /^https?:\/\/\S+$/.test(text) ? undefined : ["but it is no address", 'use for example "https://example.com/hook"'],
);

export const heartbeatUrl: z.ZodType<string | RoutingSecret> = z.union([webhookUrl, routingSecret]);

export const receiverShape: z.ZodType<ReceiverProps> = checked(
  strict<ReceiverProps>({
    wecom: maybe(
      checked(
        strict<WeComReceiver>({
          corpId: filled,
          agentId: filled,
          secret: routingSecret,
          toUser: maybe(filled),
          toParty: maybe(filled),
          toTag: maybe(filled),
          url: maybe(filled),
        }),
        ({ toUser, toParty, toTag }) =>
          toUser === undefined && toParty === undefined && toTag === undefined
            ? ["but it names nobody", 'give toParty, or toUser: "@all"']
            : undefined,
      ),
    ),
    pagerduty: maybe(strict<PagerDutyReceiver>({ routingKey: routingSecret, url: maybe(filled) })),
    slack: maybe(strict<SlackReceiver>({ webhook: routingSecret, channel: filled })),
    webhook: maybe(strict<WebhookReceiver>({ url: heartbeatUrl, token: maybe(routingSecret) })),
    email: maybe(
      strict<EmailReceiver>({
        to: filled,
        from: filled,
        smarthost: checked(z.string(), (text) =>
          /^\S+:\d+$/.test(text) ? undefined : ["but it lacks a port", 'use for example "smtp.example.com:587"'],
        ),
        username: maybe(filled),
        password: maybe(routingSecret),
      }),
    ),
    resolved: maybe(z.boolean()),
  }),
  (receiver) =>
    RECEIVER_KINDS.filter((kind) => receiver[kind] !== undefined).length === 1
      ? undefined
      : ["but a receiver is of exactly one kind", `give one of ${RECEIVER_KINDS.join(", ")}`],
);

/** A Secret and the key in it. */
export interface SecretPlace {
  readonly name: string;
  readonly key: string;
}

/** What a receiver's secrets are called where they come from a store: the receiver and the property. */
export function storedKey(receiver: string, property: string): string {
  return `${receiver}-${property}`;
}

/** Every secret of a receiver by property. */
export function secretsOf(receiver: ReceiverProps): Readonly<Record<string, RoutingSecret>> {
  const all = {
    secret: receiver.wecom?.secret,
    routingKey: receiver.pagerduty?.routingKey,
    webhook: receiver.slack?.webhook,
    url: typeof receiver.webhook?.url === "string" ? undefined : receiver.webhook?.url,
    token: receiver.webhook?.token,
    password: receiver.email?.password,
  };
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
