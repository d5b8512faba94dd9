import { type WorkerObjects, worker } from "../../components/index.ts";

/** A program that sends mail from a queue: nobody calls it, and it writes to one folder. */
export const workerExample: WorkerObjects = worker({
  name: "notifier",
  namespace: "checkout",
  owner: "identity",
  image: "registry.example.com/shop/notifier:1.0.0",
  calls: [{ host: "smtp.example.com", port: 587 }],
  metricsPort: 9100,
  volumes: { drafts: { path: "/var/lib/drafts", size: "128Mi" } },
});
