import { type TeamNamespaceObjects, teamNamespace } from "../../components/index.ts";

/** A team's namespace: what restricted pods may not do is refused, and all of them share four CPUs. */
export const teamNamespaceExample: TeamNamespaceObjects = teamNamespace({
  name: "checkout",
  owner: "checkout",
  partOf: "shop",
  podSecurity: "restricted",
  quota: { cpu: "4", memory: "4Gi", pods: 40 },
  containerDefaults: { cpu: "50m", memory: "64Mi" },
  labels: { "istio-injection": "enabled" },
});
