import { promqlDuration } from "../promql.ts";
import { type AlertFacts, type AlertRow, type Condition, series, steady } from "./row.ts";

/** One condition a certificate: less than so many seconds are left of it. */
function timeLeft({ certificates, name, namespace }: AlertFacts, bound: number): readonly Condition[] {
  return certificates.map((certificate) => {
    const end = series("certmanager_certificate_expiration_timestamp_seconds", { name: certificate, namespace });
    return {
      expr: `min(${end}) - time() < ${bound}`,
      labels: { certificate },
      summary: `${name}: certificate ${certificate} ends in less than ${promqlDuration(bound)}`,
      description: `Certificate ${certificate} ends in {{ $value | humanizeDuration }}. cert-manager renews after two thirds of its life, so the renewal fails.`,
      example: () => ({ bad: [[end, steady(bound * 0.8)]], good: [[[end, steady(bound * 1.2)]]] }),
    };
  });
}

export const CERTIFICATE_ALERTS = {
  certificateExpiry: {
    alert: "CertificateExpiry",
    severity: "ticket",
    for: "1h",
    bound: { unit: "timeLeft", value: "14d" },
    runbook: "certificate-expiry",
    conditions: timeLeft,
  },
  certificateLastDays: {
    alert: "CertificateLastDays",
    severity: "page",
    for: "10m",
    bound: { unit: "timeLeft", value: "3d" },
    runbook: "certificate-expiry",
    conditions: timeLeft,
  },
} as const satisfies Readonly<Record<string, AlertRow>>;
