import * as z from "zod";
import type { Duration } from "../../core/duration.ts";
import { didYouMean, type Faults } from "../../core/fault.ts";
import { checked, componentName, duration, filled, labelValue, maybe, recordOf, strict } from "../../core/shape.ts";
import type { AlertSeverity } from "../alerts/settings.ts";
import type { Inhibition, LabelMatcher } from "../slo/inhibition.ts";
import {
  heartbeatUrl,
  type ReceiverProps,
  type RoutingSecret,
  receiverShape,
  routingSecret,
  webhookUrl,
} from "./receiver.ts";

/** Who is told what: one tree from the alerts' owner and severity. */
export interface AlertRoutingProps {
  readonly name: string;
  /** The namespace whose alerts are routed; a custom resource sees no other's. */
  readonly namespace: string;
  /** The team that is called when nobody else is. */
  readonly owner: string;
  readonly partOf?: string;
  /** Name -> place that notifications go to. */
  readonly receivers: Readonly<Record<string, ReceiverProps>>;
  /** Owner of alerts -> names of receivers. */
  readonly owners: Readonly<Record<string, OwnerRouting>>;
  /** Receivers of alerts whose owner is not listed: none should be. */
  readonly fallback: readonly string[];
  /** Name -> times of a week, in UTC: the custom resource knows no other zone. */
  readonly times?: Readonly<Record<string, readonly TimeSpan[]>>;
  /** Severity -> names of times at which it is not sent; what still fires afterwards is sent then. @default none */
  readonly mute?: Readonly<Partial<Record<AlertSeverity, readonly string[]>>>;
  /** How alerts of one service are gathered into one notification. */
  readonly grouping?: Readonly<Partial<Record<AlertSeverity, Grouping>>>;
  /** Labels that alerts of one notification share. @default ["namespace", "service"] */
  readonly groupBy?: readonly string[];
  /** Further alerts that are not sent while others fire. @default those of objectives and of pages over tickets only */
  readonly inhibitions?: readonly Inhibition[];
  /** What acts on alerts beside those who are told, by the label `actions` of an alert. @default nothing */
  readonly responder?: ResponderRoute;
  /** A watchman outside who calls when this stops knocking. @default none, and nobody notices when alerting itself is down */
  readonly heartbeat?: Heartbeat;
  /** Where docs/runbooks is served from, without a slash at the end. @default "docs/runbooks" */
  readonly runbooks?: string;
}

/** Names of receivers by severity. */
export interface OwnerRouting {
  readonly page: readonly string[];
  readonly ticket: readonly string[];
  /** @default those of page */
  readonly critical?: readonly string[];
}

/** Part of a week, in UTC. */
export interface TimeSpan {
  /** Days, or ranges of them: "saturday", "monday:friday". @default every day */
  readonly weekdays?: readonly string[];
  /** "18:00". @default "00:00" */
  readonly from?: string;
  /** Not included; after `from`. @default "24:00" */
  readonly to?: string;
}

export interface Grouping {
  /** How long the first alert of a group waits for others. @default 10s, 30s for pages, 2m for tickets */
  readonly wait?: Duration;
  /** How long a group that grows or shrinks waits until it says so. @default 5m, 15m for tickets */
  readonly interval?: Duration;
  /** When it is said again that all is as bad as before. @default 1h, 4h for pages, 1d for tickets */
  readonly repeat?: Duration;
}

/** Where an `alertResponder` takes alerts. */
export interface ResponderRoute {
  /** Such as responderUrl gives it. */
  readonly url: string;
  /** The token that it is shown. */
  readonly token: RoutingSecret;
}

export interface Heartbeat {
  /** Where an outside service expects a request. */
  readonly url: string | RoutingSecret;
  /** @default "1m" */
  readonly every?: Duration;
}

export const SEVERITIES: readonly AlertSeverity[] = ["critical", "page", "ticket"];

