/** The bound keeps a hostile input from filling memory. */
const KEPT = 4096;

/** What was read from a text before: an environment says the same few hundred things thousands of times. */
export function remembered<T>(read: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined || known.has(text)) return found as T;
    const value = read(text);
    if (known.size < KEPT) known.set(text, value);
    return value;
  };
}
