import { type AlertResponderObjects, alertResponder, microservice } from "../../components/index.ts";

const order = microservice({
  name: "order",
  namespace: "shop",
  image: "registry.example.com/shop/order:1.4.2",
  ports: { http: 8080 },
  scale: { min: 3, max: 12 },
  // Profiles are served here, and the responder is admitted to them.
  debug: { pprof: true },
  calledBy: [{ service: "responder", ports: [6060] }],
});

const key = (name: string) => ({ store: "vault", key: `shop/responder/${name}` });

/** Looks at pods, adds two up to ten for half an hour, takes one out of its service, and keeps a report of it all. */
export const alertResponderExample: AlertResponderObjects = alertResponder({
  name: "responder",
  namespace: "shop",
  owner: "platform",
  image: "registry.example.com/platform/responder:1.0.0",
  services: { order },
  steps: {
    diagnose: { pods: 2, timeout: "5s", size: "16Mi" },
    scale: { max: 10, hold: "30m" },
    isolate: { keep: "2h" },
    archive: true,
  },
  token: key("token"),
  storage: {
    bucket: "shop-alerts",
    host: "s3.example.com",
    region: "eu-central-1",
    secrets: { AWS_ACCESS_KEY_ID: key("access-key-id"), AWS_SECRET_ACCESS_KEY: key("secret-access-key") },
  },
  cooldown: "10m",
  apiServer: { cidrs: ["10.0.0.1/32"] },
});
