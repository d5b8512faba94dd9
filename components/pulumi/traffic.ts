import { type CertificateObjects, type CertificateProps, certificate } from "../traffic/certificate.ts";
import { type GatewayObjects, type GatewayProps, gateway } from "../traffic/gateway.ts";
import { type IssuerObjects, type IssuerProps, issuer } from "../traffic/issuer.ts";
import { type ReferenceGrantObjects, type ReferenceGrantProps, referenceGrant } from "../traffic/reference-grant.ts";
import { type RouteObjects, type RouteProps, route } from "../traffic/route.ts";
import { Component, type ComponentOptions } from "./component.ts";
import { reported } from "./failure.ts";

/** Where requests from outside come in, as a component of the engine. */
export class Gateway extends Component<GatewayObjects> {
  constructor(name: string, props: Omit<GatewayProps, "name">, options: ComponentOptions<GatewayObjects> = {}) {
    const objects = reported(() => gateway({ ...props, name }));
    super("fairlead:traffic:Gateway", name, objects, options);
  }
}

/** How requests from outside reach one service, as a component of the engine. */
export class Route extends Component<RouteObjects> {
  constructor(name: string, props: Omit<RouteProps, "name">, options: ComponentOptions<RouteObjects> = {}) {
    const objects = reported(() => route({ ...props, name }));
    super("fairlead:traffic:Route", name, objects, options);
  }
}

/** Who signs certificates, as a component of the engine. */
export class Issuer extends Component<IssuerObjects> {
  constructor(name: string, props: Omit<IssuerProps, "name">, options: ComponentOptions<IssuerObjects> = {}) {
    const objects = reported(() => issuer({ ...props, name }));
    super("fairlead:traffic:Issuer", name, objects, options);
  }
}

/** A certificate and the alerts before its end, as a component of the engine. */
export class Certificate extends Component<CertificateObjects> {
  constructor(name: string, props: Omit<CertificateProps, "name">, options: ComponentOptions<CertificateObjects> = {}) {
    const objects = reported(() => certificate({ ...props, name }));
    super("fairlead:traffic:Certificate", name, objects, options);
  }
}

/** Lets other namespaces refer to this one's Services or Secrets, as a component of the engine. */
export class ReferenceGrant extends Component<ReferenceGrantObjects> {
  constructor(
    name: string,
    props: Omit<ReferenceGrantProps, "name">,
    options: ComponentOptions<ReferenceGrantObjects> = {},
  ) {
    const objects = reported(() => referenceGrant({ ...props, name }));
    super("fairlead:traffic:ReferenceGrant", name, objects, options);
  }
}
