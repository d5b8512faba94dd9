import * as z from "zod";
import type { ConfigMap } from "../core/kind.ts";
import { labels } from "../core/name.ts";
import type { Objects } from "../core/object.ts";
import {
  checked,
  checkShape,
  faultsOf,
  filled,
  labelValue,
  maybe,
  namespaceName,
  someOf,
  strict,
} from "../core/shape.ts";
import { toYamlValue } from "../core/yaml-text.ts";

/** Tells Alertmanager of deliveries that fail, so that they reach whom the alerts of the same owner reach. */
export interface DeliveryNotificationsProps {
  readonly name: string;
  /** Argo CD's own namespace. */
  readonly namespace: string;
  readonly partOf?: string;
  readonly owner: string;
  /** Every Alertmanager with its port, such as "alertmanager-operated.monitoring:9093". */
  readonly alertmanagers: readonly string[];
  /** Namespace that the alerts bear, which Alertmanager routes by. @default that which is delivered to */
  readonly routedBy?: string;
  /** Where docs/runbooks is served from, without a slash at the end. @default "docs/runbooks" */
  readonly runbooks?: string;
}

export interface DeliveryNotificationsObjects extends Objects {
  readonly config: ConfigMap;
}

const address = checked(z.string(), (text) =>
  /^[\w.-]+:\d+$/.test(text) ? undefined : ["but it is no host with a port", 'use for example "alertmanager:9093"'],
);

const deliveryNotificationsShape = strict<DeliveryNotificationsProps>({
  name: filled,
  namespace: namespaceName,
  partOf: maybe(z.string()),
  owner: labelValue,
  alertmanagers: someOf(address),
  routedBy: maybe(filled),
  runbooks: maybe(filled),
});

/** What is told: the trigger, when it holds, and what the alert says. Conditions as in Argo CD's own catalogue. */
const TOLD = {
  "on-sync-failed": {
    when: "app.status?.operationState?.phase in ['Error', 'Failed']",
    alert: "DeliveryFailed",
    summary: "{{.app.metadata.name}} cannot be delivered",
    description: "{{.app.status.operationState.message}}",
  },
  "on-sync-unknown": {
    when: "app.status?.sync?.status == 'Unknown'",
    alert: "DeliveryUnknown",
    summary: "Nobody knows whether {{.app.metadata.name}} is delivered",
    description: "{{range .app.status.conditions}}{{.message}} {{end}}",
  },
  "on-health-degraded": {
    when: "app.status?.health?.status == 'Degraded'",
    alert: "DeliveryDegraded",
    summary: "{{.app.metadata.name}} was delivered and is not healthy",
    description: "Revision {{.app.status.sync.revision}}",
  },
} as const;

/** Annotations of an Application by which its owner is told. */
export function subscriptions(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.keys(TOLD).map((trigger) => [`notifications.argoproj.io/subscribe.${trigger}.alertmanager`, ""]),
  );
}

/**
 * The configuration of Argo CD's notifications. Alertmanager is the only receiver that they know: who is told, and when
 * not, stands in one tree with the alerts.
 * @throws FaultError with everything that is wrong with the props.
 */
export function deliveryNotifications(props: DeliveryNotificationsProps): DeliveryNotificationsObjects {
  const faults = faultsOf(props, "notifications");
  checkShape(faults, deliveryNotificationsShape, props);
  faults.check();
  const { name, namespace, partOf, owner, alertmanagers } = props;
  const config: ConfigMap = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      // The name that Argo CD looks for.
      name: "argocd-notifications-cm",
      namespace,
      labels: { ...labels({ name, partOf, owner, component: "delivery" }), "app.kubernetes.io/part-of": "argocd" },
    },
    data: {
      "service.alertmanager": toYamlValue({ targets: [...alertmanagers] }),
      ...Object.fromEntries(
        Object.entries(TOLD).flatMap(([trigger, told]) => [
          [`trigger.${trigger}`, toYamlValue([{ when: told.when, send: [trigger] }])],
          [`template.${trigger}`, template(told, props)],
        ]),
      ),
    },
  };
  return { config };
}

function template(
  { alert, summary, description }: (typeof TOLD)[keyof typeof TOLD],
  props: DeliveryNotificationsProps,
): string {
  const { routedBy = "{{.app.spec.destination.namespace}}", runbooks = "docs/runbooks" } = props;
  return toYamlValue({
    message: summary,
    alertmanager: {
      labels: {
        alertname: alert,
        owner: '{{index .app.metadata.labels "fairlead.dev/owner"}}',
        severity: "ticket",
        namespace: routedBy,
        service: '{{index .app.metadata.labels "app.kubernetes.io/name"}}',
      },
      annotations: { summary, description, runbook_url: `${runbooks}/delivery.md` },
    },
  });
}
