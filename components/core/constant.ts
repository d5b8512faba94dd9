const CONSTANTS = new WeakSet<object>();

/**
 * A part that many objects share, such as the labels of a component: frozen to its depth, so that none of them can change
 * it for the others, and known as such, so that it is written down once.
 */
export function constant<const T extends object>(part: T): T {
  freeze(part);
  CONSTANTS.add(part);
  return part;
}

/** Whether a value is a part that can never change. */
export function isConstant(value: object): boolean {
  return CONSTANTS.has(value);
}

function freeze(value: object): void {
  Object.freeze(value);
  for (const inner of Object.values(value)) {
    if (typeof inner === "object" && inner !== null && !Object.isFrozen(inner)) freeze(inner);
  }
}
