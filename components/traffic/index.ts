export { type CertificateObjects, type CertificateProps, certificate, type IssuerReference } from "./certificate.ts";
export {
  type CertificateSecret,
  type GatewayHost,
  type GatewayObjects,
  type GatewayProps,
  gateway,
  gatewayTarget,
} from "./gateway.ts";
export {
  type AcmeIssuer,
  type DnsChallenge,
  type HttpChallenge,
  type IssuerObjects,
  type IssuerProps,
  issuer,
} from "./issuer.ts";
export type {
  BackendTrafficPolicy,
  Certificate,
  ClusterIssuer,
  Gateway,
  GrpcRoute,
  HttpRoute,
  Ingress,
  Issuer,
  ReferenceGrant,
} from "./kind.ts";
export {
  type GrantedObjects,
  type GrantedReferrer,
  type ReferenceGrantObjects,
  type ReferenceGrantProps,
  referenceGrant,
} from "./reference-grant.ts";
export { type RouteObjects, type RouteProps, route } from "./route.ts";
export type { Mirror, Retries, Route, RouteMethod, RoutePath } from "./route-props.ts";
export type { GatewayTarget, IngressTarget, RouteTarget } from "./target.ts";
