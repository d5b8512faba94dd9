import { type EdgePluginObjects, type EdgePluginProps, edgePlugin } from "../traffic/mesh/edge-plugin.ts";
import { type ExternalHostsObjects, type ExternalHostsProps, externalHosts } from "../traffic/mesh/external-hosts.ts";
import { type MeshClientObjects, type MeshClientProps, meshClient } from "../traffic/mesh/mesh-client.ts";
import { type MeshNamespaceObjects, type MeshNamespaceProps, meshNamespace } from "../traffic/mesh/mesh-namespace.ts";
import { type MeshServiceObjects, type MeshServiceProps, meshService } from "../traffic/mesh/mesh-service.ts";
import { Component, type ComponentOptions } from "./component.ts";
import { reported } from "./failure.ts";

/** Strict mutual TLS and default deny for a namespace, as a component of the engine. */
export class MeshNamespace extends Component<MeshNamespaceObjects> {
  constructor(
    name: string,
    props: Omit<MeshNamespaceProps, "name">,
    options: ComponentOptions<MeshNamespaceObjects> = {},
  ) {
    const objects = reported(() => meshNamespace({ ...props, name }));
    super("fairlead:traffic:MeshNamespace", name, objects, options);
  }
}

/** How a service is reached in a mesh, and by whom, as a component of the engine. */
export class MeshService extends Component<MeshServiceObjects> {
  constructor(name: string, props: Omit<MeshServiceProps, "name">, options: ComponentOptions<MeshServiceObjects> = {}) {
    const objects = reported(() => meshService({ ...props, name }));
    super("fairlead:traffic:MeshService", name, objects, options);
  }
}

/** The scope of a caller's proxy, as a component of the engine. */
export class MeshClient extends Component<MeshClientObjects> {
  constructor(name: string, props: Omit<MeshClientProps, "name">, options: ComponentOptions<MeshClientObjects> = {}) {
    const objects = reported(() => meshClient({ ...props, name }));
    super("fairlead:traffic:MeshClient", name, objects, options);
  }
}

/** The hosts outside that pods of a namespace call, as a component of the engine. */
export class ExternalHosts extends Component<ExternalHostsObjects> {
  constructor(
    name: string,
    props: Omit<ExternalHostsProps, "name">,
    options: ComponentOptions<ExternalHostsObjects> = {},
  ) {
    const objects = reported(() => externalHosts({ ...props, name }));
    super("fairlead:traffic:ExternalHosts", name, objects, options);
  }
}

/** A WebAssembly module in the proxies of a gateway, as a component of the engine. */
export class EdgePlugin extends Component<EdgePluginObjects> {
  constructor(name: string, props: Omit<EdgePluginProps, "name">, options: ComponentOptions<EdgePluginObjects> = {}) {
    const objects = reported(() => edgePlugin({ ...props, name }));
    super("fairlead:traffic:EdgePlugin", name, objects, options);
  }
}
