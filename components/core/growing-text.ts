import { Buffer } from "node:buffer";

const FIRST_SIZE = 64 * 1024;
const KEPT_SIZE = 1024 * 1024;
/** Text that is longer is handed to the runtime, whose own loop is faster then. */
const SHORT = 48;
const LINE_END = 10;
const SPACE = 32;
const ASCII = new Uint8Array(128).fill(1);

/**
 * Text that grows. Strings that are put together piece by piece stay a tree of pieces until somebody reads them: three times
 * the memory, and a walk through all of it for every file.
 */
export class GrowingText {
  private bytes = Buffer.allocUnsafe(FIRST_SIZE);
  private length = 0;
  private ascii = true;

  /** Whether it took so much memory that nobody should keep it. */
  get isLarge(): boolean {
    return this.bytes.length > KEPT_SIZE;
  }

  /** A new text in the same memory. */
  clear(): void {
    this.length = 0;
    this.ascii = true;
  }

  /** One ASCII character, by its code. */
  code(code: number): void {
    this.reserve(1);
    this.bytes[this.length++] = code;
  }

  add(text: string): void {
    const { length } = text;
    // A UTF-16 unit is three bytes of UTF-8 at most.
    this.reserve(length * 3);
    if (this.addIf(text, ASCII)) return;
    const written = this.bytes.write(text, this.length);
    if (written !== length) this.ascii = false;
    this.length += written;
  }

  /** Adds a text of these ASCII characters; one that has others, or is long, is not added. */
  addIf(text: string, allowed: Uint8Array): boolean {
    const { length } = text;
    if (length > SHORT) return false;
    this.reserve(length);
    const { bytes, length: start } = this;
    for (let index = 0; index < length; index++) {
      const code = text.charCodeAt(index);
      if (allowed[code] !== 1) return false;
      bytes[start + index] = code;
    }
    this.length = start + length;
    return true;
  }

  /** A line end, and spaces. */
  line(indent: number): void {
    this.reserve(indent + 1);
    this.bytes[this.length++] = LINE_END;
    const end = this.length + indent;
    while (this.length < end) this.bytes[this.length++] = SPACE;
  }

  /** How long it is by now. */
  get size(): number {
    return this.length;
  }

  /** What was added since it was of that size. */
  since(size: number): string {
    return this.bytes.toString(this.ascii ? "latin1" : "utf8", size, this.length);
  }

  /** The text without its first character. */
  withoutFirst(): string {
    return this.since(1);
  }

  private reserve(more: number): void {
    const needed = this.length + more;
    if (needed <= this.bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.bytes.length * 2));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }
}
