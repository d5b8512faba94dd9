import type { MicroserviceProps, TeamNamespaceProps } from "fairlead";

/** Where the reviews team works. */
export const namespace: TeamNamespaceProps = {
  name: "reviews",
  owner: "reviews",
  quota: { cpu: "4", memory: "4Gi", pods: 40 },
};

/** The service, said once. */
export const reviews: MicroserviceProps = {
  name: "reviews",
  namespace: "reviews",
  owner: "reviews",
  image: "registry.example.com/shop/reviews:1.0.0",
  ports: { http: 8080, grpc: 9090 },
  scale: { min: 2, max: 6 },
  calls: [{ host: "api.translate.example.com" }],
  config: { "reviews.yaml": { content: { moderation: true, stars: 5 } } },
};
