export type { ClusterOptions, ClusterStatus, RunningCluster } from "./cluster.ts";
export { clusterStatus, startCluster, stopCluster } from "./cluster.ts";
export { type CrdDocument, crdDocuments, type InstalledCrds, installCrds, type KindReference } from "./crds.ts";
export { type DoctorOptions, type DoctorRow, doctor } from "./doctor.ts";
export { type Engine, type EngineOptions, ensureEngine } from "./engine.ts";
export { ensureParts, type Origin, type ResolvedPart, type ToolchainOptions } from "./ensure.ts";
export { ToolchainError } from "./failure.ts";
export { BENCH_PARTS, CLUSTER_PARTS, ENGINE_PARTS, type PartName, PEER_PARTS, PROVIDER_VERSION } from "./parts.ts";
export { type Activity, type Report, reportTo, silentReport } from "./report.ts";
