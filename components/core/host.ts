import { isIPv4 } from "node:net";
import { isHostName } from "./name.ts";
import type { Verdict } from "./shape.ts";

/** Whether a text names what a gateway serves: a host, or with "*." in front all hosts below one. */
export function isServedHost(text: string): boolean {
  const host = text.startsWith("*.") ? text.slice(2) : text;
  // The Gateway API takes no addresses.
  return isHostName(host) && !isIPv4(host);
}

/** What is wrong with a host, and how it is written. */
export function hostVerdict(text: string): Verdict {
  if (isServedHost(text)) return undefined;
  const bare = text
    .toLowerCase()
    .replace(/^[a-z][a-z0-9+.-]*:\/\//, "")
    .replace(/[/?#:].*$/, "");
  return isServedHost(bare)
    ? ["but a host has no scheme, port, path or capital letter", `write "${bare}"`]
    : ["but it is no host name", 'use for example "shop.example.com", or "*.example.com" for all below it'];
}

/** Whether every request for the host is one for the pattern too. An absent pattern takes every host. */
export function hostCovers(pattern: string | undefined, host: string): boolean {
  return pattern === undefined || pattern === host || (pattern.startsWith("*.") && host.endsWith(pattern.slice(1)));
}

/** Whether some request is for both. */
export function hostsMeet(one: string | undefined, other: string | undefined): boolean {
  if (one === undefined || other === undefined) return true;
  return hostCovers(one, other) || hostCovers(other, one);
}

/** Whether a certificate for these names is one for the host: there "*." stands for exactly one label. RFC 6125, 6.4.3 */
export function isCertified(names: Iterable<string>, host: string): boolean {
  const above = host.startsWith("*.") ? undefined : `*${host.slice(Math.max(0, host.indexOf(".")))}`;
  for (const name of names) if (name === host || name === above) return true;
  return false;
}

/** Two prefixes that take the same requests are written alike: a slash at the end means nothing. */
export function prefixOf(path: string): string {
  return path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
}
