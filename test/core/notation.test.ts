import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { contentHash } from "../../components/core/content-hash.ts";
import { seconds } from "../../components/core/duration.ts";
import { bytes, quantityValue } from "../../components/core/quantity.ts";

describe("durations", () => {
  test.each([
    ["30s", 30],
    ["1m30s", 90],
    ["250ms", 0.25],
    ["1h", 3600],
    ["1.5h", 5400],
    ["2d", 172_800],
    ["0s", 0],
    ["1h0m1s", 3601],
  ])("%s is %d seconds", (text, expected) => {
    expect(seconds(text)).toBe(expected);
  });

  test.each(["", "30", "s", "-1s", "1 s", "30S", "1m 30s", "1,5s", "1us", "ten", "1.s", ".5s", "1e3s", "30s\n"])(
    "%j is no duration",
    (text) => {
      expect(seconds(text)).toBeUndefined();
    },
  );

  test("parts add up", () => {
    fc.assert(
      fc.property(fc.nat(99), fc.nat(99), fc.nat(9999), (h, m, s) => {
        expect(seconds(`${h}h${m}m${s}s`)).toBe(h * 3600 + m * 60 + s);
      }),
    );
  });

  test("any text is a number of seconds from 0, or none", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."0123456789.smhd- ") }), (text) => {
        const value = seconds(text);
        expect(value === undefined || (Number.isFinite(value) && value >= 0)).toBe(true);
      }),
    );
  });
});

describe("quantities", () => {
  test.each([
    ["250m", 0.25],
    ["1", 1],
    ["1.5", 1.5],
    [".5", 0.5],
    ["1k", 1000],
    ["128Mi", 134_217_728],
    ["1Gi", 2 ** 30],
    ["1e3", 1000],
    ["1E3", 1000],
    ["1E", 1e18],
    ["0", 0],
  ])("%s is %d", (text, expected) => {
    expect(quantityValue(text)).toBeCloseTo(expected, 9);
  });

  test.each(["", "Mi", "-1", "1 Gi", "1mi", "1KB", "1Kb", "0x1", "1e", "1ee3", "one", "1Gi\n", "NaN", "1_000"])(
    "%j is no quantity",
    (text) => {
      expect(quantityValue(text)).toBeUndefined();
    },
  );

  test("bytes that are written are read back, up to the KiB they are rounded down to", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1024, max: 2 ** 46 }), (amount) => {
        const back = quantityValue(bytes(amount)) ?? Number.NaN;
        expect(back).toBeLessThanOrEqual(amount);
        expect(amount - back).toBeLessThan(1024);
      }),
    );
  });

  test.each([
    [2 ** 30, "1Gi"],
    [128 * 2 ** 20, "128Mi"],
    [120_795_955, "117964Ki"],
    [0, "0Gi"],
  ])("%d bytes are %s", (amount, text) => {
    expect(bytes(amount)).toBe(text);
  });
});

describe("the hash of content", () => {
  test("is ten hexadecimal digits that do not depend on the order of keys", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string()), (content) => {
        const hash = contentHash(content);
        expect(hash).toMatch(/^[0-9a-f]{10}$/);
        expect(contentHash(Object.fromEntries(Object.entries(content).reverse()))).toBe(hash);
      }),
    );
  });

  test("changes with every key and value, and with where one ends and the next begins", () => {
    const contents = [
      {},
      { a: "" },
      { a: "b" },
      { ab: "" },
      { "": "ab" },
      { a: "b", c: "" },
      { a: "bc" },
      { a: '","b' },
    ];
    expect(new Set(contents.map((content) => contentHash(content))).size).toBe(contents.length);
  });
});
