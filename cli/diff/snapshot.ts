import type { Environment } from "../../components/core/environment.ts";
import { view } from "../../components/core/invariants/view.ts";
import { identity, type KubernetesObject } from "../../components/core/object.ts";
import { type Link, links } from "../links.ts";
import { jsonWithDigests } from "../secret-values.ts";
import { type Requests, requests } from "./requests.ts";

/** One object of an environment as text: most are the same on both sides, and are never taken apart. */
export interface Row {
  readonly component: string;
  /** Absent where the objects were read from files. */
  readonly role?: string;
  /** Kind, namespace and name: what is one in a cluster. */
  readonly key: string;
  /** The object as JSON, digests in place of secret values. */
  readonly json: string;
}

/** An environment as it is compared. */
export interface Snapshot {
  readonly environment: string;
  readonly rows: readonly Row[];
  readonly links: readonly Link[];
  readonly requests: readonly Requests[];
}

/** @param roles Whether the roles are the components' own. */
export function snapshot(environment: Environment, roles: boolean): Snapshot {
  const seen = view(environment);
  const rows = seen.all.map(({ component, role, object }) => {
    return { component, ...(roles ? { role } : {}), key: identity(object), json: jsonWithDigests(object) };
  });
  return { environment: environment.name, rows, links: links(seen), requests: requests(seen) };
}

/** The object of a row. */
export function objectOf({ json }: Row): KubernetesObject {
  return JSON.parse(json) as KubernetesObject;
}

/** Snapshots as lines of text, so that the objects need not be read to be handed on. */
export function written(snapshots: readonly Snapshot[]): string {
  const lines: string[] = [];
  for (const { rows, ...head } of snapshots) {
    lines.push(JSON.stringify({ ...head, count: rows.length }));
    for (const { json, ...place } of rows) lines.push(JSON.stringify(place), json);
  }
  return lines.join("\n");
}

/** What {@link written} wrote. */
export function readWritten(text: string): readonly Snapshot[] {
  const lines = text === "" ? [] : text.split("\n");
  const snapshots: Snapshot[] = [];
  for (let next = 0; next < lines.length; ) {
    const { count, ...head } = JSON.parse(lines[next++] ?? "") as Omit<Snapshot, "rows"> & { readonly count: number };
    const rows: Row[] = [];
    for (let row = 0; row < count; row++) {
      const place = JSON.parse(lines[next++] ?? "") as Omit<Row, "json">;
      rows.push({ ...place, json: lines[next++] ?? "" });
    }
    snapshots.push({ ...head, rows });
  }
  return snapshots;
}
