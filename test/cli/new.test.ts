import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openProject } from "../../cli/project.ts";
import { writeChanges } from "../../cli/scaffold/changes.ts";
import { componentChanges } from "../../cli/scaffold/component.ts";
import { serviceChanges } from "../../cli/scaffold/service.ts";
import { FaultError } from "../../components/core/fault.ts";
import { projectWith } from "./project.ts";
import { fairlead, folderWith, ROOT } from "./workbench.ts";

const TABLE = `export const services = catalogue({
  user: {
    image: "registry.example.com/welcome/user",
  },
});

export const others = list({
  a: 1,
});
`;

async function told(step: () => unknown): Promise<string> {
  try {
    await step();
  } catch (error) {
    if (error instanceof FaultError) return error.message;
    throw error;
  }
  return "no fault";
}

describe("a new service", () => {
  const inTable = async (table: string, name = "greeter") => {
    const folder = projectWith({ "infra/services.ts": table });
    return serviceChanges(await openProject(folder), name, {})[0]?.text;
  };

  test("stands behind the last entry of the table, with an image beside the others", async () => {
    expect(await inTable(TABLE)).toBe(
      TABLE.replace(
        "  },\n});",
        `  },
  greeter: {
    owner: "shop",
    image: "registry.example.com/welcome/greeter",
    ports: { http: 8080 },
    calls: [],
  },
});`,
      ),
    );
  });

  test("may be the first one", async () => {
    expect(await inTable("export const services = catalogue({});\n", "order-history")).toMatch(
      /catalogue\(\{\n {2}"order-history": \{\n {4}owner: "shop",\n[^}]+\/shop\/order-history",\n {4}ports: .+\n {4}calls: \[\],\n {2}\},\n\}\);\n$/,
    );
  });

  test("of a name that cannot be, or that something has, is refused", async () => {
    const folder = projectWith({ "infra/services.ts": TABLE });
    const project = await openProject(folder);
    const refused = (name: string, owner?: string) =>
      told(() => serviceChanges(project, name, owner === undefined ? {} : { owner }));
    expect(await refused("Order")).toMatch(/^service is "Order", but a name is lower-case .+; use at most 52/);
    expect(await refused("mail", "my team")).toMatch(
      /^service: --owner is "my team", but a label's .+; use "my-team"$/,
    );
    expect(await refused("order")).toBe(
      'service is "order", but there is one of that name already; choose another, or edit infra/services.ts',
    );
    // The namespace is no service, but a component of the environment all the same.
    expect(await refused("namespace")).toMatch(/^service is "namespace", but there is one/);
  });

  test("needs a table that it can be added to", async () => {
    const project = await openProject(projectWith());
    expect(await told(() => serviceChanges(project, "greeter", {}))).toMatch(/^infra\/services\.ts is missing, but/);
    expect(await told(() => inTable("export const services = {};\n"))).toMatch(
      /^infra\/services\.ts: services has no table that an entry could be added to; let it begin with/,
    );
  });

  test("that is refused on the command line leaves no file", async () => {
    const folder = projectWith({ "infra/services.ts": TABLE, "test/infra/greeter.test.ts": "mine" });
    const { status, stderr } = await fairlead(folder, ["new", "service", "greeter"]);
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr:
        "test/infra/greeter.test.ts is there already, and would be overwritten; choose another name, or move the file away\n",
    });
    expect(readFileSync(join(folder, "infra/services.ts"), "utf8")).toBe(TABLE);
    expect(readFileSync(join(folder, "test/infra/greeter.test.ts"), "utf8")).toBe("mine");
  });

  test("says what was made, and what comes next", async () => {
    const folder = projectWith({ "infra/services.ts": TABLE });
    const { status, stdout } = await fairlead(folder, ["new", "service", "greeter", "--owner", "welcome"]);
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: `edited  infra/services.ts
made    test/infra/greeter.test.ts
say what greeter needs in infra/services.ts, and look: fairlead preview
`,
    });
    expect(readFileSync(join(folder, "infra/services.ts"), "utf8")).toContain('owner: "welcome"');
  });
});

describe("a new component", () => {
  const refused = (path: string, root = ROOT) => told(() => componentChanges(root, path));

  test("is a file with its class, example, tests and lines in the indexes", async () => {
    const changes = await componentChanges(ROOT, "resilience/rate-limit");
    expect(changes.map(({ what, file }) => `${what} ${file}`)).toEqual([
      "made components/resilience/rate-limit.ts",
      "made test/resilience/rate-limit.test.ts",
      "made examples/components/rate-limit.ts",
      "edited components/index.ts",
      "edited components/pulumi/index.ts",
      "made components/pulumi/resilience.ts",
      "edited test/parity/components.ts",
    ]);
  });

  test("stands in its area's index where the area has one", async () => {
    const files = (await componentChanges(ROOT, "observability/usage-alarm")).map(({ file }) => file);
    expect(files).toContain("components/observability/index.ts");
    expect(files).not.toContain("components/index.ts");
  });

  test.each([
    ["rate-limit", 'component is "rate-limit", but a component has an area and a name; write it as policy/rate-limit'],
    ["a/b/c", 'component is "a/b/c", but a component has'],
    ["policy/Rate", 'component: name is "Rate", but a name is lower-case'],
    ["polcy/rate-limit", 'component: area is "polcy", but components stand in no such area; did you mean "policy"?'],
    ["core/rate-limit", 'component: area is "core", but components stand in no such area; '],
    ["policy/secret-store", "but components/index.ts has secretStore already; choose another name"],
    ["policy/microservice", "but components/index.ts has microservice already"],
    ["policy/catalogue", "but components/index.ts has catalogue already"],
    ["policy/component", "but components/pulumi/index.ts has Component already"],
    ["policy/full", "but test/parity/components.ts has full already"],
    ["policy/delete", "but JavaScript keeps the word delete for itself"],
    ["policy/labels", "but labels is something that every component uses"],
    ["policy/expect", "but expect is something that every component uses"],
  ])("%s is refused", async (path, message) => {
    expect(await refused(path)).toContain(message);
  });

  test("is made in a checkout, not in any project", async () => {
    expect(await refused("policy/rate-limit", projectWith())).toMatch(
      /^components\/index\.ts is missing, but a component is made in a checkout/,
    );
  });
});

test("a file that is in the way keeps all others from being written", async () => {
  const folder = folderWith({ "b.txt": "mine" });
  const changes = ["a.txt", "b.txt"].map((file) => ({ file, text: "ours", what: "made" as const }));
  expect(await told(() => writeChanges(folder, changes))).toMatch(/^b\.txt is there already/);
  expect(existsSync(join(folder, "a.txt"))).toBe(false);
  expect(readFileSync(join(folder, "b.txt"), "utf8")).toBe("mine");
});
