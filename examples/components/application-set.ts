import { type ApplicationSetObjects, applicationSet } from "../../components/index.ts";

const order = { owner: "checkout", project: "checkout" };

/** The order service in staging, and in two regions of prod; a service that is gone from here keeps its objects. */
export const applicationSetExample: ApplicationSetObjects = applicationSet({
  name: "shop",
  namespace: "argocd",
  partOf: "shop",
  owner: "platform",
  repository: "https://git.example.com/shop/shop.git",
  revision: "main",
  folder: "deploy",
  environments: {
    staging: { components: { order: { ...order, namespace: "shop-staging" } } },
    prod: {
      regions: { frankfurt: {}, shanghai: { name: "shanghai" } },
      components: { order: { ...order, namespace: "shop-prod" } },
    },
  },
  whenRemoved: "keep",
  notify: true,
});
