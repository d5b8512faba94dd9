/** A version as major, minor and patch numbers. */
export type Version = readonly [major: number, minor: number, patch: number];

/** Versions from `from` (included) to `below` (excluded). */
export interface VersionRange {
  readonly from: string;
  readonly below: string;
}

const VERSION = /(\d+)\.(\d+)(?:\.(\d+))?/;
const FULL_VERSION = /(\d+)\.(\d+)\.(\d+)/;

/** The first version in a text such as "etcd Version: 3.6.8"; undefined when there is none. */
export function findVersion(text: string): string | undefined {
  return FULL_VERSION.exec(text)?.[0];
}

/** Reads "3.255.0", "v1.36.3" or "go1.26". Throws on a text without a version. */
export function parseVersion(text: string): Version {
  const match = VERSION.exec(text);
  if (match === null) throw new Error(`"${text}" holds no version such as 1.2.3`);
  return [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
}

/** Below 0 when `a` is older than `b`, 0 when they are the same. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [parseVersion(a), parseVersion(b)];
  return left[0] - right[0] || left[1] - right[1] || left[2] - right[2];
}

/** Whether a version lies in the range. */
export function fits(version: string, range: VersionRange): boolean {
  return compareVersions(version, range.from) >= 0 && compareVersions(version, range.below) < 0;
}
