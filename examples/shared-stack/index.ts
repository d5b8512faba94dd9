import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { Microservice } from "fairlead/pulumi";

const config = new pulumi.Config();

// The stack that owns the namespace, the vault and the services of the shop.
const platformName = config.require("platform");
const platform = new pulumi.StackReference(platformName);
const userEndpoint = platform.requireOutput("endpoints").apply((all): string => all["user"]);

// Which objects there are follows from the namespace, so it has to be known before any is made: no Output will do.
const { value: namespace } = await platform.getOutputDetails("namespace");
if (typeof namespace !== "string") {
  throw new pulumi.RunError(`${platformName} says no namespace; bring that stack up first`);
}

const reviews = new Microservice("reviews", {
  namespace,
  owner: "reviews",
  partOf: "shop",
  image: config.require("image"),
  ports: { http: 8080 },
  replicas: 2,
  calls: [{ service: "user", ports: [8080] }],
  secrets: { DATABASE_URL: { store: "vault", key: "shop/reviews/database-url" } },
  outputs: { USER_URL: userEndpoint },
});

// What this stack has of its own stands beside the component, and uses what it made.
const port = 8080;
const address = new k8s.core.v1.ConfigMap("reviews-address", {
  metadata: { name: "reviews-address", namespace },
  data: { url: pulumi.interpolate`http://${reviews.objects.service.metadata.name}.${namespace}:${port}` },
});

// The shop's own policy of user admits whom its catalogue knows. Policies add up: this one admits us.
new k8s.networking.v1.NetworkPolicy("user-admits-reviews", {
  metadata: { name: "user-admits-reviews", namespace },
  spec: {
    podSelector: { matchLabels: { "app.kubernetes.io/name": "user" } },
    policyTypes: ["Ingress"],
    ingress: [
      {
        from: [{ podSelector: { matchLabels: reviews.objects.deployment.spec.selector.matchLabels } }],
        ports: [{ port }],
      },
    ],
  },
});

export const url = address.data.apply((data) => data["url"]);
export const userUrl = userEndpoint;
