/** What a component is called, in each place that names it. */
export interface ComponentWords {
  /** "policy" */
  readonly area: string;
  /** "rate-limit" */
  readonly name: string;
  /** "RateLimit" */
  readonly type: string;
  /** "rateLimit" */
  readonly value: string;
  /** "rate limit" */
  readonly words: string;
  /** "a" */
  readonly article: string;
}

/** A component that works: the part that every one has, and one object to begin with. */
export function componentText({ type, value, words, article }: ComponentWords): string {
  return `import type { ConfigMap } from "../core/kind.ts";
import { labels } from "../core/name.ts";
import type { Objects } from "../core/object.ts";
import { checkShape, componentName, faultsOf, filled, labelValue, maybe, namespaceName, partName, recordOf, strict } from "../core/shape.ts";

/** What is said of ${article} ${words}. */
export interface ${type}Props {
  /** DNS label of at most 52 characters; the name of its objects. */
  readonly name: string;
  readonly namespace: string;
  /** The team that is called when it breaks. @default nobody is named */
  readonly owner?: string;
  /** The application it belongs to. @default none is named */
  readonly partOf?: string;
  /** What it is set to: key -> text that is not empty. @default nothing */
  readonly settings?: Readonly<Record<string, string>>;
}

/** What ${article} ${words} consists of. */
export interface ${type}Objects extends Objects {
  readonly settings: ConfigMap;
}

const shape = strict<${type}Props>({
  name: componentName,
  namespace: namespaceName,
  owner: maybe(labelValue),
  partOf: maybe(labelValue),
  settings: maybe(recordOf(filled, partName)),
});

/**
 * ${article === "a" ? "A" : "An"} ${words}: its settings in a ConfigMap.
 * @throws FaultError with everything that is wrong with the props.
 */
export function ${value}(props: ${type}Props): ${type}Objects {
  const faults = faultsOf(props, "${words}");
  checkShape(faults, shape, props);
  faults.check();
  const { name, namespace, owner, partOf, settings = {} } = props;
  const configMap: ConfigMap = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, namespace, labels: labels({ name, owner, partOf, component: "${words.replaceAll(" ", "-")}" }) },
    data: settings,
  };
  return { settings: configMap };
}
`;
}

/** The component with every property, as somebody would write it. */
export function exampleText({ name, type, value, words, article }: ComponentWords): string {
  return `import { type ${type}Objects, ${value} } from "../../components/index.ts";

/** ${article === "a" ? "A" : "An"} ${words} with everything that can be said of it. */
export const ${value}Example: ${type}Objects = ${value}({
  name: "${name}",
  namespace: "shop",
  owner: "checkout",
  partOf: "shop",
  settings: { mode: "strict" },
});
`;
}

/** Tests with the fewest props, with all of them, and with wrong ones. */
export function testText({ name, type, value, words, article }: ComponentWords): string {
  return `import { describe, expect, test } from "vitest";
import { type ${type}Props, ${value} } from "../../components/index.ts";
import { ${value}Example } from "../../examples/components/${name}.ts";
import { faultsOf } from "../core/faults-of.ts";

const minimal: ${type}Props = { name: "${name}", namespace: "shop" };

describe("${article} ${words} with nothing but a name", () => {
  const objects = ${value}(minimal);

  test("consists of its settings, which are empty", () => {
    expect(Object.keys(objects)).toEqual(["settings"]);
    expect(objects.settings.data).toEqual({});
  });

  test("bears its name, in its namespace", () => {
    expect(objects.settings.metadata).toMatchObject({ name: "${name}", namespace: "shop" });
  });
});

describe("${article} ${words} with everything", () => {
  test("holds what it is set to", () => {
    expect(${value}Example.settings.data).toEqual({ mode: "strict" });
  });

  test("says whose it is", () => {
    expect(${value}Example.settings.metadata.labels).toMatchObject({
      "app.kubernetes.io/part-of": "shop",
      "fairlead.dev/owner": "checkout",
    });
  });
});

test("everything that is wrong is told at once", () => {
  const wrong = { name: "No Name", namespace: "", owner: "no body", settings: { mode: "" } };
  expect(faultsOf(() => ${value}(wrong)).map(({ path }) => path)).toEqual([
    "name",
    "namespace",
    "owner",
    "settings.mode",
  ]);
});
`;
}

/** The class for Pulumi, and what it needs beside what its file has. */
export function pulumiClass({ area, name, type, value, words, article }: ComponentWords): {
  readonly imports: string;
  readonly declaration: string;
} {
  return {
    imports: `import { type ${type}Objects, type ${type}Props, ${value} } from "../${area}/${name}.ts";\n`,
    declaration: `/** ${article === "a" ? "A" : "An"} ${words}, as a component of the engine. */
export class ${type} extends Component<${type}Objects> {
  constructor(name: string, props: Omit<${type}Props, "name">, options: ComponentOptions<${type}Objects> = {}) {
    const objects = reported(() => ${value}({ ...props, name }));
    super("fairlead:${area}:${type}", name, objects, options);
  }
}
`,
  };
}

/** Rows of the table of components that Pulumi, cdk8s and YAML must hand on alike. */
export function parityRows({ name, value, words, article }: ComponentWords): {
  readonly imports: string;
  readonly rows: string;
} {
  return {
    imports: `import { ${value} } from "../../components/index.ts";\nimport { ${value}Example } from "../../examples/components/${name}.ts";\n`,
    rows: `  "${article} ${words}": () => ${value}({ name: "${name}", namespace: "shop" }),
  "${article} ${words} with everything": () => ${value}Example,
`,
  };
}
