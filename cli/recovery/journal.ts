import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { appendFileSync, closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { Failure } from "../failure.ts";

/** Variable with the journal's file, for the program. */
export const JOURNAL = "FAIRLEAD_JOURNAL";

/** What a record tells: when the run began, what is sent to the engine, what the engine answered. */
export type Kind = "begun" | "request" | "answer";
const KINDS: readonly Kind[] = ["begun", "request", "answer"];

export interface Entry {
  readonly kind: Kind;
  readonly message: Uint8Array;
}

// Each record: its length in four bytes, then what AES-256-GCM makes of its kind and message, behind nonce and tag.
const CIPHER = "aes-256-gcm";
const NONCE = 12;
const TAG = 16;
const LENGTH = 4;

/** The key of a journal, from the passphrase of the backend beside it: what is registered may hold secrets. */
export function journalKey(passphrase: string): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", passphrase.trim(), "", "fairlead journal", 32));
}

/** Begins a journal: an empty one in place of an older. Its owner alone can read it. */
export function beginJournal(file: string, key: Uint8Array): void {
  writeFileSync(file, sealed({ kind: "begun", message: Buffer.from(new Date().toISOString()) }, key), { mode: 0o600 });
}

/** What adds to a journal. Each entry is in the file when it returns, whoever is killed afterwards. */
export function journalAt(file: string, key: Uint8Array): (entry: Entry) => void {
  const handle = openSync(file, "a", 0o600);
  process.once("exit", () => closeSync(handle));
  return (entry) => appendFileSync(handle, sealed(entry, key));
}

/**
 * What stands in a journal; nothing of an entry that its writer had no time to finish.
 * @throws Failure when it was written with another passphrase.
 */
export function readJournal(file: string, key: Uint8Array): readonly Entry[] {
  const bytes = readFileSync(file);
  const entries: Entry[] = [];
  for (let start = 0; start + LENGTH <= bytes.length; ) {
    const end = start + LENGTH + bytes.readUInt32BE(start);
    if (end > bytes.length) break;
    entries.push(opened(bytes.subarray(start + LENGTH, end), file, key));
    start = end;
  }
  return entries;
}

function sealed({ kind, message }: Entry, key: Uint8Array): Uint8Array {
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv(CIPHER, key, nonce);
  const text = [cipher.update(Uint8Array.of(KINDS.indexOf(kind))), cipher.update(message), cipher.final()];
  const body = Buffer.concat([nonce, cipher.getAuthTag(), ...text]);
  const length = Buffer.alloc(LENGTH);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
}

function opened(body: Uint8Array, file: string, key: Uint8Array): Entry {
  try {
    const decipher = createDecipheriv(CIPHER, key, body.subarray(0, NONCE));
    decipher.setAuthTag(body.subarray(NONCE, NONCE + TAG));
    const text = Buffer.concat([decipher.update(body.subarray(NONCE + TAG)), decipher.final()]);
    const kind = KINDS[text[0] ?? -1];
    if (kind === undefined) throw new RangeError(`no entry is of kind ${text[0]}`);
    return { kind, message: text.subarray(1) };
  } catch {
    throw new Failure(
      `${file} tells what an interrupted run had begun, and cannot be read: it was written with another passphrase, or changed. Put the passphrase back, or begin anew with: fairlead cluster delete`,
    );
  }
}
