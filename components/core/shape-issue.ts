import * as z from "zod";
import { didYouMean, type Faults, nearest } from "./fault.ts";

type Issue = z.core.$ZodIssue;
type Schema = z.core.$ZodType;
type Path = readonly PropertyKey[];

const secretive = new WeakSet<Schema>();

/** Marks a schema whose values no message may show. */
export function concealed<T extends z.ZodType>(schema: T): T {
  secretive.add(schema);
  return schema;
}

/** Notes what zod found wrong with a value, in our words. */
export function noteIssues(
  faults: Faults,
  schema: z.ZodType,
  value: unknown,
  issues: readonly Issue[],
  prefix: string,
) {
  const notes = new Notes(faults, schema, value, prefix);
  for (const issue of issues) notes.add(issue, []);
}

class Notes {
  readonly faults: Faults;
  readonly schema: Schema;
  readonly root: unknown;
  readonly prefix: string;

  constructor(faults: Faults, schema: Schema, root: unknown, prefix: string) {
    this.faults = faults;
    this.schema = schema;
    this.root = root;
    this.prefix = prefix;
  }

  add(issue: Issue, parents: Path): void {
    const path = [...parents, ...issue.path];
    const value = valueAt(this.root, path);
    switch (issue.code) {
      case "unrecognized_keys":
        for (const key of issue.keys) {
          const known = schemasAt(this.schema, path).flatMap((one) =>
            one instanceof z.ZodObject ? Object.keys(one.shape) : [],
          );
          this.note(
            [...path, key],
            valueAt(value, [key]),
            "but no such property is known",
            didYouMean(key, new Set(known)),
          );
        }
        return;
      case "invalid_union":
        this.union(issue, path, value);
        return;
      case "invalid_key":
        // The key itself is at fault, and what stands behind it is beside the point.
        for (const inner of issue.issues) {
          const [problem, remedy] = verdictOf(inner);
          this.faults.add(this.place(path), path.at(-1), problem, remedy);
        }
        return;
      case "custom":
        if (value === undefined) this.note(path, value, "but it is required", `give ${this.forms(path)}`);
        else this.note(path, value, ...verdictOf(issue));
        return;
      case "invalid_type":
        this.wrongForm(path, value);
        return;
      case "invalid_value":
        this.wrongValue(path, value, issue.values);
        return;
      default:
        this.note(path, value, `but ${issue.message}`, "correct it");
    }
  }

  /** A union's faults are those of the form that the user most likely meant; all forms are offered where none is near. */
  private union(issue: Extract<Issue, { code: "invalid_union" }>, path: Path, value: unknown): void {
    const branch = likelyBranch(issue.errors) ?? [];
    const near = branch.some(
      (inner) =>
        inner.path.length > 0 ||
        !("code" in inner && (inner.code === "invalid_type" || inner.code === "invalid_value")) ||
        (inner.code === "invalid_value" && typeof value === "string" && nearest(value, inner.values.map(String))),
    );
    if (near) for (const inner of branch) this.add(inner, path);
    else this.wrongForm(path, value);
  }

  private wrongForm(path: Path, value: unknown): void {
    const forms = this.forms(path);
    if (value === undefined) {
      this.note(path, value, "but it is required", `give ${forms}`);
      return;
    }
    this.note(path, value, "but it has the wrong form", rewritten(value, schemasAt(this.schema, path), forms));
  }

  private wrongValue(path: Path, value: unknown, allowed: readonly unknown[]): void {
    const words = allowed.map(String);
    if (value === undefined) this.note(path, value, "but it is required", `use ${choice(allowed.map(literal))}`);
    else if (typeof value === "string")
      this.note(path, value, "but it is none of the allowed values", didYouMean(value, words));
    else this.note(path, value, "but it is none of the allowed values", `use ${choice(allowed.map(literal))}`);
  }

  private forms(path: Path): string {
    const found = new Set(schemasAt(this.schema, path).flatMap(forms));
    return found.size === 0 ? "another value" : choice([...found]);
  }

  private note(path: Path, value: unknown, problem: string, remedy: string): void {
    const hide = value !== undefined && path.some((_, index) => this.hidden(path.slice(0, index + 1)));
    this.faults.add(this.place(path), hide ? "(not shown)" : value, problem, remedy);
  }

  private hidden(path: Path): boolean {
    return schemasAt(this.schema, path).some((one) => secretive.has(one));
  }

