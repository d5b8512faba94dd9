import { existsSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { journalAt, journalKey, readJournal } from "../../../cli/recovery/journal.ts";
import { type StateFiles, stateFiles, writtenOnce } from "../../../cli/recovery/settle.ts";
import { folderWith, write } from "../workbench.ts";

beforeEach(() => void vi.stubEnv("PULUMI_SKIP_CHECKPOINTS", undefined));

afterEach(() => void vi.unstubAllEnvs());

function backend(): StateFiles {
  const folder = folderWith({ passphrase: "correct horse" });
  const files = stateFiles(join(folder, "backend"), "shop", "dev", join(folder, "passphrase"));
  write(files.state, "{}");
  return files;
}

describe("an engine that applies", () => {
  test("writes its state once, and the program keeps a journal until then", () => {
    const files = backend();
    const { env } = writtenOnce(files)("up");
    expect(env).toEqual({ PULUMI_SKIP_CHECKPOINTS: "true", FAIRLEAD_JOURNAL: files.journal });
    expect(readJournal(files.journal, journalKey("correct horse"))).toMatchObject([{ kind: "begun" }]);
  });

  test.each([
    ["is done with the journal when the state was written after it", 10, false],
    ["leaves the journal when the state was written before", -10, true],
  ])("%s", (_, seconds, stays) => {
    const files = backend();
    const { ended } = writtenOnce(files)("up");
    journalAt(files.journal, journalKey("correct horse"))({ kind: "request", message: new Uint8Array() });
    const then = Date.now() / 1000 + seconds;
    utimesSync(files.state, then, then);
    ended?.(1);
    expect(existsSync(files.journal)).toBe(stays);
  });

  test("writes its state as the user says, where they say it", () => {
    vi.stubEnv("PULUMI_SKIP_CHECKPOINTS", "false");
    expect(writtenOnce(backend())("up").env).not.toHaveProperty("PULUMI_SKIP_CHECKPOINTS");
    expect(writtenOnce(backend())("destroy").env).toEqual({});
  });
});

describe("an engine that removes", () => {
  test("leaves a mark until all is gone", () => {
    const files = backend();
    const { env, ended } = writtenOnce(files)("destroy");
    expect(env).toEqual({ PULUMI_SKIP_CHECKPOINTS: "true" });
    expect(existsSync(files.stale)).toBe(true);
    ended?.(1);
    expect(existsSync(files.stale)).toBe(true);
    ended?.(0);
    expect(existsSync(files.stale)).toBe(false);
  });
});

test("an engine that looks only leaves nothing", () => {
  const files = backend();
  expect(writtenOnce(files)("preview")).toEqual({});
  expect([files.journal, files.stale].filter((file) => existsSync(file))).toEqual([]);
});
