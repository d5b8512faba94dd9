import type { IValidatingAdmissionPolicy } from "kubernetes-models/admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy";
import type { IValidatingAdmissionPolicyBinding } from "kubernetes-models/admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyBinding";
import type { IRole } from "kubernetes-models/rbac.authorization.k8s.io/v1/Role";
import type { IRoleBinding } from "kubernetes-models/rbac.authorization.k8s.io/v1/RoleBinding";
import type { Resource } from "../../core/object.ts";

// Typed by the field's own models; nothing of them is loaded at run time.
export type Role = Resource<IRole>;
export type RoleBinding = Resource<IRoleBinding>;
export type ValidatingAdmissionPolicy = Resource<IValidatingAdmissionPolicy>;
export type ValidatingAdmissionPolicyBinding = Resource<IValidatingAdmissionPolicyBinding>;
