import { type ApplicationObjects, application } from "../../components/index.ts";

/** One folder of a repository, kept as it stands there; whoever owns it is told when it cannot be. */
export const applicationExample: ApplicationObjects = application({
  name: "prod-order",
  namespace: "argocd",
  partOf: "shop",
  owner: "checkout",
  project: "prod-checkout",
  repository: "https://git.example.com/shop/shop.git",
  revision: "main",
  folder: "deploy/prod/order",
  target: "shop-prod",
  cluster: { server: "https://kubernetes.default.svc" },
  notify: true,
});