export const GROUPINGS: Readonly<Record<AlertSeverity, Required<Grouping>>> = {
  critical: { wait: "10s", interval: "5m", repeat: "1h" },
  page: { wait: "30s", interval: "5m", repeat: "4h" },
  ticket: { wait: "2m", interval: "15m", repeat: "1d" },
};

const DAY = "(?:sun|mon|tues|wednes|thurs|fri|satur)day";

const weekdays = checked(z.string(), (text) =>
  new RegExp(`^${DAY}(?::${DAY})?$`).test(text)
    ? undefined
    : ["but it is neither a day nor a range of days", 'use for example "saturday" or "monday:friday"'],
);

const clock = checked(z.string(), (text) =>
  /^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/.test(text)
    ? undefined
    : ["but it is no time of the day", 'use for example "18:00"'],
);

const timeSpan = checked(
  strict<TimeSpan>({ weekdays: maybe(z.array(weekdays)), from: maybe(clock), to: maybe(clock) }),
  ({ from = "00:00", to = "24:00" }) =>
    from < to ? undefined : ["but it ends before it begins", "write a span over midnight as two"],
);

const names = checked(z.array(z.string()), (list) =>
  list.length > 0 ? undefined : ["but then nobody is told", "name a receiver"],
);

const matcher = strict<LabelMatcher>({ name: filled, value: z.string(), matchType: z.enum(["=", "=~"]) });

const bySeverity = <T>(schema: z.ZodType<T>) =>
  strict<Partial<Record<AlertSeverity, T>>>({ critical: maybe(schema), page: maybe(schema), ticket: maybe(schema) });

export const alertRoutingShape = strict<AlertRoutingProps>({
  name: componentName,
  namespace: componentName,
  owner: labelValue,
  partOf: maybe(z.string()),
  receivers: recordOf(receiverShape, checked(z.string(), partOfKey)),
  owners: recordOf(strict<OwnerRouting>({ page: names, ticket: names, critical: maybe(names) }), labelValue),
  fallback: names,
  times: maybe(recordOf(z.array(timeSpan))),
  mute: maybe(bySeverity(z.array(z.string()))),
  grouping: maybe(
    bySeverity(strict<Grouping>({ wait: maybe(duration), interval: maybe(duration), repeat: maybe(duration) })),
  ),
  groupBy: maybe(z.array(filled)),
  inhibitions: maybe(
    z.array(strict<Inhibition>({ source: z.array(matcher), target: z.array(matcher), equal: z.array(filled) })),
  ),
  responder: maybe(strict<ResponderRoute>({ url: webhookUrl, token: routingSecret })),
  heartbeat: maybe(strict<Heartbeat>({ url: heartbeatUrl, every: maybe(duration) })),
  runbooks: maybe(filled),
});

function partOfKey(text: string): readonly [string, string] | undefined {
  return /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(text)
    ? undefined
    : ["but it becomes part of a key", "use lower-case letters, digits and hyphens"];
}

/** Notes names of receivers and times that nobody declares. */
export function checkNames(faults: Faults, props: AlertRoutingProps): void {
  const known = (path: string, list: readonly string[], declared: object | undefined, what: string) => {
    for (const [index, name] of list.entries()) {
      if (Object.hasOwn(declared ?? {}, name)) continue;
      faults.add(
        `${path}.${index}`,
        name,
        `but there is no such ${what}`,
        didYouMean(name, Object.keys(declared ?? {})),
      );
    }
  };
  for (const [owner, routing] of Object.entries(props.owners)) {
    for (const severity of SEVERITIES) {
      known(`owners.${owner}.${severity}`, routing[severity] ?? [], props.receivers, "receiver");
    }
  }
  known("fallback", props.fallback, props.receivers, "receiver");
  for (const severity of SEVERITIES) known(`mute.${severity}`, props.mute?.[severity] ?? [], props.times, "time");
}
