import {
  type CertificateObjects,
  certificate,
  type GatewayObjects,
  gateway,
  type IssuerObjects,
  issuer,
  type ReferenceGrantObjects,
  referenceGrant,
} from "../../components/index.ts";

/** HTTPS for a shop and for all hosts below another, plain HTTP for one; proxies run beside the Gateway. */
export const gatewayExample: GatewayObjects = gateway({
  name: "edge",
  namespace: "edge",
  owner: "platform",
  class: "envoy",
  hosts: {
    shop: { host: "shop.example.com", certificate: { secret: "shop-tls", namespace: "checkout" } },
    partners: { host: "*.partners.example.com", certificate: { secret: "partners-tls" } },
    status: { host: "status.example.com", certificate: false },
  },
  routesFrom: ["checkout", "warehouse"],
  challengesFrom: ["checkout"],
  annotations: { "service.beta.kubernetes.io/aws-load-balancer-type": "external" },
});

/** Let's Encrypt, by answers over plain HTTP through that Gateway. */
export const issuerExample: IssuerObjects = issuer({
  name: "letsencrypt",
  namespace: "checkout",
  owner: "platform",
  acme: { email: "platform@example.com", http01: { gateway: { name: "edge", namespace: "edge" } } },
});

/** A certificate that the Gateway of another namespace serves with; its owner is told two weeks before it ends. */
export const certificateExample: CertificateObjects = certificate({
  name: "shop-tls",
  namespace: "checkout",
  owner: "checkout",
  hosts: ["shop.example.com", "www.shop.example.com"],
  issuer: { name: "letsencrypt" },
  renewBefore: "720h",
  usedFrom: ["edge"],
});

/** Routes of the warehouse may send copies to one Service here. */
export const referenceGrantExample: ReferenceGrantObjects = referenceGrant({
  name: "warehouse-mirrors",
  namespace: "checkout",
  from: [{ kind: "HTTPRoute", namespace: "warehouse" }],
  to: { kind: "Service", names: ["order-next"] },
});
