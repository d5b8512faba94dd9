/** What is made when it is first asked for, and handed out again from then on. A step that throws is taken anew. */
export function once<T extends object>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
