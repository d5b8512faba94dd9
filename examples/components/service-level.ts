import { type ServiceLevelObjects, serviceLevel } from "../../components/index.ts";

/** What an order service promises: recording rules and burn-rate alerts follow. */
export const serviceLevelExample: ServiceLevelObjects = serviceLevel({
  name: "order",
  namespace: "shop",
  owner: "checkout",
  objectives: {
    availability: { availability: 99.9 },
    checkout: { latency: { percentile: 99, under: "750ms" }, route: "/checkout" },
  },
});
