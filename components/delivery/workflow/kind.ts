/** A part of GitHub's workflow syntax: what is written here. https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax */
export interface Workflow {
  readonly name: string;
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: Permissions;
  readonly concurrency: Concurrency;
  readonly defaults?: { readonly run: { readonly shell: "bash" } };
  readonly jobs: Readonly<Record<string, Job>>;
}

/** What the token of a job may do; what is not named, it may not. */
export type Permissions = Readonly<
  Partial<Record<"contents" | "pull-requests" | "packages" | "id-token", "read" | "write">>
>;

export interface Concurrency {
  readonly group: string;
  readonly "cancel-in-progress": boolean | string;
}

export interface Job {
  readonly name?: string;
  readonly if?: string;
  readonly needs?: string | readonly string[];
  readonly "runs-on": string;
  readonly "timeout-minutes": number;
  readonly permissions?: Permissions;
  readonly environment?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly outputs?: Readonly<Record<string, string>>;
  readonly strategy?: { readonly "fail-fast": boolean; readonly matrix: Readonly<Record<string, unknown>> };
  readonly steps: readonly Step[];
}

export interface Step {
  readonly name?: string;
  readonly id?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, string | number | boolean>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly run?: string;
}
