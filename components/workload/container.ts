import * as z from "zod";
import { constant } from "../core/constant.ts";
import type { Faults } from "../core/fault.ts";
import type { Container } from "../core/kind.ts";
import { isOutput, type Leaf, type Manifest } from "../core/object.ts";
import { checked, leafText, maybe, partName, port, recordOf, strict, whole } from "../core/shape.ts";
import { variablesOf } from "./config.ts";
import { type Resources, resolveResources, resourcesShape } from "./resources.ts";

/** A departure from the restricted defaults; the reason stands in an annotation for whoever reviews it. */
export interface Security {
  /** The user and group that run the program. @default 1001 */
  readonly user?: number;
  /** Why the root file system must be writable. @default it is read-only */
  readonly writableRoot?: { readonly reason: string };
  /** Linux capabilities beyond none, and why. @default none */
  readonly capabilities?: { readonly add: readonly string[]; readonly reason: string };
  /** Why the pod needs a token for the Kubernetes API. @default it gets none */
  readonly apiToken?: { readonly reason: string };
}

const reason = checked(z.string(), (text) =>
  text.trim().length < 10 ? ["but nobody could judge it", "say in a sentence why this is needed"] : undefined,
);

export const securityShape = strict<Security>({
  user: maybe(
    checked(whole(0), (user) =>
      user === 0 ? ["but 0 is root, which the restricted pod standard refuses", "use 1001"] : undefined,
    ),
  ),
  writableRoot: maybe(strict<{ reason: string }>({ reason })),
  capabilities: maybe(
    strict<NonNullable<Security["capabilities"]>>({
      // The restricted pod standard allows this one and no other. https://kubernetes.io/docs/concepts/security/pod-security-standards/
      add: z.array(z.enum(["NET_BIND_SERVICE"])),
      reason,
    }),
  ),
  apiToken: maybe(strict<{ reason: string }>({ reason })),
});

// Host and port, path, tag, digest. https://github.com/distribution/reference
const IMAGE = new RegExp(
  [
    /^(?:[a-zA-Z0-9](?:[-.a-zA-Z0-9]*[a-zA-Z0-9])?(?::\d+)?\/)?/,
    /[a-z0-9]+(?:[-._]+[a-z0-9]+)*(?:\/[a-z0-9]+(?:[-._]+[a-z0-9]+)*)*/,
    /(?::\w[-.\w]{0,127})?(?:@sha256:[0-9a-f]{64})?$/,
  ]
    .map(({ source }) => source)
    .join(""),
);

/** What an image reference must be to mean the same tomorrow. */
export const imageShape: z.ZodType<Leaf<string>> = checked(leafText, (image) => {
  if (isOutput(image)) return undefined;
  if (!IMAGE.test(image)) {
    return ["but it is no image reference", 'use for example "registry.example.com/shop/order:1.4.2"'];
  }
  const tag = /:([^:/@]+)(?:@|$)/.exec(image)?.[1];
  if (image.includes("@sha256:")) return undefined;
  if (tag === undefined)
    return ["but it has no tag, so nobody knows what runs", 'add one, such as ":1.4.2", or a digest'];
  return tag === "latest"
    ? ["but latest means another image every day", 'use a tag such as ":1.4.2", or a digest']
    : undefined;
});

/** A container beside the main one. */
export interface CompanionProps {
  readonly image: Leaf<string>;
  readonly command?: readonly Leaf<string>[];
  readonly args?: readonly Leaf<string>[];
  readonly variables?: Readonly<Record<string, Leaf<string>>>;
  /** Port name -> number. */
  readonly ports?: Readonly<Record<string, number>>;
  readonly resources?: Resources;
  /** The pod's volumes that it sees, at the same paths as the main container. @default none */
  readonly volumes?: readonly string[];
  /** Sees the configuration files. @default false */
  readonly config?: boolean;
}

export const companionShape = strict<CompanionProps>({
  image: imageShape,
  command: maybe(z.array(leafText)),
  args: maybe(z.array(leafText)),
  variables: maybe(variablesOf(leafText)),
  ports: maybe(recordOf(port)),
  resources: maybe(resourcesShape),
  volumes: maybe(z.array(partName)),
  config: maybe(z.boolean()),
});

/** The restricted pod standard, and a read-only root on top. */
export function containerSecurity(security?: Security): NonNullable<Container["securityContext"]> {
  return security === undefined ? RESTRICTED : lessRestricted(security);
}

function lessRestricted(security: Security): NonNullable<Container["securityContext"]> {
  return {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: security.writableRoot === undefined,
    capabilities: {
      drop: ["ALL"],
      ...(security.capabilities === undefined ? {} : { add: security.capabilities.add }),
    },
  };
}

const RESTRICTED = constant(lessRestricted({}));

export interface Mounts {
  readonly all: NonNullable<Container["volumeMounts"]>;
  readonly config: NonNullable<Container["volumeMounts"]>;
  readonly named: Readonly<Record<string, Manifest<{ name: string; mountPath: string }>>>;
}

/** A container beside the main one, as restricted as the main one. */
export function companion(name: string, props: CompanionProps, mounts: Mounts): Container {
  const seen = [
    ...(props.config === true ? mounts.config : []),
    ...(props.volumes ?? []).flatMap((volume) => (mounts.named[volume] === undefined ? [] : [mounts.named[volume]])),
  ];
  return {
    name,
    image: props.image,
    imagePullPolicy: "IfNotPresent",
    ...(props.command === undefined ? {} : { command: props.command }),
    ...(props.args === undefined ? {} : { args: props.args }),
    ...(props.variables === undefined
      ? {}
      : { env: Object.entries(props.variables).map(([variable, value]) => ({ name: variable, value })) }),
    ...(props.ports === undefined ? {} : { ports: containerPorts(props.ports) }),
    resources: resolveResources(props.resources),
    securityContext: containerSecurity(),
    ...(seen.length === 0 ? {} : { volumeMounts: seen }),
  };
}

export function containerPorts(ports: Readonly<Record<string, number>>): NonNullable<Container["ports"]> {
  return Object.entries(ports).map(([name, containerPort]) => ({ name, containerPort, protocol: "TCP" }));
}

const PORT_NAME = /^(?=.*[a-z])(?!.*--)[a-z0-9]([-a-z0-9]{0,13}[a-z0-9])?$/;

/** Notes ports that two containers of one pod would fight over, and names that Kubernetes refuses. */
export function checkPorts(
  faults: Faults,
  groups: Readonly<Record<string, Readonly<Record<string, number>> | undefined>>,
): void {
  const taken = new Map<number, string>();
  const names = new Map<string, string>();
  for (const [group, ports] of Object.entries(groups)) {
    for (const [name, number] of Object.entries(ports ?? {})) {
      const path = `${group}.${name}`;
      const holder = taken.get(number);
      if (holder !== undefined)
        faults.add(path, number, `but ${holder} listens there too`, "give each a port of its own");
      taken.set(number, holder ?? path);
      if (!PORT_NAME.test(name)) {
        faults.add(
          path,
          name,
          "but a port's name has at most 15 lower-case letters, digits and single hyphens",
          'use for example "admin"',
        );
      }
      const namesake = names.get(name);
      if (namesake !== undefined)
        faults.add(path, name, `but ${namesake} has that name too`, "give each port of a pod a name of its own");
      names.set(name, path);
    }
  }
}
