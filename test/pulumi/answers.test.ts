import * as pulumi from "@pulumi/pulumi";
import type * as Messages from "@pulumi/pulumi/proto/resource_pb.js";
import { afterEach, describe, expect, test } from "vitest";
import { withoutField, withoutObjects } from "../../components/pulumi/answers.ts";
import { RegisterResourceRequest, RegisterResourceResponse, struct } from "../messages.ts";

const ORDER = "urn:pulumi:dev::shop::fairlead:workload:Microservice::order";

function answer(): Uint8Array {
  const one = new RegisterResourceResponse();
  one.setUrn(`${ORDER}-service`);
  one.setId("shop/order");
  one.setObject(struct({ spec: { text: "x".repeat(1000), number: 1.5, list: [true, null] } }));
  one.setStable(true);
  one.setResult(2);
  return one.serializeBinary();
}

describe("a message", () => {
  test("loses one field and keeps the others", () => {
    const whole = RegisterResourceResponse.deserializeBinary(answer()).toObject();
    expect(whole.object).toBeDefined();
    const short = RegisterResourceResponse.deserializeBinary(withoutField(answer(), 3)).toObject();
    expect(short).toEqual({ ...whole, object: undefined });
  });

  test("without that field stays as it is", () => {
    expect(Buffer.from(withoutField(answer(), 100))).toEqual(Buffer.from(answer()));
  });

  test("with numbers of a fixed size is read past them", () => {
    const message = Buffer.from([0x09, 1, 2, 3, 4, 5, 6, 7, 8, 0x15, 1, 2, 3, 4, 0x18, 0x96, 0x01]);
    expect(withoutField(message, 1)).toEqual(message.subarray(9));
    expect(withoutField(message, 2)).toEqual(Buffer.concat([message.subarray(0, 9), message.subarray(14)]));
    expect(withoutField(message, 3)).toEqual(message.subarray(0, 14));
  });

  test.each([[[0x0b]], [[0x80]]])("that is none is refused: %j", (bytes) => {
    expect(() => withoutField(Uint8Array.from(bytes), 1)).toThrow(RangeError);
  });
});

describe("the engine's answers", () => {
  afterEach(() => pulumi.runtime.setMocks({ newResource: () => ({ id: "", state: {} }), call: () => ({}) }));

  /** What a program reads of the answer to a registration. */
  function read(registration: { readonly parent: string; readonly custom: boolean }) {
    const client = {
      registerResource: Object.assign(() => undefined, {
        path: "/pulumirpc.ResourceMonitor/RegisterResource",
        requestSerialize: () => answer(),
        responseDeserialize: (bytes: Uint8Array) => RegisterResourceResponse.deserializeBinary(bytes),
      }),
      makeUnaryRequest: (path: string, _serialize: unknown, deserialize: (bytes: Uint8Array) => unknown) => [
        path,
        deserialize(answer()),
      ],
    };
    pulumi.runtime.setMockOptions(client);
    withoutObjects(new Set(["fairlead:workload:Microservice::order"]));
    const request = new RegisterResourceRequest();
    request.setParent(registration.parent);
    request.setCustom(registration.custom);
    const [path, message] = Reflect.apply(client.registerResource, client, [request]) as unknown as [
      string,
      Messages.RegisterResourceResponse,
    ];
    expect(path).toBe("/pulumirpc.ResourceMonitor/RegisterResource");
    expect(message.getId()).toBe("shop/order");
    return message.getObject();
  }

  test("tell of an object of ours that it is made, and no more", () => {
    expect(read({ parent: ORDER, custom: true })).toBeUndefined();
    expect(read({ parent: ORDER.replace("fairlead", "own:index:Group$fairlead"), custom: true })).toBeUndefined();
  });

  test("tell everything of what is another's", () => {
    expect(read({ parent: ORDER.replace("::order", "::other"), custom: true })).toBeDefined();
    expect(read({ parent: "", custom: true })).toBeDefined();
    expect(read({ parent: ORDER, custom: false })).toBeDefined();
  });
});
