// Alertmanager's templates: https://prometheus.io/docs/alerting/latest/notifications/

/** One line: state, severity, service, how many. */
export const TITLE =
  "{{ .Status | toUpper }} {{ .CommonLabels.severity }}: {{ .CommonLabels.service }} in {{ .CommonLabels.namespace }}{{ if gt (len .Alerts) 1 }} ({{ len .Alerts }} alerts){{ end }}";

/** A line for each alert, with its runbook. */
export const LINES =
  "{{ range .Alerts }}- {{ .Status }}: {{ .Annotations.summary }}\n  {{ .Annotations.description }}\n  {{ .Annotations.runbook_url }}\n{{ end }}";

/** What PagerDuty knows of urgency. */
export const PAGERDUTY_SEVERITY = '{{ if eq .CommonLabels.severity "ticket" }}warning{{ else }}critical{{ end }}';
