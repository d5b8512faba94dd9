import { ToolchainError } from "../failure.ts";

const MACHINES: Readonly<Record<number, string>> = { 62: "amd64", 183: "arm64" };
const INTERPRETER = 3;

/**
 * The architecture that a program for Linux was built for, as images name it.
 * @throws ToolchainError for what cannot run in an image that holds nothing else: no such program, or one that asks for
 * a loader and a C library.
 */
export function staticProgram(file: string, bytes: Uint8Array): "amd64" | "arm64" {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const remedy = `build it with CGO_ENABLED=0 GOOS=linux go build`;
  if (bytes.byteLength < 64 || view.getUint32(0) !== 0x7f454c46 || bytes[4] !== 2 || bytes[5] !== 1) {
    throw new ToolchainError(`${file} is no 64-bit program for Linux; ${remedy}`);
  }
  const machine = MACHINES[view.getUint16(18, true)];
  if (machine !== "amd64" && machine !== "arm64") {
    throw new ToolchainError(`${file} is for another processor than amd64 and arm64; ${remedy} with GOARCH=amd64`);
  }
  const table = Number(view.getBigUint64(32, true));
  const size = view.getUint16(54, true);
  const count = view.getUint16(56, true);
  for (let index = 0; index < count; index++) {
    const offset = table + index * size;
    if (offset + 4 <= bytes.byteLength && view.getUint32(offset, true) === INTERPRETER) {
      throw new ToolchainError(
        `${file} asks for a loader and a C library, and an image from scratch has neither; ${remedy}`,
      );
    }
  }
  return machine;
}
