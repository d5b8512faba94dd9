import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { JOURNAL, journalAt, journalKey } from "./journal.ts";

// Loaded into the program's process ahead of it: what the program registers is in the journal before the engine hears of
// it, so that nothing can be made which the journal does not know.

interface Method {
  readonly path: string;
  readonly requestSerialize: (request: unknown) => Uint8Array;
  readonly responseDeserialize: (bytes: Uint8Array) => unknown;
}

interface Client {
  readonly makeUnaryRequest: (...args: readonly unknown[]) => unknown;
}

/** @throws Error when the SDK is not the one that we know: a program without a journal must not begin. */
function keepJournal(file: string): void {
  // The SDK that runs the program, which may not be the one that we would find.
  const load = createRequire(process.argv[1] ?? "");
  const service: unknown = load("../../proto/resource_grpc_pb.js");
  const client: unknown = Reflect.get(Object(Reflect.get(Object(service), "ResourceMonitorClient")), "prototype");
  const known = Reflect.get(Object(client), "registerResource") as Method | undefined;
  if (typeof known?.requestSerialize !== "function" || typeof known.responseDeserialize !== "function") {
    throw new Error("this version of @pulumi/pulumi registers resources in a way that Fairlead does not know");
  }
  const append = journalAt(file, journalKey(readFileSync(process.env["PULUMI_CONFIG_PASSPHRASE_FILE"] ?? "", "utf8")));
  const method: Method = {
    path: known.path,
    requestSerialize: (request) => {
      const message = known.requestSerialize(request);
      append({ kind: "request", message });
      return message;
    },
    responseDeserialize: (message) => {
      append({ kind: "answer", message });
      return known.responseDeserialize(message);
    },
  };
  function registerResource(this: Client, ...args: readonly unknown[]): unknown {
    return this.makeUnaryRequest(method.path, method.requestSerialize, method.responseDeserialize, ...args);
  }
  Reflect.set(Object(client), "registerResource", Object.assign(registerResource, known, method));
}

const file = process.env[JOURNAL];
if (file !== undefined) keepJournal(file);
