/** How the user calls us: through npm in a checkout, where options need a "--", or as a program. */
export function invocation(...words: readonly string[]): string {
  if (process.env["npm_lifecycle_event"] === undefined) return ["fairlead", ...words].join(" ");
  const [command = "", ...rest] = words;
  return ["npm run", command, ...(rest.length === 0 ? [] : ["--", ...rest])].join(" ");
}
