import { Chart, type ChartProps, Cron } from "cdk8s";
import * as kplus from "cdk8s-plus-27";
import type { Construct } from "constructs";

/** A nightly copy of all reviews: a chart that the team had before Fairlead, and keeps as it is. */
export class Backup extends Chart {
  constructor(scope: Construct, id: string, props: ChartProps) {
    super(scope, id, props);
    const settings = new kplus.ConfigMap(this, "settings", { data: { "keep-days": "30" } });
    const volume = kplus.Volume.fromConfigMap(this, "settings-volume", settings);
    new kplus.CronJob(this, "nightly", {
      schedule: Cron.daily(),
      restartPolicy: kplus.RestartPolicy.NEVER,
      securityContext: { ensureNonRoot: true, user: 1001, group: 1001 },
      containers: [
        {
          name: "backup",
          image: "registry.example.com/shop/reviews-backup:1.0.0",
          securityContext: { user: 1001, group: 1001, readOnlyRootFilesystem: true },
          volumeMounts: [{ path: "/etc/backup", volume }],
          envVariables: { TARGET: kplus.EnvValue.fromValue("s3://backups.example.com/reviews") },
        },
      ],
    });
  }
}
