// What a YAML file says is known to nobody before it was looked at: these read it without trusting its shape.

/** The value at a path; undefined where there is none. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  let found: unknown = value;
  for (const key of path) found = typeof found === "object" && found !== null ? Reflect.get(found, key) : undefined;
  return found ?? undefined;
}

export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function map(value: unknown): Readonly<Record<string, unknown>> {
  return isMap(value) ? value : {};
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A text, or a number as Kubernetes would read it where it expects text. */
export function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : undefined;
}

export function texts(value: unknown): readonly string[] {
  return list(value).flatMap((one) => text(one) ?? []);
}

/** Those of a map whose values are texts. */
export function textMap(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(map(value)).flatMap(([key, one]) => (text(one) === undefined ? [] : [[key, text(one) ?? ""]])),
  );
}

export function number(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

/** A property that is there, or none: `...given("size", size)`. */
export function given<K extends string, T>(key: K, value: T | undefined): { readonly [P in K]?: T } {
  const empty = isMap(value) && Object.keys(value).length === 0;
  return (value === undefined || empty ? {} : { [key]: value }) as { readonly [P in K]?: T };
}
