import { describe, expect, test } from "vitest";
import { importList, readImportList } from "../../../cli/adopt/import-list.ts";
import { components, type Environment } from "../../../components/index.ts";
import { faultsOf } from "../../core/faults-of.ts";

const environment: Environment = {
  name: "dev",
  members: components(
    { cart: { owner: "t", image: "registry.example.com/store/cart", ports: { http: 8080 }, calls: [] } },
    { namespace: "store", partOf: "store", version: "1.0.0", replicas: 1, autoscaling: false },
  ),
};

const list = importList(environment, ({ kind }) => kind === "Deployment" || kind === "Service");

test("the list names components first, and their objects as children", () => {
  expect(list.resources).toEqual([
    { type: "fairlead:workload:Microservice", name: "cart", component: true },
    { type: "kubernetes:apps/v1:Deployment", name: "cart-deployment", id: "store/cart", parent: "cart" },
    { type: "kubernetes:core/v1:Service", name: "cart-service", id: "store/cart", parent: "cart" },
  ]);
});

test("a component of which nothing is there is not in it", () => {
  expect(importList(environment, () => false).resources).toEqual([]);
});

describe("a list from a file", () => {
  const read = (value: unknown) => readImportList(JSON.stringify(value), "import.json", environment);

  test("is read as it was written", () => {
    expect(read(list)).toEqual(list);
  });

  test("is refused where the environment lacks an object: the next up would delete it", () => {
    const other = { ...list.resources[1], name: "basket-deployment" };
    expect(faultsOf(() => read({ resources: [other] }))).toMatchObject([
      { component: "import.json", path: "basket-deployment", remedy: "add the entry to the catalogue first" },
    ]);
    const component = { type: "fairlead:workload:Microservice", name: "carts", component: true };
    expect(faultsOf(() => read({ resources: [component] }))).toMatchObject([{ remedy: 'did you mean "cart"?' }]);
  });

  test("is refused where the environment has another object in that role", () => {
    const renamed = { ...list.resources[1], id: "store/cart-deployment" };
    expect(faultsOf(() => read({ resources: [renamed] }))).toMatchObject([
      { value: "store/cart-deployment", problem: "but dev declares store/cart there" },
    ]);
  });

  test.each(["{", "[]", '{"resources":[{"type":"x"}]}'])("that is none is refused: %s", (text) => {
    expect(faultsOf(() => readImportList(text, "import.json", environment))).toMatchObject([
      { component: "import.json", remedy: "write it with fairlead adopt" },
    ]);
  });
});
