import type { IDaemonSet } from "kubernetes-models/apps/v1/DaemonSet";
import type { IStatefulSet } from "kubernetes-models/apps/v1/StatefulSet";
import type { Resource } from "../../core/object.ts";

// Typed by the field's own models; nothing of them is loaded at run time.
export type DaemonSet = Resource<IDaemonSet>;
export type StatefulSet = Resource<IStatefulSet>;
