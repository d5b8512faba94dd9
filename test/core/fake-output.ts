/** A stand-in for an engine's Output: bears the mark by which one is told, and nothing else of the engine. */
export function fakeOutput<T>(value: T): object {
  return { __pulumiOutput: true, value: Promise.resolve(value), toString: () => String(value) };
}
