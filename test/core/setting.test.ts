import fc from "fast-check";
import { expect, test } from "vitest";
import { settingValue } from "../../components/core/setting.ts";

test("a setting is the same from the engine, as text, and from a file, as a value", () => {
  const value = fc.oneof(
    fc.integer(),
    fc.boolean(),
    fc.constantFrom("dev", "1.10", "1.0.0", "007", "", "null", "a: b"),
  );
  fc.assert(
    fc.property(value, fc.boolean(), (one, isText) => {
      expect(settingValue(String(one), isText)).toBe(settingValue(one, isText));
    }),
  );
});

test("maps and lists are what they are, inside and out", () => {
  fc.assert(
    fc.property(fc.oneof(fc.dictionary(fc.string(), fc.jsonValue()), fc.array(fc.jsonValue())), (one) => {
      expect(settingValue(one, false)).toBe(one);
      expect(settingValue(JSON.stringify(one), false)).toEqual(JSON.parse(JSON.stringify(one)));
    }),
  );
});

test("no text is read as a number that would be written otherwise", () => {
  const digits = fc.string({ unit: fc.constantFrom(..."0123456789.e+-xo_"), minLength: 1 });
  fc.assert(
    fc.property(digits, (text) => {
      expect(String(settingValue(text, false))).toBe(text);
    }),
  );
});

test.each(["1.5", "3", "true", "{}"])("%s stays text where the program says so", (text) => {
  expect(settingValue(text, true)).toBe(text);
});

test.each([
  ["3", 3],
  ["-1", -1],
  ["1.5", 1.5],
  ["true", true],
  ["false", false],
])("%j is %j", (text, value) => {
  expect(settingValue(text, false)).toBe(value);
});
