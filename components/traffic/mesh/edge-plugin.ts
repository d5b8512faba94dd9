import * as z from "zod";
import { type LabelFacts, labels } from "../../core/name.ts";
import type { Objects } from "../../core/object.ts";
import { checked, checkShape, faultsOf, maybe, objectName, strict } from "../../core/shape.ts";
import type { WasmPlugin } from "./kind.ts";
import { meshPartShape } from "./part.ts";

/** A WebAssembly module in the proxies of a gateway: what is decided at the edge, such as which tag a request gets. */
export interface EdgePluginProps extends Pick<LabelFacts, "owner" | "partOf"> {
  readonly name: string;
  /** The gateway's own namespace. */
  readonly namespace: string;
  /** Name of the Gateway whose proxies load it. */
  readonly gateway: string;
  /** Image with its digest: oci://registry.example.com/shop/tag@sha256:… */
  readonly module: string;
  /** When it runs: before or after the gateway has looked at who asks. @default "authn", before everything else */
  readonly phase?: "authn" | "authz" | "stats";
  /** What becomes of requests while it cannot be loaded, or has failed. @default "refused" */
  readonly onFailure?: "refused" | "passed";
  /** What the module is told; a change reaches the proxies within seconds. @default nothing */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Secret of the registry. @default none */
  readonly pullSecret?: string;
}

export interface EdgePluginObjects extends Objects {
  readonly plugin: WasmPlugin;
}

const PHASES = { authn: "AUTHN", authz: "AUTHZ", stats: "STATS" } as const;

const edgePluginShape = strict<EdgePluginProps>({
  ...meshPartShape,
  gateway: objectName,
  module: checked(z.string(), (url) =>
    /^oci:\/\/[^@\s]+@sha256:[0-9a-f]{64}$/.test(url)
      ? undefined
      : [
          "but what every request goes through must be exactly these bytes",
          'name an image with its digest: "oci://registry.example.com/shop/tag@sha256:…"',
        ],
  ),
  phase: maybe(z.enum(["authn", "authz", "stats"])),
  onFailure: maybe(z.enum(["refused", "passed"])),
  config: maybe(z.record(z.string(), z.unknown())),
  pullSecret: maybe(objectName),
});

/**
 * The plugin of a gateway. https://istio.io/latest/docs/reference/config/proxy_extensions/wasm-plugin/
 * @throws FaultError with everything that is wrong with the props.
 */
export function edgePlugin(props: EdgePluginProps): EdgePluginObjects {
  const faults = faultsOf(props, "edge plugin");
  checkShape(faults, edgePluginShape, props);
  faults.check();
  const { name, namespace, config } = props;
  return {
    plugin: {
      apiVersion: "extensions.istio.io/v1alpha1",
      kind: "WasmPlugin",
      metadata: { name, namespace, labels: labels({ ...props, component: "mesh" }) },
      spec: {
        targetRefs: [{ group: "gateway.networking.k8s.io", kind: "Gateway", name: props.gateway }],
        url: props.module,
        phase: PHASES[props.phase ?? "authn"],
        failStrategy: props.onFailure === "passed" ? "FAIL_OPEN" : "FAIL_CLOSE",
        ...(config === undefined ? {} : { pluginConfig: config }),
        ...(props.pullSecret === undefined ? {} : { imagePullSecret: props.pullSecret }),
      },
    } as WasmPlugin,
  };
}
