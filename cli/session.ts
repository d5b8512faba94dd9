import type { Pulumi } from "./pulumi.ts";

/** The engine, told where it works: which project, which backend, which cluster. */
export interface Session {
  readonly pulumi: Pulumi;
  /** Kubeconfig of that cluster alone. */
  readonly kubeconfig: string;
  readonly environment: string;
  /** Whether cluster, backend and passphrase are ours. */
  readonly embedded: boolean;
}
