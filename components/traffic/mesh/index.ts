export { type EdgePluginObjects, type EdgePluginProps, edgePlugin } from "./edge-plugin.ts";
export { type ExternalHostsObjects, type ExternalHostsProps, externalHosts } from "./external-hosts.ts";
export { inMesh } from "./in-mesh.ts";
export type * from "./kind.ts";
export type { Identity, Mesh, Prometheus, RateLimit, TrafficTag } from "./mesh.ts";
export { type MeshClientObjects, type MeshClientProps, meshClient } from "./mesh-client.ts";
export { type MeshNamespaceObjects, type MeshNamespaceProps, meshLabels, meshNamespace } from "./mesh-namespace.ts";
export { type MeshCaller, type MeshServiceObjects, type MeshServiceProps, meshService } from "./mesh-service.ts";
