import type { KubernetesObject, Mesh, MeshServiceProps, Objects, VirtualService } from "../../../components/index.ts";
import { meshService } from "../../../components/index.ts";

/** A mesh with a proxy in every pod, in one region. */
export const sidecars: Mesh = { mode: "sidecar" };
/** Two regions, each ready for the other, and a colour for one of them. */
export const regional: Mesh = {
  mode: "sidecar",
  regions: { shanghai: ["beijing"], beijing: ["shanghai"] },
  tags: { stable: { version: "stable" }, canary: { version: "canary" }, "shanghai-only": { region: "shanghai" } },
};
export const ambient: Mesh = { mode: "ambient" };

/** The service that the tests call. */
export function user(rest: Partial<MeshServiceProps> = {}) {
  return meshService({
    name: "user",
    namespace: "shop",
    mesh: sidecars,
    ports: { http: 8080, grpc: 9090 },
    callers: [{ name: "order" }],
    ...rest,
  });
}

/** The routes of a VirtualService. */
export function routesOf(objects: { readonly virtualService: VirtualService }) {
  return objects.virtualService.spec?.http ?? [];
}

/** The object of a role, which must be there. */
export function roleOf<T extends KubernetesObject>(objects: Objects, role: string): T {
  const object = objects[role];
  if (object === undefined) throw new Error(`no ${role} among ${Object.keys(objects).join(", ")}`);
  return object as T;
}
