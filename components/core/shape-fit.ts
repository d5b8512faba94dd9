import * as z from "zod";

type Schema = z.core.$ZodType;
type Fits = (value: unknown) => boolean;

/** What a rule of our own adds to a schema. */
interface Rule {
  readonly schema: Schema;
  readonly holds: Fits;
}

const RULES = new WeakMap<Schema, Rule>();
const FITS = new WeakMap<Schema, Fits>();

/** Remembers that a schema is another one with a rule, which zod keeps to itself. */
export function ruled<T extends Schema>(narrowed: T, schema: Schema, holds: Fits): T {
  RULES.set(narrowed, { schema, holds });
  return narrowed;
}

/**
 * Whether a value surely has a shape, told without the copy and the notes that zod makes of each value: nearly everything
 * that is checked is sound. False where zod has to look, as with a schema or a value that is not the usual one.
 */
export function surelyFits(schema: Schema, value: unknown): boolean {
  return fitsOf(schema)(value);
}

function fitsOf(schema: Schema): Fits {
  const known = FITS.get(schema);
  if (known !== undefined) return known;
  const fits = made(schema);
  FITS.set(schema, fits);
  return fits;
}

const never: Fits = () => false;

function made(schema: Schema): Fits {
  const rule = RULES.get(schema);
  if (rule !== undefined) {
    const inner = fitsOf(rule.schema);
    return (value) => inner(value) && rule.holds(value);
  }
  if (schema instanceof z.ZodCustom) return (value) => Boolean(schema._zod.def.fn(value as never));
  const { checks = [], format } = schema._zod.def as z.core.$ZodStringFormatDef | { checks?: never; format?: never };
  // Forms such as a URL are zod's to judge, and its own checks, but for the usual one.
  const least = leastLength(checks);
  if (least === undefined || format !== undefined) return never;
  const fits = unchecked(schema);
  return checks.length === 0 ? fits : (value) => fits(value) && (value as { readonly length: number }).length >= least;
}

/** What checks ask for when they ask for a length of at least so much, or for nothing. */
function leastLength(checks: readonly z.core.$ZodCheck<never>[]): number | undefined {
  const lengths = checks.map(({ _zod }) => (_zod.def as z.core.$ZodCheckMinLengthDef).minimum);
  return checks.every(({ _zod }) => _zod.def.check === "min_length") ? Math.max(0, ...lengths) : undefined;
}

function unchecked(schema: Schema): Fits {
  if (schema instanceof z.ZodString) return (value) => typeof value === "string";
  if (schema instanceof z.ZodNumber) return Number.isFinite;
  if (schema instanceof z.ZodBoolean) return (value) => typeof value === "boolean";
  if (schema instanceof z.ZodEnum || schema instanceof z.ZodLiteral) return oneOf(schema._zod.values);
  if (schema instanceof z.ZodExactOptional || schema instanceof z.ZodXor) return never;
  if (schema instanceof z.ZodOptional) return optional(schema.unwrap());
  if (schema instanceof z.ZodUnion) return either(schema.options);
  if (schema instanceof z.ZodArray) return listOf(schema.element);
  if (schema instanceof z.ZodRecord) return mapOf(schema.keyType, schema.valueType);
  if (schema instanceof z.ZodObject) return objectOf(schema);
  // Looked into only when there is a value: such a schema may hold itself.
  if (schema instanceof z.ZodLazy) return (value) => surelyFits(schema._zod.innerType, value);
  if (schema instanceof z.ZodNull) return (value) => value === null;
  if (schema instanceof z.ZodUnknown) return () => true;
  return never;
}

function oneOf(values: ReadonlySet<unknown>): Fits {
  return (value) => values.has(value);
}

function optional(schema: Schema): Fits {
  const inner = fitsOf(schema);
  return (value) => value === undefined || inner(value);
}

function either(schemas: readonly Schema[]): Fits {
  const branches = schemas.map(fitsOf);
  return (value) => {
    for (const branch of branches) if (branch(value)) return true;
    return false;
  };
}

function listOf(schema: Schema): Fits {
  const item = fitsOf(schema);
  return (value) => {
    if (!Array.isArray(value)) return false;
    for (let index = 0; index < value.length; index++) if (!item(value[index])) return false;
    return true;
  };
}

type Plain = Readonly<Record<string, unknown>>;

/** An object literal: others may have more than their keys. */
function isUsual(value: unknown): value is Plain {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function mapOf(keys: Schema, values: Schema): Fits {
  // Of words that are listed zod wants each to be there.
  if (keys._zod.values !== undefined) return never;
  const key = fitsOf(keys);
  const inner = fitsOf(values);
  return (value) => {
    if (!isUsual(value) || Object.getOwnPropertySymbols(value).length > 0) return false;
    // zod passes over a key of this name.
    for (const name of Object.keys(value)) if (name === "__proto__" || !key(name) || !inner(value[name])) return false;
    return true;
  };
}

/** Every key that is there is right, and as many are there as must be. */
function objectOf(schema: z.ZodObject): Fits {
  const { catchall } = schema._zod.def;
  const loose = catchall instanceof z.ZodUnknown;
  if (!loose && !(catchall instanceof z.ZodNever)) return never;
  const properties = new Map(
    Object.entries(schema.shape).map(([key, inner]) => [
      key,
      { fits: fitsOf(inner), counts: inner instanceof z.ZodOptional ? 0 : 1 },
    ]),
  );
  const required = [...properties.values()].reduce((sum, { counts }) => sum + counts, 0);
  return (value) => {
    if (!isUsual(value)) return false;
    let found = 0;
    for (const key of Object.keys(value)) {
      const property = properties.get(key);
      if (property === undefined && loose && key !== "__proto__") continue;
      if (property === undefined || !property.fits(value[key])) return false;
      found += property.counts;
    }
    return found === required;
  };
}
