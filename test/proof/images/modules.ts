import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { strToU8, zipSync } from "fflate";
import { run } from "../../integration/process.ts";

const MODULE = "git.example.com/shop/words";
const GO_MOD = `module ${MODULE}\n\ngo 1.26\n`;
const SOURCE =
  'package words\n\n// Greeting is what a service of this company says.\nconst Greeting = "from a private module"\n';

/** A proxy of the company's modules, which answers only who shows the password. */
export interface PrivateModules {
  /** As GOPROXY says it. */
  readonly url: string;
  readonly certificate: string;
  /** As .netrc says it. */
  readonly netrc: string;
  /** Requests that showed the password. */
  readonly served: () => number;
  /** Requests that did not. */
  readonly refused: () => number;
  /** Writes go.sum of a module that requires the private one. */
  readonly sum: (folder: string) => Promise<void>;
  readonly stop: () => void;
}

export const PRIVATE = MODULE;

export async function privateModules(folder: string, password: string): Promise<PrivateModules> {
  mkdirSync(folder, { recursive: true });
  const [key, certificate] = [join(folder, "key.pem"), join(folder, "certificate.pem")];
  const subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"];
  const made = await run(
    "openssl",
    ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key, "-out", certificate, ...subject],
    { cwd: folder },
  );
  if (made.status !== 0) throw new Error(made.stderr);
  const files = filesOf();
  for (const [path, bytes] of files) {
    mkdirSync(join(folder, "proxy", MODULE, "@v"), { recursive: true });
    writeFileSync(join(folder, "proxy", path), bytes);
  }
  const wanted = `Basic ${Buffer.from(`ci:${password}`).toString("base64")}`;
  let [served, refused] = [0, 0];
  const server = createServer({ key: readFileSync(key), cert: readFileSync(certificate) }, (request, response) => {
    if (request.headers.authorization !== wanted) {
      refused++;
      response.writeHead(401).end("who is it?");
      return;
    }
    served++;
    const bytes = files.get((request.url ?? "").slice(1));
    response.writeHead(bytes === undefined ? 404 : 200).end(bytes);
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const { port } = server.address() as AddressInfo;
  return {
    url: `https://127.0.0.1:${port}`,
    certificate: readFileSync(certificate, "utf8"),
    // With its port: Go compares the whole host.
    netrc: `machine 127.0.0.1:${port} login ci password ${password}\n`,
    served: () => served,
    refused: () => refused,
    sum: async (module) => {
      const env = {
        GOPROXY: `file://${join(folder, "proxy")}`,
        GONOSUMDB: "*",
        GOFLAGS: "-mod=mod",
        GOMODCACHE: join(folder, "cache"),
      };
      const tidied = await run("go", ["mod", "tidy"], {
        cwd: module,
        env: { ...env, GOFLAGS: "-mod=mod -modcacherw" },
      });
      if (tidied.status !== 0) throw new Error(tidied.stderr);
    },
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function filesOf(): ReadonlyMap<string, Buffer> {
  const at = `${MODULE}/@v/v1.0.0`;
  const inside = `${MODULE}@v1.0.0`;
  const zip = zipSync({ [`${inside}/go.mod`]: strToU8(GO_MOD), [`${inside}/words.go`]: strToU8(SOURCE) });
  return new Map([
    [`${MODULE}/@v/list`, Buffer.from("v1.0.0\n")],
    [`${at}.info`, Buffer.from('{"Version":"v1.0.0","Time":"2026-01-01T00:00:00Z"}')],
    [`${at}.mod`, Buffer.from(GO_MOD)],
    [`${at}.zip`, Buffer.from(zip)],
  ]);
}
