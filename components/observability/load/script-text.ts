import type { LoadTestThresholds } from "../slo/load-test.ts";
import type { LoadRequest } from "./load-props.ts";

/** Everything that a script says. */
export interface ScriptFacts {
  readonly service: string;
  readonly environment: string;
  readonly promises: readonly string[];
  readonly http: string | undefined;
  readonly grpc: string | undefined;
  readonly protos: string;
  readonly contracts: readonly string[];
  readonly rate: number;
  readonly ramp: string;
  readonly hold: string;
  /** Seconds that a request may take. */
  readonly patience: number;
  readonly requests: Readonly<
    Record<string, LoadRequest & { readonly share: number; readonly tags: Readonly<Record<string, string>> }>
  >;
  readonly thresholds: LoadTestThresholds;
  /** Codes of gRPC that are the service's own fault. */
  readonly failed: readonly string[];
}

/** The text of a script for k6. */
export function scriptText(facts: ScriptFacts): string {
  const all = Object.values(facts.requests);
  const http = all.some(({ path }) => path !== undefined);
  const grpc = all.some(({ call }) => call !== undefined);
  return `${[
    head(facts, http, grpc),
    ...(http ? [HTTP_FAILURES] : []),
    ...(grpc ? [contracts(facts)] : []),
    options(facts),
    SETUP,
    ASK,
    send(http, grpc),
    TRACE,
  ].join("\n\n")}\n`;
}

const json = (value: unknown) => JSON.stringify(value, null, 2);

function head({ service, environment, promises, ...facts }: ScriptFacts, http: boolean, grpc: boolean): string {
  return [
    `// Load test of ${service} in ${environment}, made from its description: change that, and not this file.`,
    ...promises.map((promise) => `// ${promise}`),
    "// k6 ends with status 99 where they are not held.",
    `//   k6 run ${http ? "-e HTTP=http://127.0.0.1:8080 " : ""}${grpc ? "-e GRPC=127.0.0.1:9090 " : ""}-e RATE=${facts.rate} load.js`,
    'import exec from "k6/execution";',
    ...(http ? ['import http from "k6/http";'] : []),
    ...(grpc ? ['import { check } from "k6";', 'import grpc from "k6/net/grpc";'] : []),
    "",
    ...(http ? [`const HTTP = __ENV.HTTP || ${json(facts.http ?? "")};`] : []),
    ...(grpc ? [`const GRPC = __ENV.GRPC || ${json(facts.grpc ?? "")};`] : []),
    "// Requests a second at the peak, all together.",
    `const RATE = Number(__ENV.RATE || ${facts.rate});`,
    `const RAMP = __ENV.RAMP || ${json(facts.ramp)};`,
    `const HOLD = __ENV.HOLD || ${json(facts.hold)};`,
    `const REQUESTS = ${json(facts.requests)};`,
  ].join("\n");
}

const HTTP_FAILURES = `// A refusal is an answer; the objectives count what is the service's own fault.
http.setResponseCallback(http.expectedStatuses({ min: 200, max: 499 }));`;

function contracts({ protos, contracts: files, failed }: ScriptFacts): string {
  return [
    `const FAILED = [${failed.map((code) => `grpc.Status${code}`).join(", ")}];`,
    "const client = new grpc.Client();",
    `client.load([${json(protos)}], ${files.map((file) => json(file)).join(", ")});`,
    "let connected = false;",
  ].join("\n");
}

function options({ service, environment, thresholds, patience }: ScriptFacts): string {
  return `export const options = {
  discardResponseBodies: true,
  summaryTrendStats: ["avg", "p(50)", "p(95)", "p(99)", "max"],
  tags: ${JSON.stringify({ service, environment })},
  // Requests come at their rate, however slow the answers are: an open model, as users are.
  scenarios: Object.fromEntries(
    Object.entries(REQUESTS).map(([name, { share, tags }]) => {
      const target = Math.max(1, Math.round(RATE * share * 60));
      // As many at once as there are when each takes as long as it may; a tenth of them to begin with.
      const vus = Math.ceil((target / 60) * ${patience}) + 1;
      const stages = [
        { duration: RAMP, target },
        { duration: HOLD, target },
      ];
      const rest = { timeUnit: "1m", startRate: 0, preAllocatedVUs: Math.ceil(vus / 10), maxVUs: 4 * vus, stages, tags };
      return [name, { executor: "ramping-arrival-rate", exec: "ask", ...rest }];
    }),
  ),
  thresholds: ${json(thresholds).replaceAll("\n", "\n  ")},
};`;
}

const SETUP = `// A load of requests that are refused anyway would prove nothing.
export function setup() {
  for (const [name, request] of Object.entries(REQUESTS)) {
    const { refused, said, where } = send(name, request);
    if (refused) throw new Error(\`\${name}: \${said} from \${where}\`);
  }
}`;

const ASK = `export function ask() {
  const name = exec.scenario.name;
  send(name, REQUESTS[name]);
}`;

const SEND_HTTP = `const { method = "GET", path, body, headers } = request;
const sent = body === undefined ? null : JSON.stringify(body);
const type = sent === null ? {} : { "content-type": "application/json" };
const answer = http.request(method, HTTP + path, sent, {
  headers: { ...type, ...headers, traceparent: trace() },
  tags: { name },
});
const { status, error } = answer;
const refused = status === 0 || (status >= 400 && status < 500);
return { refused, said: status === 0 ? error : \`status \${status}\`, where: \`\${method} \${HTTP}\${path}\` };`;

const SEND_GRPC = `const { call, message = {}, headers } = request;
try {
  if (!connected) client.connect(GRPC, { plaintext: !__ENV.GRPC_TLS, timeout: "5s" });
  connected = true;
} catch (error) {
  check(null, { "no failure of the service's own": () => false }, { name });
  return { refused: true, said: String(error), where: GRPC };
}
const metadata = { ...headers, traceparent: trace() };
const { status, error } = client.invoke(call, message, { metadata, tags: { name } });
check(status, { "no failure of the service's own": (code) => !FAILED.includes(code) }, { name });
const refused = status === grpc.StatusUnimplemented || (status !== grpc.StatusOK && !FAILED.includes(status));
return { refused, said: error?.message ?? "", where: \`\${GRPC}/\${call}\` };`;

const indented = (text: string, by: string) => text.replaceAll(/^(?=.)/gm, by);

function send(http: boolean, grpc: boolean): string {
  const body =
    http && grpc
      ? `  if (request.call === undefined) {\n${indented(SEND_HTTP, "    ")}\n  }\n${indented(SEND_GRPC, "  ")}`
      : indented(http ? SEND_HTTP : SEND_GRPC, "  ");
  return `function send(name, request) {\n${body}\n}`;
}

const TRACE = `// Each request begins a trace, as a browser's library would. https://www.w3.org/TR/trace-context/
function trace() {
  return \`00-\${hex(32)}-\${hex(16)}-01\`;
}

function hex(digits) {
  let text = "";
  while (text.length < digits) text += Math.floor(Math.random() * 16).toString(16);
  return text;
}`;