  private place(path: Path): string {
    return [...(this.prefix === "" ? [] : [this.prefix]), ...path.map(String)].join(".");
  }
}

function verdictOf(issue: Issue): readonly [problem: string, remedy: string] {
  if (issue.code !== "custom") return [`but ${issue.message}`, "correct it"];
  return [String(issue.params?.["problem"] ?? issue.message), String(issue.params?.["remedy"] ?? "correct it")];
}

/** Of a union's branches the one that the user most likely meant: the right form first, then the fewest faults. */
function likelyBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const score = (issues: readonly Issue[]) => {
    const missing = issues.filter((issue) => issue.code === "invalid_type" && issue.path.length > 0).length;
    const whole = issues.filter((issue) => issue.path.length === 0).map(({ code }) => code);
    const wrongForm = whole.includes("invalid_type") ? 100 : whole.includes("invalid_value") ? 10 : 0;
    return issues.length + missing * 2 + wrongForm;
  };
  return [...branches].sort((a, b) => score(a) - score(b))[0];
}

/** The same value in a form that is allowed, where that is plain to see; else the allowed forms. */
function rewritten(value: unknown, schemas: readonly Schema[], forms: string): string {
  const takes = (kind: typeof z.ZodString | typeof z.ZodNumber | typeof z.ZodArray) =>
    schemas.length === 1 && schemas[0] instanceof kind;
  if ((Number.isFinite(value) || typeof value === "boolean") && takes(z.ZodString)) {
    return `write it in quotes: "${value}"`;
  }
  if (typeof value === "string" && /^\d+(\.\d+)?$/.test(value) && takes(z.ZodNumber)) {
    return `write it without quotes: ${value}`;
  }
  if (typeof value === "string" && takes(z.ZodArray)) return "write it as a list: [ … ]";
  return `give ${forms}`;
}

/** Properties of an object that are named in a message; the documentation has the rest. */
const NAMED_PROPERTIES = 5;

/** What a schema takes, as one would write it. */
function forms(schema: Schema): readonly string[] {
  if (schema instanceof z.ZodString) return ["a text"];
  if (schema instanceof z.ZodNumber) return ["a number"];
  if (schema instanceof z.ZodBoolean) return ["true", "false"];
  if (schema instanceof z.ZodNull) return ["null"];
  if (schema instanceof z.ZodArray) return ["a list: [ … ]"];
  if (schema instanceof z.ZodRecord) return ["an object: { name: … }"];
  if (schema instanceof z.ZodLiteral) return [...schema.values].map(literal);
  if (schema instanceof z.ZodEnum) return schema.options.map(literal);
  if (schema instanceof z.ZodObject) return [objectForm(schema)];
  return [z.globalRegistry.get(schema)?.description ?? "another value"];
}

function objectForm(schema: z.ZodObject): string {
  const keys = Object.entries(schema.shape).map(([key, inner]) =>
    inner instanceof z.ZodOptional ? `${key}?: …` : `${key}: …`,
  );
  const inOrder = [...keys.filter((key) => !key.includes("?")), ...keys.filter((key) => key.includes("?"))];
  const named = inOrder.slice(0, NAMED_PROPERTIES);
  return `{ ${[...named, ...(inOrder.length > named.length ? ["…"] : [])].join(", ")} }`;
}

function literal(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}

/** "a", "b" or "c". */
function choice(words: readonly string[]): string {
  const last = words.at(-1) ?? "";
  return words.length < 2 ? last : `${words.slice(0, -1).join(", ")} or ${last}`;
}

function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const key of path) value = typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
  return value;
}

/** What a schema says of the value at a path: one schema, or several where a union leaves the choice. */
function schemasAt(schema: Schema, path: Path): readonly Schema[] {
  let found = unwrapped(schema);
  for (const key of path) found = found.flatMap((one) => below(one, key)).flatMap(unwrapped);
  return found;
}

function below(schema: Schema, key: PropertyKey): readonly Schema[] {
  if (schema instanceof z.ZodObject) {
    const inner: unknown = Object.hasOwn(schema.shape, key) ? schema.shape[String(key)] : undefined;
    return inner instanceof z.ZodType ? [inner] : [];
  }
  if (schema instanceof z.ZodArray) return [schema.element];
  if (schema instanceof z.ZodRecord) return [schema.valueType];
  return [];
}

function unwrapped(schema: Schema): readonly Schema[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodLazy) return unwrapped(schema.unwrap());
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(unwrapped);
  return [schema];
}
