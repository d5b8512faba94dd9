import { type SecretStoreObjects, type SecretStoreProps, secretStore } from "../policy/secret-store.ts";
import { type TeamNamespaceObjects, type TeamNamespaceProps, teamNamespace } from "../policy/team-namespace.ts";
import { Component, type ComponentOptions } from "./component.ts";
import { reported } from "./failure.ts";

/** A namespace that is safe before anything runs in it, as a component of the engine. */
export class TeamNamespace extends Component<TeamNamespaceObjects> {
  constructor(
    name: string,
    props: Omit<TeamNamespaceProps, "name">,
    options: ComponentOptions<TeamNamespaceObjects> = {},
  ) {
    const objects = reported(() => teamNamespace({ ...props, name }));
    super("fairlead:policy:TeamNamespace", name, objects, options);
  }
}

/** Where a namespace's secrets are fetched from, as a component of the engine. */
export class SecretStore extends Component<SecretStoreObjects> {
  constructor(name: string, props: Omit<SecretStoreProps, "name">, options: ComponentOptions<SecretStoreObjects> = {}) {
    const objects = reported(() => secretStore({ ...props, name }));
    super("fairlead:policy:SecretStore", name, objects, options);
  }
}
