import { remembered } from "./remembered.ts";

/** An amount in Kubernetes' own notation: "250m" (CPU cores), "128Mi" (bytes), "1.5". */
export type Quantity = string;

// https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
const SUFFIXES: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

const QUANTITY = /^(\d+(?:\.\d*)?|\.\d+)(?:(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)|[eE]([+-]?\d{1,2}))?$/;

/** The amount as a number of cores or bytes; undefined when the text is no quantity. Negative amounts are none here. */
export const quantityValue: (text: Quantity) => number | undefined = remembered((text) => {
  const match = typeof text === "string" ? QUANTITY.exec(text) : null;
  if (match === null) return undefined;
  const [, digits = "", suffix = "", exponent] = match;
  return Number(digits) * (exponent === undefined ? (SUFFIXES[suffix] ?? 1) : 10 ** Number(exponent));
});

/** Bytes as the largest whole binary unit: 120795955 -> "117964Ki". Rounded down to a KiB. */
export function bytes(amount: number): Quantity {
  const kibibytes = Math.floor(amount / 1024);
  if (kibibytes % 2 ** 20 === 0) return `${kibibytes / 2 ** 20}Gi`;
  if (kibibytes % 2 ** 10 === 0) return `${kibibytes / 2 ** 10}Mi`;
  return `${kibibytes}Ki`;
}
