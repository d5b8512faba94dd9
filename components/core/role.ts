/** A word as roles are written: "ConfigMap" -> "configMap", "HTTPRoute" -> "httpRoute", "PVC" -> "pvc". */
export function roleWord(word: string): string {
  return word.replace(/^(?:[A-Z]+(?=[A-Z][a-z]|[^A-Za-z]|$)|[A-Z])/, (start) => start.toLowerCase());
}
