import { createRequire } from "node:module";
import type * as Messages from "@pulumi/pulumi/proto/resource_pb.js";
import type { Resource } from "../state.ts";
import type { Entry } from "./journal.ts";

/** What a program registered, as the engine's state would tell of it. */
export interface Registration extends Resource {
  readonly custom: boolean;
  /** The engine has told the program that it is made. */
  readonly answered: boolean;
}

/** What a journal tells. */
export interface Registrations {
  /** When the run began. */
  readonly begun: Date;
  /** In the order in which they were registered: what one needs stands before it. */
  readonly resources: readonly Registration[];
}

/** How the engine marks a secret, in what is sent and in its state. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

const STACK = "pulumi:pulumi:Stack";
const PROVIDER = "pulumi:providers:";

/** Reads a journal's entries. */
export function registrations(entries: readonly Entry[], stack: string, project: string): Registrations {
  const { RegisterResourceRequest, RegisterResourceResponse } = messages();
  const answers = new Map(
    entries.flatMap(({ kind, message }) => {
      if (kind !== "answer") return [];
      const answer = RegisterResourceResponse.deserializeBinary(message);
      return [[answer.getUrn(), { id: answer.getId(), outputs: answer.getObject()?.toJavaScript() }] as const];
    }),
  );
  const prefix = `urn:pulumi:${stack}::${project}`;
  const resources = new Map<string, Registration>();
  for (const { kind, message } of entries) {
    if (kind !== "request") continue;
    const request = RegisterResourceRequest.deserializeBinary(message);
    if (request.getRemote()) continue;
    const urn = urnOf(request, prefix);
    const provider = providerOf(request, prefix);
    if (provider !== undefined && !resources.has(provider.urn)) resources.set(provider.urn, provider);
    resources.set(urn, registration(request, urn, provider?.urn, answers.get(urn)));
  }
  const begun = entries.find(({ kind }) => kind === "begun");
  return { begun: new Date(Buffer.from(begun?.message ?? []).toString()), resources: [...resources.values()] };
}

/** Loaded where a journal is read, and no sooner. A generated module that does not name what it exports to an import. */
function messages(): typeof Messages {
  return createRequire(import.meta.url)("@pulumi/pulumi/proto/resource_pb.js") as typeof Messages;
}

/** The engine's name for it: where it stands, of which kinds it and its parents are, and what it is called. */
function urnOf(request: Messages.RegisterResourceRequest, prefix: string): string {
  const types = request.getParent().split("::")[2] ?? "";
  const type = types === "" || types === STACK ? request.getType() : `${types}$${request.getType()}`;
  return `${prefix}::${type}::${request.getName()}`;
}

/** The provider that the engine makes for what names none: its program does not register it. */
function providerOf(request: Messages.RegisterResourceRequest, prefix: string): Registration | undefined {
  const type = request.getType();
  if (!request.getCustom() || request.getProvider() !== "" || type.startsWith(PROVIDER)) return undefined;
  const kind = `${PROVIDER}${type.slice(0, type.indexOf(":"))}`;
  const version = request.getVersion();
  const name = version === "" ? "default" : `default_${version.replaceAll(/[.+-]/g, "_")}`;
  const inputs: Readonly<Record<string, string>> = version === "" ? {} : { version };
  return { urn: `${prefix}::${kind}::${name}`, type: kind, custom: true, answered: false, inputs, outputs: inputs };
}

interface Answer {
  readonly id: string;
  readonly outputs: Readonly<Record<string, unknown>> | undefined;
}

function registration(
  request: Messages.RegisterResourceRequest,
  urn: string,
  defaultProvider: string | undefined,
  answer: Answer | undefined,
): Registration {
  const provider = defaultProvider ?? request.getProvider();
  return {
    urn,
    type: request.getType(),
    custom: request.getCustom(),
    answered: answer !== undefined,
    inputs: asStored(request.getObject()?.toJavaScript() ?? {}) as Record<string, unknown>,
    dependencies: request.getDependenciesList(),
    ...(request.getParent() === "" ? {} : { parent: request.getParent() }),
    ...(provider === "" ? {} : { provider }),
    ...(request.getProtect() === true ? { protect: true } : {}),
    ...(request.getRetainondelete() === true ? { retainOnDelete: true } : {}),
    ...(answer === undefined || answer.id === "" ? {} : { id: answer.id }),
    ...(answer?.outputs === undefined ? {} : { outputs: asStored(answer.outputs) as Record<string, unknown> }),
  };
}

/** A value that was sent, as the state has it: secrets are told as text, which the engine seals when it takes it in. */
function asStored(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asStored);
  if (typeof value !== "object" || value === null) return value;
  if (Reflect.get(value, SIGNATURE) === SECRET) {
    return { [SIGNATURE]: SECRET, plaintext: JSON.stringify(asStored(Reflect.get(value, "value"))) };
  }
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, asStored(one)]));
}
