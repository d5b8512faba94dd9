import { createRequire } from "node:module";
import type * as Messages from "@pulumi/pulumi/proto/resource_pb.js";

const load = createRequire(import.meta.url);
const FILE = "@pulumi/pulumi/proto/resource_pb.js";

/** What a program and the engine send each other, as the SDK itself writes it. */
export const { RegisterResourceRequest, RegisterResourceResponse } = load(FILE) as typeof Messages;

type Struct = NonNullable<ReturnType<Messages.RegisterResourceRequest["getObject"]>>;

/** Properties as they stand in such a message. */
export function struct(value: object): Struct {
  const { Struct } = createRequire(load.resolve(FILE))("google-protobuf/google/protobuf/struct_pb.js") as {
    readonly Struct: { readonly fromJavaScript: (value: object) => Struct };
  };
  return Struct.fromJavaScript(value);
}
