import * as pulumi from "@pulumi/pulumi";

/** The engine's answer to a registration: the resource as it stands now, under this number of its message. */
const OBJECT = 3;

/** What a client of the engine knows of one of its methods, besides how to call it. */
interface Method {
  readonly path: string;
  readonly requestSerialize: (request: Registration) => Uint8Array;
  readonly responseDeserialize: (bytes: Uint8Array) => unknown;
}

/** The part that we read of what a program sends of a resource. */
interface Registration {
  readonly getCustom: () => boolean;
  readonly getParent: () => string;
}

/**
 * Leaves out of the engine's answers what each resource came to, where it is made for one of these components: to read that
 * back is a quarter of a program's time, and nobody has those resources in hand who could ask for it. Their names and ids
 * stay. Where the SDK has no such client, as under mocks, nothing is left out.
 * @param components `<type>::<name>` of each.
 */
export function withoutObjects(components: ReadonlySet<string>): void {
  const client: unknown = pulumi.runtime.getMonitor();
  const method: unknown = Reflect.get(Object(client), "registerResource");
  if (!isClient(client) || !isMethod(method)) return;
  const { path, requestSerialize, responseDeserialize } = method;
  const short = (bytes: Uint8Array) => responseDeserialize(withoutField(bytes, OBJECT));
  client.registerResource = (request, ...rest) => {
    const owner = request.getParent().split("::").slice(2).join("::");
    const name = owner.slice(owner.lastIndexOf("$") + 1);
    const isOurs = request.getCustom() && components.has(name);
    return client.makeUnaryRequest(path, requestSerialize, isOurs ? short : responseDeserialize, request, ...rest);
  };
}

interface Client {
  registerResource: (request: Registration, ...rest: readonly unknown[]) => unknown;
  readonly makeUnaryRequest: (...args: readonly unknown[]) => unknown;
}

function isClient(value: unknown): value is Client {
  return typeof Reflect.get(Object(value), "makeUnaryRequest") === "function";
}

function isMethod(value: unknown): value is Method {
  const has = (name: string, type: string) => typeof Reflect.get(Object(value), name) === type;
  return has("path", "string") && has("requestSerialize", "function") && has("responseDeserialize", "function");
}

/** How a field of a message is written: the kinds of protobuf's wire format that are in use. */
const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

/**
 * A message of protobuf without one of its fields, which is not looked into.
 * @throws RangeError for what is no message.
 */
export function withoutField(message: Uint8Array, number: number): Uint8Array {
  const kept: Uint8Array[] = [];
  for (let start = 0; start < message.length; ) {
    const [tag, behindTag] = varint(message, start);
    const end = endOf(message, behindTag, tag % 8);
    if (Math.floor(tag / 8) !== number) kept.push(message.subarray(start, end));
    start = end;
  }
  return Buffer.concat(kept);
}

function endOf(message: Uint8Array, start: number, kind: number): number {
  if (kind === VARINT) return varint(message, start)[1];
  if (kind === FIXED64) return start + 8;
  if (kind === FIXED32) return start + 4;
  if (kind !== BYTES) throw new RangeError(`no field of a message is of kind ${kind}`);
  const [length, behind] = varint(message, start);
  return behind + length;
}

/** A number, and where it ends: seven bits a byte, the lowest first. */
function varint(message: Uint8Array, start: number): readonly [number, number] {
  let value = 0;
  for (let at = start, place = 1; at < message.length; at++, place *= 128) {
    const byte = message[at] ?? 0;
    value += (byte % 128) * place;
    if (byte < 128) return [value, at + 1];
  }
  throw new RangeError("a message ends within a number");
}
