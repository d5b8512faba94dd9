import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { didYouMean, type Fault, FaultError, Faults, gather, nearest, sentence } from "../../components/core/fault.ts";
import { fakeOutput } from "./fake-output.ts";
import { faultsOf } from "./faults-of.ts";

const fault = (rest: Partial<Fault> = {}): Fault => ({
  component: "order",
  path: "scale.min",
  problem: "but it is above max",
  remedy: "lower it",
  ...rest,
});

describe("the sentence of a fault", () => {
  test("says place, value, problem and remedy", () => {
    expect(sentence(fault({ value: 5 }))).toBe("order: scale.min is 5, but it is above max; lower it");
  });

  test("leaves the path out where the whole component is meant", () => {
    expect(sentence(fault({ path: "", value: "x" }))).toBe('order is "x", but it is above max; lower it');
  });

  test("says that something is missing", () => {
    expect(sentence(fault({ value: undefined }))).toBe("order: scale.min is missing, but it is above max; lower it");
  });

  test("says nothing of a value where none was given", () => {
    expect(sentence(fault({ problem: "cannot be" }))).toBe("order: scale.min cannot be; lower it");
  });

  test("does not look into an Output", () => {
    expect(sentence(fault({ value: fakeOutput("hunter2") }))).toBe(
      "order: scale.min is an Output, but it is above max; lower it",
    );
  });

  test("cuts long values", () => {
    expect(sentence(fault({ value: "x".repeat(5000) })).length).toBeLessThan(200);
  });

  test.each([[() => 1], [Symbol("a")], [Number.NaN], [null]])("shows %s without failing", (value) => {
    expect(sentence(fault({ value }))).toMatch(/^order: scale\.min is .+, but it is above max; lower it$/);
  });

  test("shows a big integer and a value that holds itself without failing", () => {
    const ring: Record<string, unknown> = {};
    ring["self"] = ring;
    for (const value of [1n, { big: 1n }, ring]) expect(sentence(fault({ value }))).toContain("but it is above max");
  });

  test("is one line", () => {
    expect(sentence(fault({ value: "a\nb" }))).not.toContain("\n");
  });
});

describe("faults of a component", () => {
  test("are thrown together", () => {
    const faults = new Faults("order");
    faults.add("a", 1, "but wrong", "do right");
    faults.add("b.c", undefined, "but wrong", "do right");
    expect(faultsOf(() => faults.check()).map(({ path }) => path)).toEqual(["a", "b.c"]);
  });

  test("are not thrown when there are none", () => {
    expect(() => new Faults("order").check()).not.toThrow();
  });

  test("touch a path and what is above it, not what only begins alike", () => {
    const faults = new Faults("order");
    faults.add("scale.min", 1, "but wrong", "do right");
    expect(["scale.min", "scale", "scale.mi", "scale.min.x", "sca"].map((path) => faults.touches(path))).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  test("a single one is the error's whole message, several are a list", () => {
    expect(new FaultError([fault()]).message).toBe(sentence(fault()));
    expect(new FaultError([fault(), fault({ path: "b" })]).message.split("\n")).toHaveLength(3);
  });
});

describe("gathering", () => {
  const bad = (component: string) => () => {
    throw new FaultError([fault({ component })]);
  };

  test("gives every step's result", () => {
    expect(
      gather([
        ["a", () => 1],
        ["b", () => 2],
      ]),
    ).toEqual({ a: 1, b: 2 });
  });

  test("one bad step does not hide another", () => {
    const steps = [
      ["a", bad("a")],
      ["b", () => 1],
      ["c", bad("c")],
    ] as const;
    expect(faultsOf(() => gather<string, unknown>(steps)).map(({ component }) => component)).toEqual(["a", "c"]);
  });

  test("an error that is no fault is not swallowed", () => {
    const broken = () => {
      throw new TypeError("broken");
    };
    expect(() => gather([["a", broken]])).toThrow(TypeError);
  });
});

describe("the nearest word", () => {
  const words = ["inventory", "payment", "shipment", "user"];

  test.each([
    ["inventry", "inventory"],
    ["Payment", "payment"],
    ["shipmnet", "shipment"],
    ["usr", "user"],
  ])("of %s is %s", (word, meant) => {
    expect(nearest(word, words)).toBe(meant);
    expect(didYouMean(word, words)).toBe(`did you mean "${meant}"?`);
  });

  test("of a word unlike all others is none, and all are offered", () => {
    expect(nearest("kubernetes", words)).toBeUndefined();
    expect(didYouMean("kubernetes", words)).toBe('use one of "inventory", "payment", "shipment", "user"');
    expect(didYouMean("kubernetes", [])).toBe("none is known");
  });

  test("of a known word is the word", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1 }), (candidates) => {
        for (const word of candidates) expect(nearest(word, candidates)).toBe(word);
      }),
    );
  });

  test("of a word with one slip is found among words unlike it", () => {
    fc.assert(
      fc.property(fc.constantFrom(...words), fc.nat(), fc.constantFrom("x", "q", "-"), (word, at, letter) => {
        const slip = at % word.length;
        expect(nearest(`${word.slice(0, slip)}${letter}${word.slice(slip + 1)}`, words)).toBe(word);
        expect(nearest(`${word.slice(0, slip)}${word.slice(slip + 1)}`, words)).toBe(word);
        expect(nearest(`${word.slice(0, slip)}${letter}${word.slice(slip)}`, words)).toBe(word);
      }),
    );
  });

  test("is one of the candidates or none", () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.string()), (word, candidates) => {
        const found = nearest(word, candidates);
        if (found !== undefined) expect(candidates).toContain(found);
      }),
    );
  });
});
