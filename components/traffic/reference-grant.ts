import * as z from "zod";
import { labels } from "../core/name.ts";
import type { Objects } from "../core/object.ts";
import { checkShape, faultsOf, labelValue, maybe, namespaceName, objectName, someOf, strict } from "../core/shape.ts";
import { GATEWAY_API, type ReferenceGrant } from "./kind.ts";

/** Lets objects of other namespaces refer to Services or Secrets of this one. */
export interface ReferenceGrantProps {
  readonly name: string;
  /** Where the Services or Secrets stand. */
  readonly namespace: string;
  readonly partOf?: string;
  readonly owner?: string;
  /** Who may refer: routes to Services, Gateways to Secrets. */
  readonly from: readonly GrantedReferrer[];
  readonly to: GrantedObjects;
}

export interface GrantedReferrer {
  readonly kind: "Gateway" | "HTTPRoute" | "GRPCRoute";
  readonly namespace: string;
}

export interface GrantedObjects {
  readonly kind: "Service" | "Secret";
  /** These and no others. */
  readonly names: readonly string[];
}

export interface ReferenceGrantObjects extends Objects {
  readonly grant: ReferenceGrant;
}

const grantShape = strict<ReferenceGrantProps>({
  name: objectName,
  namespace: namespaceName,
  partOf: maybe(z.string()),
  owner: maybe(labelValue),
  from: someOf(
    strict<GrantedReferrer>({ kind: z.enum(["Gateway", "HTTPRoute", "GRPCRoute"]), namespace: namespaceName }),
  ),
  to: strict<GrantedObjects>({ kind: z.enum(["Service", "Secret"]), names: someOf(objectName) }),
});

/**
 * A ReferenceGrant that names what it grants.
 * @throws FaultError for a grant that nobody could use.
 */
export function referenceGrant(props: ReferenceGrantProps): ReferenceGrantObjects {
  const faults = faultsOf(props, "reference grant");
  if (checkShape(faults, grantShape, props)) {
    const uses = props.to.kind === "Secret" ? "Gateway" : "route";
    for (const [index, { kind, namespace }] of props.from.entries()) {
      if ((kind === "Gateway") !== (props.to.kind === "Secret")) {
        faults.add(`from.${index}.kind`, kind, `but only a ${uses} refers to a ${props.to.kind}`, `name a ${uses}`);
      }
      if (namespace === props.namespace) {
        faults.add(
          `from.${index}.namespace`,
          namespace,
          "but within a namespace nothing needs a grant",
          "leave it out",
        );
      }
    }
  }
  faults.check();
  const { name, namespace, partOf, owner, from, to } = props;
  const grant: ReferenceGrant = {
    apiVersion: `${GATEWAY_API}/v1`,
    kind: "ReferenceGrant",
    metadata: { name, namespace, labels: labels({ name, partOf, owner, component: "reference-grant" }) },
    spec: {
      from: from.map((one) => ({ group: GATEWAY_API, kind: one.kind, namespace: one.namespace })),
      to: to.names.map((one) => ({ group: "", kind: to.kind, name: one })),
    },
  };
  return { grant };
}
