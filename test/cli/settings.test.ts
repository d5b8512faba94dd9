import { describe, expect, test } from "vitest";
import { configIn, holdsSecret, readSettings } from "../../cli/settings.ts";
import { FaultError, isOutput } from "../../components/index.ts";

const program = { project: "shop", texts: ["version"] };

function settings(stack: string, project?: string) {
  return readSettings(program, {
    stack: { name: "Pulumi.dev.yaml", text: stack },
    ...(project === undefined ? {} : { project: { name: "Pulumi.yaml", text: project } }),
  });
}

function faultOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof FaultError) return error.message;
    throw error;
  }
  return "no fault";
}

describe("settings of a stack's file", () => {
  test("are those under the project's name, as the engine hands them over", () => {
    const text = `config:
  shop:replicas: 3
  shop:quoted: "3"
  shop:autoscaling: true
  shop:name: order
  shop:services: { order: { replicas: 2 } }
  shop:empty:
  kubernetes:namespace: other
`;
    expect(settings(text)).toEqual({
      replicas: 3,
      quoted: 3,
      autoscaling: true,
      name: "order",
      services: { order: { replicas: 2 } },
      empty: "",
    });
  });

  test("stay text where the program says that they are", () => {
    expect(settings(`config: { shop:version: "1.10" }`)).toEqual({ version: "1.10" });
  });

  test.each(["", "# nothing yet\n", "config:\n", "encryptionsalt: v1:abc\n"])("are none in %j", (text) => {
    expect(settings(text)).toEqual({});
  });

  test("that are encrypted are Outputs to the program, however deep the secret stands", () => {
    const read = settings(`config:
  shop:key: { secure: AAAB }
  shop:services: { order: { variables: { KEY: { secure: AAAB } } } }
  shop:plain: { secure: AAAB, other: 1 }
`);
    expect(isOutput(read["key"])).toBe(true);
    expect(isOutput(read["services"])).toBe(true);
    expect(read["plain"]).toEqual({ secure: "AAAB", other: 1 });
  });

  test("that bear no name are refused, with the name they need", () => {
    expect(faultOf(() => settings("config: { replicas: 3 }"))).toBe(
      "Pulumi.dev.yaml: replicas does not say whom it is for; write shop:replicas",
    );
  });

  test.each([
    ["config:\n  shop:a: [1, 2\n", "Pulumi.dev.yaml:3:1 is no YAML: Flow sequence"],
    ["config:\n  shop:a: 1\n  shop:a: 2\n", "Pulumi.dev.yaml:3:3 is no YAML: Map keys must be unique"],
    ["config: [1]\n", "Pulumi.dev.yaml: config is [1], but it is a map of settings"],
  ])("that cannot be read are refused with their place: %j", (text, message) => {
    expect(faultOf(() => settings(text))).toContain(message);
  });
});

describe("settings of the project's file", () => {
  test("are defaults, with or without the project's name and a type", () => {
    const project = `config:
  replicas: 2
  shop:name: order
  autoscaling: { type: boolean, default: false }
  needed: { type: string }
  kubernetes:namespace: other
`;
    expect(settings("config: { shop:replicas: 5 }", project)).toEqual({
      replicas: 5,
      name: "order",
      autoscaling: false,
    });
  });
});

test("other namespaces' settings are found under their whole key", () => {
  expect(configIn({ name: "Pulumi.dev.yaml", text: "config: { kubernetes:context: here }" })).toEqual([
    ["kubernetes:context", "here"],
  ]);
});

test("a map that happens to have a property named secure is no secret", () => {
  expect(holdsSecret({ secure: true })).toBe(false);
  expect(holdsSecret([{ secure: "AAAB" }])).toBe(true);
});
