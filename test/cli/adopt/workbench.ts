import { type Plan, type PlanOptions, plan } from "../../../cli/adopt/plan.ts";
import type { ServiceEntry } from "../../../components/index.ts";

/** What adopting files would write, for an environment that is still empty. */
export function planned(files: Readonly<Record<string, string>>, options: Partial<PlanOptions> = {}): Plan {
  const environment = { name: "dev", members: {} };
  return plan({ files: new Map(Object.entries(files)), namespace: "store", partOf: "store", environment, ...options });
}

/** A Deployment with a bit of YAML in its pod, its container and beside it. */
export function deployment(
  more: { pod?: string; container?: string; spec?: string; name?: string; image?: string } = {},
): string {
  const { pod = "", container = "", spec = "", name = "cart", image = "registry.example.com/store/cart:1.0.0" } = more;
  return `
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, labels: { team: checkout } }
spec:
  selector: { matchLabels: { app: cart } }
  ${spec}
  template:
    metadata: { labels: { app: cart } }
    spec:
      ${pod}
      containers:
        - name: cart
          image: ${image}
          ${container}
`;
}

/** A Service before it, as a document of the same file. */
export function service(name: string, spec: string): string {
  return `---\napiVersion: v1\nkind: Service\nmetadata: { name: ${name} }\nspec: { selector: { app: cart }, ${spec} }\n`;
}

export function entry(plan: Plan, name = "cart"): ServiceEntry {
  return plan.entries[name] as ServiceEntry;
}
