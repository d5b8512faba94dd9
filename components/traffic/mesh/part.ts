import * as z from "zod";
import type { LabelFacts } from "../../core/name.ts";
import { componentName, labelValue, maybe, namespaceName, type ShapeOf } from "../../core/shape.ts";
import type { Mesh } from "./mesh.ts";

/** What every component of a mesh has. */
export interface MeshPart extends Pick<LabelFacts, "owner" | "partOf"> {
  readonly name: string;
  readonly namespace: string;
}

export const meshPartShape: ShapeOf<MeshPart> = {
  name: componentName,
  namespace: namespaceName,
  owner: maybe(labelValue) as z.ZodType<string | undefined>,
  partOf: maybe(labelValue) as z.ZodType<string | undefined>,
};

/** A mesh, of which checkMesh says everything that is wrong. */
export const someMesh: z.ZodType<Mesh> = z.custom<Mesh>((value) => typeof value === "object" && value !== null);
