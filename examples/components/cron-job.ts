import { type CronJobObjects, cronJob } from "../../components/index.ts";

/** Compares orders with payments every night, and gives up after half an hour. */
export const cronJobExample: CronJobObjects = cronJob({
  name: "reconcile",
  namespace: "checkout",
  owner: "checkout",
  image: "registry.example.com/shop/reconcile:1.0.0",
  schedule: "0 3 * * *",
  deadline: "30m",
  calls: ["order", "payment"],
});
