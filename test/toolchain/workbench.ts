import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Report } from "../../toolchain/report.ts";
import type { Source } from "../../toolchain/source.ts";

/** A folder of its own for a test, gone when the test ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "fairlead-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** Writes a shell script that can be run as a program. */
export function program(folder: string, name: string, script: string): string {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, name);
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return file;
}

/** A server on 127.0.0.1, closed when the test ends. Returns its address, and the paths that it was asked for. */
export async function server(answer: RequestListener): Promise<{ readonly url: string; readonly asked: string[] }> {
  const asked: string[] = [];
  const http = createServer((request, response) => {
    asked.push(request.url ?? "");
    answer(request, response);
  });
  await new Promise<void>((ready) => http.listen(0, "127.0.0.1", ready));
  onTestFinished(() => {
    http.closeAllConnections();
    http.close();
  });
  return { url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`, asked };
}

/** A server with fixed files; everything else is a 404. */
export function fileServer(files: Readonly<Record<string, string | Buffer>>) {
  return server((request, response) => {
    const file = files[request.url ?? ""];
    response.statusCode = file === undefined ? 404 : 200;
    response.end(file);
  });
}

/** An address that nobody listens on any more. */
export async function deadAddress(): Promise<string> {
  const http = createServer();
  await new Promise<void>((ready) => http.listen(0, "127.0.0.1", ready));
  const { port } = http.address() as AddressInfo;
  await new Promise((closed) => http.close(closed));
  return `http://127.0.0.1:${port}`;
}

export function sha256(content: string | Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}

/** A report that remembers. */
export function memory(): Report & { readonly lines: string[] } {
  const lines: string[] = [];
  return {
    lines,
    say: (line) => void lines.push(line),
    begin: (what) => ({ end: (outcome) => void lines.push(`${what}: ${outcome}`) }),
  };
}

/** A source with one program, "etcd", that is published as a bare file at https://example.com/etcd. */
export function source(change: Partial<Source> = {}): Source {
  return {
    name: "etcd",
    version: "3.6.8",
    accepts: { from: "3.6.0", below: "3.7.0" },
    programs: [{ name: "etcd", ask: ["--version"] }],
    release: () => [
      {
        url: "https://example.com/etcd",
        checksum: { kind: "bare", url: "https://example.com/etcd.sha256" },
        holds: "etcd",
      },
    ],
    builds: [{ folder: "etcd", packages: { etcd: "example.com/etcd" }, seconds: 1 }],
    home: "https://example.com",
    ...change,
  };
}

/** A folder of Go modules as goModules() finds it, with the given folders. */
export function modules(folder: string, ...names: readonly string[]): string {
  for (const name of names) {
    mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, name, "go.mod"), `module example.com/${name}\n`);
  }
  return folder;
}

/**
 * A `go` that writes down its calls in `log` and makes programs that print a version. `before` runs ahead of every build.
 */
export function fakeGo(folder: string, log: string, before = ":", version = "go1.26.8"): string {
  return program(
    folder,
    "go",
    `if [ "$1" = env ]; then echo ${version}; exit 0; fi
echo "$@" >> ${log}
out=; while [ $# -gt 0 ]; do if [ "$1" = -o ]; then out=$2; fi; shift; done
name=$(basename "$out")
${before}
printf '#!/bin/sh\\necho built\\n' > "$out"; chmod +x "$out"`,
  );
}
