import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isHostName, labels, NAME_LENGTH, nameProblem, selectorLabels } from "../../components/core/name.ts";
import { roleWord } from "../../components/core/role.ts";

describe("names", () => {
  test.each(["order", "a", "order-service", "a1", "x".repeat(NAME_LENGTH)])("%s names a component", (name) => {
    expect(nameProblem(name)).toBeUndefined();
  });

  test.each([
    "",
    "Order",
    "1order",
    "-order",
    "order-",
    "order_service",
    "order.service",
    "order service",
    "ö",
    "order\n",
  ])("%j names none, and is told why", (name) => {
    expect(nameProblem(name)).toMatch(/^but a name is lower-case letters/);
  });

  test("a name that is too long is told its length", () => {
    expect(nameProblem("x".repeat(NAME_LENGTH + 1))).toBe(`but it has ${NAME_LENGTH + 1} characters`);
  });

  test("what names a component may name a Service and fits into a host name", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z0-9-]{1,60}$/), (name) => {
        if (nameProblem(name) !== undefined) return;
        expect(name).toMatch(/^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/);
        expect(isHostName(`${name}.shop.svc`)).toBe(true);
      }),
    );
  });

  test.each(["api.example.com", "localhost", "1.example.com"])("%s is a host name", (text) => {
    expect(isHostName(text)).toBe(true);
  });

  test.each([
    "",
    "https://api.example.com",
    "api.example.com/path",
    "a..b",
    "-a.com",
    "a.com.",
    "A.com",
    "*.a.com",
    `${"a".repeat(254)}`,
  ])("%j is no host name", (text) => {
    expect(isHostName(text)).toBe(false);
  });
});

describe("labels", () => {
  test("say what is known and leave out what is not", () => {
    expect(labels({ name: "order", owner: "checkout", partOf: undefined })).toEqual({
      "app.kubernetes.io/name": "order",
      "fairlead.dev/owner": "checkout",
      "app.kubernetes.io/managed-by": "fairlead",
    });
  });

  test("hold the selector, which nothing but the name decides", () => {
    const one = { name: "order", version: "1", owner: "a", partOf: "b", component: "c" };
    expect(labels(one)).toMatchObject(selectorLabels("order"));
    expect(selectorLabels("order")).toEqual({ "app.kubernetes.io/name": "order" });
  });
});

describe("words of roles", () => {
  test.each([
    ["ConfigMap", "configMap"],
    ["HTTPRoute", "httpRoute"],
    ["APIService", "apiService"],
    ["PVC", "pvc"],
    ["Service", "service"],
    ["X", "x"],
    ["already", "already"],
    ["", ""],
  ])("%s is %s", (word, role) => {
    expect(roleWord(word)).toBe(role);
  });
});
