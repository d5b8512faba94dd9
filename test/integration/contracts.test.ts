import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { goEnvironment } from "../../toolchain/build.ts";
import { ROOT } from "./cli.ts";
import { run } from "./process.ts";

const SERVICES = join(ROOT, "services");
let copy: string;

beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), "contracts-"));
  for (const name of ["buf.yaml", "buf.gen.yaml", "go.mod", "go.sum", "api"]) {
    await cp(join(SERVICES, name), join(copy, name), { recursive: true });
  }
});

afterAll(() => rm(copy, { recursive: true, force: true }));

function buf(folder: string, ...args: readonly string[]) {
  const env = goEnvironment(process.env) as NodeJS.ProcessEnv;
  return run(join(ROOT, "node_modules/.bin/buf"), args, { cwd: folder, env });
}

const breaking = (folder: string) => buf(folder, "breaking", "--against", join(SERVICES, "api/contract.binpb"));

/** Changes one contract of the copy, looks, and puts it back. */
async function changed<T>(name: string, from: string, to: string, look: () => Promise<T>): Promise<T> {
  const file = join(copy, `api/shop/${name}/v1/${name}.proto`);
  const text = await readFile(file, "utf8");
  expect(text).toContain(from);
  await writeFile(file, text.replace(from, to));
  try {
    return await look();
  } finally {
    await writeFile(file, text);
  }
}

test("the contracts follow the field's rules", async () => {
  expect(await buf(SERVICES, "lint")).toMatchObject({ status: 0, stdout: "" });
  expect(await buf(SERVICES, "format", "--diff", "--exit-code")).toMatchObject({ status: 0, stdout: "" });
  const control = await changed("order", "message GetOrderRequest", "message get_order", () => buf(copy, "lint"));
  expect(control.status).not.toBe(0);
});

test("the code in the repository is what the contracts generate", async () => {
  const files = (await readdir(join(SERVICES, "api"), { recursive: true })).filter((name) => name.endsWith(".pb.go"));
  expect(files).toHaveLength(10);
  for (const name of files) await rm(join(copy, "api", name));
  expect(await buf(copy, "generate")).toMatchObject({ status: 0 });
  for (const name of files) {
    const texts = [SERVICES, copy].map((folder) => readFile(join(folder, "api", name), "utf8"));
    const [committed, fresh] = await Promise.all(texts);
    expect(fresh === committed, `${name} is stale: npm run contracts`).toBe(true);
  }
});

test("who was built against the contracts that are out can go on", async () => {
  expect(await breaking(SERVICES)).toMatchObject({ status: 0, stdout: "" });
});

test.for([
  ["a field is gone", "order", "  string reason = 6;\n", ""],
  ["a field has another type", "order", "int64 total_cents", "int32 total_cents"],
  ["a field has another number", "payment", "string receipt = 1", "string receipt = 2"],
  ["a method is gone", "shipment", "  rpc GetBooks(GetBooksRequest) returns (GetBooksResponse);\n", ""],
  ["a method takes something else", "user", "rpc GetUser(GetUserRequest)", "rpc GetUser(CreateUserRequest)"],
  ["a value of an enum is gone", "order", "  ORDER_STATE_CANCELLED = 4;\n", ""],
] as const)("breaks them: %s", async ([, name, from, to]) => {
  const { status } = await changed(name, from, to, () => breaking(copy));
  expect(status).not.toBe(0);
});

test("a field more breaks nobody", async () => {
  const added = "  string reason = 6;\n  string note = 7;\n";
  expect(await changed("order", "  string reason = 6;\n", added, () => breaking(copy))).toMatchObject({ status: 0 });
});
