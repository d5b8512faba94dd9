/** One step of the engine: what it does to which resource. */
export interface Step {
  /** create, update, create-replacement, delete, same, … */
  readonly op: string;
  /** The engine's name for the resource, `<member>-<role>` for ours. */
  readonly name: string;
  readonly type: string;
  /** Name of the component that it belongs to; empty for what belongs to none. */
  readonly parent: string;
  /** Whether it is an object of some provider; components, the stack and providers themselves are not. */
  readonly isObject: boolean;
  /** Properties that an update changes, as far as the engine knows them. */
  readonly properties: readonly string[];
}

/** Something that the engine, a provider or the program has to say. */
export interface Diagnostic {
  readonly severity: "info" | "warning" | "error";
  readonly message: string;
  /** Name of the resource that it is about; empty when it is about none. */
  readonly about: string;
  /** Whether it only tells how far something is. */
  readonly isProgress: boolean;
}

/** What the engine tells while it works. */
export type EngineEvent =
  | { readonly kind: "begun"; readonly step: Step }
  | { readonly kind: "done"; readonly step: Step }
  | { readonly kind: "failed"; readonly step: Step }
  | ({ readonly kind: "diagnostic" } & Diagnostic);

const STEPS = { resourcePreEvent: "begun", resOutputsEvent: "done", resOpFailedEvent: "failed" } as const;

/** Reads one line of the engine's JSON; undefined for what nobody needs, and for what is no event. */
export function readEvent(line: string): EngineEvent | undefined {
  const event = parsed(line);
  for (const [key, kind] of Object.entries(STEPS)) {
    const metadata = field(field(event, key), "metadata");
    if (metadata !== undefined) return { kind, step: readStep(metadata) };
  }
  const said = field(event, "diagnosticEvent");
  const severity = text(said, "severity").replace(/^info#err$/, "error");
  if (severity !== "info" && severity !== "warning" && severity !== "error") return undefined;
  return {
    kind: "diagnostic",
    severity,
    message: text(said, "message").trim(),
    about: nameOf(text(said, "urn")),
    isProgress: field(said, "ephemeral") === true,
  };
}

function readStep(metadata: unknown): Step {
  const state = field(metadata, "new") ?? field(metadata, "old");
  const type = text(metadata, "type");
  const differences = field(metadata, "detailedDiff");
  return {
    op: text(metadata, "op"),
    name: nameOf(text(metadata, "urn")),
    type,
    parent: parentOf(text(state, "parent")),
    isObject: text(metadata, "provider") !== "" && !type.startsWith("pulumi:"),
    properties: typeof differences === "object" && differences !== null ? Object.keys(differences) : [],
  };
}

/** The name stands last in a URN, and may hold colons itself. */
function nameOf(urn: string): string {
  return urn.split("::").slice(3).join("::");
}

function parentOf(urn: string): string {
  return urn.includes("::pulumi:pulumi:Stack::") ? "" : nameOf(urn);
}

function parsed(line: string): unknown {
  if (!line.startsWith("{")) return undefined;
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function field(value: unknown, key: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  const found: unknown = Reflect.get(value, key);
  return found ?? undefined;
}

function text(value: unknown, key: string): string {
  const found = field(value, key);
  return typeof found === "string" ? found : "";
}
