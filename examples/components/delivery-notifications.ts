import { type DeliveryNotificationsObjects, deliveryNotifications } from "../../components/index.ts";

/** A delivery that fails becomes an alert of its owner, and goes where that owner's alerts go. */
export const deliveryNotificationsExample: DeliveryNotificationsObjects = deliveryNotifications({
  name: "notifications",
  namespace: "argocd",
  partOf: "shop",
  owner: "platform",
  alertmanagers: ["alertmanager-operated.monitoring:9093"],
  routedBy: "shop-prod",
  runbooks: "https://runbooks.example.com",
});
