/** Values by two keys. Maps in a map: to put the keys together for each of many values is most of the work. */
export class Grouped<T> {
  private readonly groups = new Map<string, Map<string, T[]>>();

  add(first: string, second: string, value: T): void {
    let group = this.groups.get(first);
    if (group === undefined) {
      group = new Map();
      this.groups.set(first, group);
    }
    const values = group.get(second);
    if (values === undefined) group.set(second, [value]);
    else values.push(value);
  }

  /** In the order in which they were added. */
  of(first: string, second: string): readonly T[] {
    return this.groups.get(first)?.get(second) ?? [];
  }
}
