import { constant } from "../core/constant.ts";
import type { Faults } from "../core/fault.ts";
import { bytes, type Quantity, quantityValue } from "../core/quantity.ts";
import { checked, maybe, quantity, strict } from "../core/shape.ts";

/** What a container asks for and what it may use at most, in Kubernetes' notation. */
export interface Resources {
  readonly requests?: {
    /** @default "100m" */
    readonly cpu?: Quantity;
    /** @default the memory limit: memory, unlike CPU, cannot be taken back */
    readonly memory?: Quantity;
  };
  readonly limits?: {
    /** @default none: a CPU limit throttles a service that has idle cores beside it. The articles' 200m is `limits.cpu: "200m"`. */
    readonly cpu?: Quantity;
    /** @default "128Mi", the articles' figure */
    readonly memory?: Quantity;
    /** Logs, writable layer and volumes without a claim together. @default "256Mi", and what the volumes may hold */
    readonly ephemeralStorage?: Quantity;
  };
}

const positive = checked(quantity, (text) =>
  quantityValue(text) === 0 ? ["but nothing runs on zero", 'give an amount, such as "100m" or "128Mi"'] : undefined,
);

/** One mebibyte: less is nearly always a forgotten unit ("128" for "128Mi"). */
const SMALLEST_MEMORY = 2 ** 20;

const memory = checked(positive, (text) =>
  (quantityValue(text) ?? 0) < SMALLEST_MEMORY
    ? ["but no Go program runs in less than 1Mi", `did you mean "${text.replace(/\D+$/, "")}Mi"?`]
    : undefined,
);

export const resourcesShape = strict<Resources>({
  requests: maybe(strict<NonNullable<Resources["requests"]>>({ cpu: maybe(positive), memory: maybe(memory) })),
  limits: maybe(
    strict<NonNullable<Resources["limits"]>>({
      cpu: maybe(positive),
      memory: maybe(memory),
      ephemeralStorage: maybe(positive),
    }),
  ),
});

/** Resources with every default filled in. */
export interface ResolvedResources {
  readonly requests: { readonly cpu: Quantity; readonly memory: Quantity; readonly "ephemeral-storage": Quantity };
  readonly limits: { readonly cpu?: Quantity; readonly memory: Quantity; readonly "ephemeral-storage": Quantity };
}

/** @param volumes Bytes that volumes on the node's disk may hold. */
export function resolveResources(resources?: Resources, volumes = 0): ResolvedResources {
  return resources === undefined && volumes === 0 ? USUAL : resolved(resources ?? {}, volumes);
}

function resolved(resources: Resources, volumes: number): ResolvedResources {
  const limit = resources.limits?.memory ?? resources.requests?.memory ?? "128Mi";
  const storage = resources.limits?.ephemeralStorage ?? bytes(256 * 2 ** 20 + volumes);
  const cpuLimit = resources.limits?.cpu;
  return {
    requests: {
      cpu: resources.requests?.cpu ?? lesser("100m", cpuLimit),
      memory: resources.requests?.memory ?? limit,
      "ephemeral-storage": lesser("64Mi", storage),
    },
    limits: { ...(cpuLimit === undefined ? {} : { cpu: cpuLimit }), memory: limit, "ephemeral-storage": storage },
  };
}

const USUAL = constant(resolved({}, 0));

function lesser(preferred: Quantity, limit: Quantity | undefined): Quantity {
  return limit !== undefined && (quantityValue(limit) ?? 0) < (quantityValue(preferred) ?? 0) ? limit : preferred;
}

/** A request above its limit is refused by the API server; here it is refused with a remedy. */
export function checkResources(faults: Faults, path: string, resources: Resources | undefined): void {
  for (const name of ["cpu", "memory"] as const) {
    const request = resources?.requests?.[name];
    const limit = resources?.limits?.[name];
    if (request === undefined || limit === undefined) continue;
    if ((quantityValue(request) ?? 0) > (quantityValue(limit) ?? 0)) {
      faults.add(
        `${path}.requests.${name}`,
        request,
        `but ${path}.limits.${name} is ${limit}, and nobody can be promised more than the limit`,
        "lower the request or raise the limit",
      );
    }
  }
}
