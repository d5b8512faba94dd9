/**
 * A setting as a program reads it, the same whether the engine hands it over, as text, or a file does, as YAML: `pulumi
 * config set replicas 3` writes "3" and means 3. Text that is exactly a number, a truth value, a map or a list becomes
 * one; "1.10" stays text, as it would come back as 1.1.
 * @param isText The program says that it is text whatever it looks like, such as a version "1.5".
 */
export function settingValue(value: unknown, isText: boolean): unknown {
  if (typeof value === "object" && value !== null) return value;
  const text = String(value);
  if (isText) return text;
  try {
    const read: unknown = JSON.parse(text);
    if (read === null) return text;
    return typeof read === "object" || String(read) === text ? read : text;
  } catch {
    return text;
  }
}
