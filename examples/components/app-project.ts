import { type AppProjectObjects, appProject } from "../../components/index.ts";

/** The checkout team delivers its services to its own namespace, from one repository, and nothing outside of namespaces. */
export const appProjectExample: AppProjectObjects = appProject({
  name: "prod-checkout",
  namespace: "argocd",
  partOf: "shop",
  owner: "checkout",
  repositories: ["https://git.example.com/shop/shop.git"],
  namespaces: ["shop-prod"],
  clusters: [{}, { name: "shanghai" }],
  kinds: [
    { group: "", kind: "ConfigMap" },
    { group: "", kind: "Service" },
    { group: "apps", kind: "Deployment" },
  ],
  clusterKinds: [],
});
