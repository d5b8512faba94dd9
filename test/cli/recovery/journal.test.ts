import { readFileSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { beginJournal, journalAt, journalKey, readJournal } from "../../../cli/recovery/journal.ts";
import { folderWith } from "../workbench.ts";

const KEY = journalKey("correct horse\n");

function journal(...messages: readonly string[]) {
  const file = join(folderWith(), "dev.journal");
  beginJournal(file, KEY);
  const append = journalAt(file, KEY);
  for (const text of messages) append({ kind: "request", message: Buffer.from(text) });
  return {
    file,
    append,
    told: (key = KEY) => readJournal(file, key).map(({ message }) => Buffer.from(message).toString()),
  };
}

describe("a journal", () => {
  test("tells when it began and what was added, in order", () => {
    const { file, append } = journal("one");
    append({ kind: "answer", message: Buffer.from("two") });
    const [begun, ...rest] = readJournal(file, KEY);
    expect(begun?.kind).toBe("begun");
    expect(Math.abs(Date.parse(Buffer.from(begun?.message ?? []).toString()) - Date.now())).toBeLessThan(60_000);
    expect(rest.map(({ kind, message }) => [kind, Buffer.from(message).toString()])).toEqual([
      ["request", "one"],
      ["answer", "two"],
    ]);
  });

  test("shows nobody what stands in it, and is its owner's alone", () => {
    const { file, told } = journal("password: hunter2");
    expect(told()).toContain("password: hunter2");
    expect(readFileSync(file, "latin1")).not.toContain("hunter2");
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test("is read with the passphrase whatever stands behind its line", () => {
    const { told } = journal("one");
    expect(told(journalKey("correct horse"))).toContain("one");
  });

  test("that ends within an entry tells what stands before it", () => {
    const { file, told } = journal("one", "two");
    const whole = statSync(file).size;
    for (const cut of [1, 20, 33]) {
      truncateSync(file, whole - cut);
      expect(told().slice(1)).toEqual(["one"]);
    }
  });

  test("begun again tells nothing of the run before", () => {
    const { file, told } = journal("one");
    beginJournal(file, KEY);
    expect(told()).toHaveLength(1);
  });

  test("of another passphrase is refused, with its file and what to do", () => {
    const { file, told } = journal("one");
    expect(() => told(journalKey("another"))).toThrow(file);
    expect(() => told(journalKey("another"))).toThrow(/another passphrase, or changed\. Put the passphrase back, or/);
  });
});
