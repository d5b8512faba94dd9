import { type Duration, seconds } from "../../core/duration.ts";
import type { AlertSeverity } from "../alerts/settings.ts";
import { promqlDuration } from "../promql.ts";
import { BURN_RATE_ALERT } from "../slo/alerts.ts";
import { type Inhibition, type LabelMatcher, sloInhibitions } from "../slo/inhibition.ts";
import { type AlertRoutingProps, GROUPINGS, SEVERITIES } from "./props.ts";
import type { ReceiverProps } from "./receiver.ts";

export const WATCHDOG_ALERT = "Watchdog";
const HEARTBEAT = "heartbeat";
const FALLBACK = "fallback";
const RESPONDER = "responder";

/** One branch of the tree, as Alertmanager and its custom resource both have it. */
export interface Route {
  readonly receiver: string;
  readonly matchers: readonly LabelMatcher[];
  readonly groupBy?: readonly string[];
  readonly wait?: Duration;
  readonly interval?: Duration;
  readonly repeat?: Duration;
  readonly mute?: readonly string[];
  /** Whether routes after this one are asked too. */
  readonly goesOn?: true;
  readonly routes?: readonly Route[];
}

/** What one leaf of the tree tells: several places under one name. */
export interface Leaf {
  readonly name: string;
  readonly places: readonly (readonly [name: string, receiver: ReceiverProps])[];
}

export interface RoutingTree {
  readonly root: Route;
  readonly leaves: readonly Leaf[];
  readonly inhibitions: readonly Inhibition[];
}

const equal = (name: string, value: string): LabelMatcher => ({ name, value, matchType: "=" });

/** The leaf that an alert ends at. An owner's alert of a severity that is none of ours goes where its tickets go. */
export function leafOf(owner: string, severity: AlertSeverity): string {
  return `${owner}-${severity}`;
}

/** The tree that the props stand for. Each alert ends at exactly one leaf that tells people, so that nobody is told twice. */
export function routingTree(props: AlertRoutingProps): RoutingTree {
  const owners = Object.keys(props.owners);
  const { heartbeat } = props;
  return {
    root: {
      receiver: FALLBACK,
      matchers: [],
      groupBy: props.groupBy ?? ["namespace", "service"],
      ...timing(props, "ticket"),
      routes: [
        ...(heartbeat === undefined ? [] : [heartbeatRoute(heartbeat.every ?? "1m")]),
        ...(props.responder === undefined ? [] : [RESPONDER_ROUTE]),
        ...owners.map((owner) => ownerRoute(props, owner)),
      ],
    },
    leaves: [
      { name: FALLBACK, places: placesOf(props, props.fallback) },
      ...(heartbeat === undefined
        ? []
        : [
            {
              name: HEARTBEAT,
              places: [[HEARTBEAT, { webhook: { url: heartbeat.url }, resolved: false }]] as Leaf["places"],
            },
          ]),
      ...(props.responder === undefined
        ? []
        : [{ name: RESPONDER, places: [[RESPONDER, { webhook: props.responder }]] as Leaf["places"] }]),
      ...owners.flatMap((owner) =>
        SEVERITIES.map((severity) => {
          const routing = props.owners[owner];
          const names = routing?.[severity] ?? routing?.page ?? [];
          return { name: leafOf(owner, severity), places: placesOf(props, names) };
        }),
      ),
    ],
    inhibitions: [...inhibitions(), ...(props.inhibitions ?? [])],
  };
}

/** Whatever may be acted on goes to the responder first, and on to those who are told. It remembers what it answered. */
const RESPONDER_ROUTE: Route = {
  receiver: RESPONDER,
  matchers: [{ name: "actions", value: ".+", matchType: "=~" }],
  groupBy: ["namespace", "service", "alertname"],
  wait: "5s",
  interval: "1m",
  repeat: "4h",
  goesOn: true,
};

function placesOf({ receivers }: AlertRoutingProps, names: readonly string[]): Leaf["places"] {
  return names.flatMap((name) => {
    const receiver = receivers[name];
    return receiver === undefined ? [] : [[name, receiver] as const];
  });
}

function ownerRoute(props: AlertRoutingProps, owner: string): Route {
  return {
    receiver: leafOf(owner, "ticket"),
    matchers: [equal("owner", owner)],
    routes: SEVERITIES.map((severity) => ({
      receiver: leafOf(owner, severity),
      matchers: [equal("severity", severity)],
      ...timing(props, severity),
      ...(props.mute?.[severity] === undefined ? {} : { mute: props.mute[severity] }),
    })),
  };
}

function timing({ grouping }: AlertRoutingProps, severity: AlertSeverity): Pick<Route, "wait" | "interval" | "repeat"> {
  const { wait, interval, repeat } = { ...GROUPINGS[severity], ...grouping?.[severity] };
  const text = (duration: Duration) => promqlDuration(seconds(duration) ?? 0);
  return { wait: text(wait), interval: text(interval), repeat: text(repeat) };
}

/** The next knock is due a little before the group is looked at again, or every second one would be left out. */
function heartbeatRoute(every: Duration): Route {
  const length = seconds(every) ?? 60;
  return {
    receiver: HEARTBEAT,
    matchers: [equal("alertname", WATCHDOG_ALERT)],
    groupBy: ["alertname"],
    wait: "0s",
    interval: promqlDuration(length),
    repeat: promqlDuration(Math.max(1, Math.floor(length * 0.9))),
  };
}

/** Who is awake needs no ticket about the same service, and no second page about the same errors. */
function inhibitions(): readonly Inhibition[] {
  const service = ["namespace", "service"];
  return [
    ...sloInhibitions(),
    {
      source: [equal("alertname", BURN_RATE_ALERT), { name: "rung", value: "page-.*", matchType: "=~" }],
      target: [equal("alertname", "ServiceErrorRatio")],
      equal: service,
    },
    {
      source: [{ name: "severity", value: "critical|page", matchType: "=~" }],
      target: [equal("severity", "ticket")],
      equal: service,
    },
  ];
}
