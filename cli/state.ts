import { Failure } from "./failure.ts";
import type { Pulumi } from "./pulumi.ts";

/** A stack's state as `pulumi stack export` writes it: the part that we read, everything else is kept. */
export interface State {
  readonly deployment: {
    readonly resources?: readonly Resource[];
    readonly pending_operations?: readonly Operation[];
  };
}

export interface Resource {
  readonly urn: string;
  readonly type: string;
  /** Whether it stands for something outside of the program; components and the stack itself do not. */
  readonly custom?: boolean;
  readonly id?: string;
  readonly parent?: string;
  /** `<urn>::<id>` of what makes it. */
  readonly provider?: string;
  readonly dependencies?: readonly string[];
  /** It is on its way out, and another of its name may stand beside it. */
  readonly delete?: boolean;
  readonly inputs?: {
    readonly apiVersion?: string;
    readonly kind?: string;
    readonly metadata?: { readonly name?: string; readonly namespace?: string; readonly [field: string]: unknown };
  };
  readonly outputs?: Readonly<Record<string, unknown>> & { readonly __fieldManager?: string };
}

/** Something that the engine had begun when it was killed. */
export interface Operation {
  readonly type: string;
  readonly resource: Resource;
}

export async function exportState(pulumi: Pulumi): Promise<State> {
  const answer = await pulumi.ask("stack", "export", "--stack", pulumi.stack);
  if (answer.status !== 0) throw new Failure(`the state of ${pulumi.stack} cannot be read:\n${answer.stderr.trim()}`);
  const state = JSON.parse(answer.stdout) as { readonly deployment?: State["deployment"] | null };
  return { ...state, deployment: state.deployment ?? {} };
}

/** Replaces a stack's state. The engine checks that it is whole, and seals its secrets: they are told and never written. */
export async function importState(pulumi: Pulumi, state: State): Promise<void> {
  const answer = await pulumi.tell(JSON.stringify(state), "stack", "import", "--stack", pulumi.stack);
  if (answer.status !== 0) {
    throw new Failure(`the state of ${pulumi.stack} cannot be mended:\n${answer.stderr.trim()}`);
  }
}
