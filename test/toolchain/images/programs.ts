/** A program header's table starts right behind the file's own header. */
const HEADER = 64;

/** The first bytes of a program for Linux: enough to be taken for one. */
export function elf({ machine = 62, interpreter = false, rest = "program" } = {}): Uint8Array {
  const bytes = Buffer.alloc(HEADER + 56 + rest.length);
  bytes.writeUInt32BE(0x7f454c46, 0);
  bytes.writeUInt8(2, 4);
  bytes.writeUInt8(1, 5);
  bytes.writeUInt16LE(machine, 18);
  bytes.writeBigUInt64LE(BigInt(HEADER), 32);
  bytes.writeUInt16LE(56, 54);
  bytes.writeUInt16LE(1, 56);
  bytes.writeUInt32LE(interpreter ? 3 : 1, HEADER);
  bytes.write(rest, HEADER + 56);
  return bytes;
}
