import * as z from "zod";
import { type Duration, seconds } from "../core/duration.ts";
import { labels } from "../core/name.ts";
import { type Metadata, type Objects, present } from "../core/object.ts";
import {
  checked,
  checkShape,
  componentName,
  duration,
  faultsOf,
  labelValue,
  maybe,
  namespaceName,
  objectName,
  someOf,
  strict,
  whereSound,
} from "../core/shape.ts";
import type { PrometheusRule } from "../observability/kind.ts";
import { serviceAlerts } from "../observability/service-alerts.ts";
import type { Certificate, ReferenceGrant } from "./kind.ts";
import { referenceGrant } from "./reference-grant.ts";
import { servedHost } from "./route-props.ts";

/** A certificate that cert-manager gets and renews. https://cert-manager.io/docs/usage/certificate/ */
export interface CertificateProps {
  /** Of the Certificate, and of its Secret where nothing else is said. */
  readonly name: string;
  readonly namespace: string;
  readonly partOf?: string;
  /** The team that is called when it is not renewed. */
  readonly owner: string;
  /** Hosts that it is for; "*." in front stands for one label. */
  readonly hosts: readonly string[];
  readonly issuer: IssuerReference;
  /** The Secret that it is kept in. @default the name */
  readonly secret?: string;
  /** How long it is valid; a public authority decides by itself. @default "2160h", 90 days */
  readonly duration?: Duration;
  /** How long before its end it is renewed. @default a third of its duration */
  readonly renewBefore?: Duration;
  /** @default "ECDSA" */
  readonly algorithm?: "ECDSA" | "RSA";
  /** Namespaces whose Gateways may use the Secret. @default none but its own */
  readonly usedFrom?: readonly string[];
  /** Whether somebody is told before it ends. @default true */
  readonly alerts?: boolean;
}

export interface IssuerReference {
  readonly name: string;
  /** @default "Issuer", of the certificate's own namespace */
  readonly kind?: "Issuer" | "ClusterIssuer";
}

export interface CertificateObjects extends Objects {
  readonly certificate: Certificate;
  readonly grant?: ReferenceGrant;
  readonly alerts?: PrometheusRule;
}

const DURATION: Duration = "2160h";

/** cert-manager and Go know no days. */
const goDuration = checked(duration, (text) =>
  text.includes("d") ? ["but cert-manager counts hours", `use "${(seconds(text) ?? 0) / 3600}h"`] : undefined,
);

const certificateShape = strict<CertificateProps>({
  name: componentName,
  namespace: namespaceName,
  partOf: maybe(z.string()),
  owner: labelValue,
  hosts: someOf(servedHost),
  issuer: strict<IssuerReference>({ name: objectName, kind: maybe(z.enum(["Issuer", "ClusterIssuer"])) }),
  secret: maybe(objectName),
  duration: maybe(goDuration),
  renewBefore: maybe(goDuration),
  algorithm: maybe(z.enum(["ECDSA", "RSA"])),
  usedFrom: maybe(someOf(namespaceName)),
  alerts: maybe(z.boolean()),
});

/**
 * A Certificate, who may use it, and alerts before it ends.
 * @throws FaultError with everything that is wrong with the props.
 */
export function certificate(props: CertificateProps): CertificateObjects {
  validate(props);
  const { name, namespace, partOf, owner, usedFrom } = props;
  const metadata: Metadata = { name, namespace, labels: labels({ name, partOf, owner, component: "certificate" }) };
  const common = { namespace, owner, ...(partOf === undefined ? {} : { partOf }) };
  const secret = props.secret ?? name;
  return present({
    certificate: object(metadata, props, secret),
    grant:
      usedFrom === undefined
        ? undefined
        : referenceGrant({
            ...common,
            name,
            from: usedFrom.map((one) => ({ kind: "Gateway", namespace: one })),
            to: { kind: "Secret", names: [secret] },
          }).grant,
    alerts: props.alerts === false ? undefined : expiryAlerts(common, props),
  });
}

function object(metadata: Metadata, props: CertificateProps, secretName: string): Certificate {
  const { hosts, issuer, duration: valid, renewBefore, algorithm = "ECDSA" } = props;
  return {
    apiVersion: "cert-manager.io/v1",
    kind: "Certificate",
    metadata,
    spec: {
      secretName,
      dnsNames: hosts,
      issuerRef: { group: "cert-manager.io", kind: issuer.kind ?? "Issuer", name: issuer.name },
      privateKey: { algorithm, size: algorithm === "RSA" ? 2048 : 256, rotationPolicy: "Always" },
      usages: ["digital signature", "server auth"],
      ...(valid === undefined ? {} : { duration: valid }),
      ...(renewBefore === undefined ? {} : { renewBefore }),
    },
  };
}

/** Hours before its end that somebody is told of a certificate for 90 days, and that somebody is woken. */
const TOLD = 14 * 24;
const WOKEN = 3 * 24;

/** Never before the renewal is due: each certificate would call somebody each time. */
function expiryAlerts(
  common: Pick<CertificateProps, "namespace" | "partOf" | "owner">,
  props: CertificateProps,
): PrometheusRule {
  const renewal = renewalHours(props);
  const below = (most: number, share: number) => ({ below: `${Math.round(Math.min(most, renewal * share) * 3600)}s` });
  return serviceAlerts({
    ...common,
    name: props.name,
    workload: "none",
    certificates: [props.name],
    alerts: { certificateExpiry: below(TOLD, 1 / 2), certificateLastDays: below(WOKEN, 1 / 10) },
  }).alerts;
}

/** Hours before its end that it is renewed. */
function renewalHours({ duration: valid = DURATION, renewBefore }: CertificateProps): number {
  const span = renewBefore === undefined ? (seconds(valid) ?? 0) / 3 : (seconds(renewBefore) ?? 0);
  return span / 3600;
}

function validate(props: CertificateProps): void {
  const faults = faultsOf(props, "certificate");
  checkShape(faults, certificateShape, props);
  whereSound(faults, props, ["duration", "renewBefore"], ({ duration: valid = DURATION, renewBefore }) => {
    const [span, before] = [seconds(valid) ?? 0, seconds(renewBefore ?? "5m") ?? 0];
    if (span < 3600) faults.add("duration", valid, "but cert-manager makes none for less than an hour", 'use "2160h"');
    else if (before < 300 || before >= span) {
      faults.add(
        "renewBefore",
        renewBefore,
        `but it is renewed 5 minutes to ${valid} before its end`,
        "use a third of its duration",
      );
    }
  });
  whereSound(faults, props, ["usedFrom", "namespace"], ({ usedFrom = [], namespace }) => {
    for (const [index, one] of usedFrom.entries()) {
      if (one !== namespace) continue;
      faults.add(`usedFrom.${index}`, one, "but its own namespace may use it anyway", "leave it out");
    }
  });
  faults.check();
}
