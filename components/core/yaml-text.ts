import { stringify } from "yaml";

/** A value as YAML text, keys in their own order. */
export function toYamlValue(value: unknown): string {
  return stringify(value);
}
