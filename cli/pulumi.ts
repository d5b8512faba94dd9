import { spawn } from "node:child_process";
import { NO_DEBUG } from "../components/pulumi/no-debug.ts";
import { type EngineEvent, readEvent } from "./events.ts";
import { runLog } from "./log.ts";
import { heedSignals } from "./signals.ts";

/** Where the engine is called and with what around it. */
export interface PulumiOptions {
  /** Absolute path of the engine's command line. */
  readonly program: string;
  /** The Pulumi project's folder. */
  readonly folder: string;
  readonly stack: string;
  /** Folder for the log of every operation. */
  readonly logs: string;
  /** Laid over the environment of this process; undefined takes a variable away. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What a change is surrounded with. @default nothing */
  readonly around?: (verb: Verb) => Surroundings;
}

/** What a change is surrounded with. */
export interface Surroundings {
  /** Laid over the environment of the engine. */
  readonly env?: Readonly<Record<string, string>>;
  /** Called once the engine has ended. */
  readonly ended?: (status: number) => void;
}

/** What a call said and how it ended. */
export interface Answer {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How an operation ended. */
export interface Outcome {
  readonly status: number;
  /** Set when we were asked to stop while it ran. */
  readonly stopped?: NodeJS.Signals;
  /** What was said outside of events: complaints of the engine's command line itself. */
  readonly said: string;
  /** File with everything that it told. */
  readonly log: string;
}

export type Verb = "up" | "destroy" | "preview";

/** Ways to call the engine for one stack. */
export interface Pulumi {
  readonly stack: string;
  /** Calls it and gives back what it said, whatever the status. */
  readonly ask: (...args: string[]) => Promise<Answer>;
  /** As `ask`, with something to read. */
  readonly tell: (text: string, ...args: string[]) => Promise<Answer>;
  /** Runs an operation without asking anybody, and hands over what happens as it happens. */
  readonly operate: (verb: Verb, onEvent: (event: EngineEvent) => void) => Promise<Outcome>;
  /** Runs an operation on the user's terminal, with the engine's own display and questions. */
  readonly converse: (verb: Verb) => Promise<number>;
}

const UNASKED: Readonly<Record<Verb, readonly string[]>> = {
  up: ["--yes", "--skip-preview"],
  destroy: ["--yes", "--skip-preview"],
  preview: [],
};

export function pulumi(options: PulumiOptions): Pulumi {
  const { program, folder: cwd, stack, logs, around } = options;
  // Without it a preview tells its steps all at once, at the end and in another form.
  const streaming = { PULUMI_ENABLE_STREAMING_JSON_PREVIEW: "true" };
  // The provider would replace a ConfigMap that keeps its name, and pods would miss it in between.
  const mutable = { PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE: "true" };
  // A third of the engine's work is to look for memory that is free: looked for half as often, it takes no more at its peak.
  const memory = { GOGC: process.env["GOGC"] ?? "200" };
  const env = { ...process.env, ...streaming, ...mutable, ...memory, ...options.env };
  return {
    stack,
    ask: (...args) => ask(program, [...args, ...PLAIN], { cwd, env }),
    tell: (text, ...args) => ask(program, [...args, ...PLAIN], { cwd, env }, text),
    operate: async (verb, onEvent) => {
      const args = [verb, "--stack", stack, "--json", "--non-interactive", "--parallel", PARALLEL, ...UNASKED[verb]];
      const surroundings = around?.(verb) ?? {};
      const call = { cwd, env: { ...env, [NO_DEBUG]: "true", ...surroundings.env }, logs, what: `${verb}-${stack}` };
      const outcome = await operate(program, args, call, onEvent);
      surroundings.ended?.(outcome.status);
      return outcome;
    },
    converse: (verb) => converse(program, [verb, "--stack", stack], { cwd, env }),
  };
}

/**
 * Operations under way at a time. By default they are so few that the Services of a large environment, which wait for
 * their pods, take every place and leave none for the Deployments that make those pods.
 */
const PARALLEL = "2048";

/** Nobody is there to be asked, and nobody looks. */
const PLAIN = ["--non-interactive", "--color=never"];

interface Call {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

function ask(program: string, args: readonly string[], call: Call, text = ""): Promise<Answer> {
  return new Promise((fulfil, reject) => {
    const child = spawn(program, [...args], { ...call, stdio: ["pipe", "pipe", "pipe"] });
    // One that ends before it has read everything says why by its status.
    child.stdin.on("error", () => undefined).end(text);
    const said = { stdout: "", stderr: "" };
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      said.stdout += chunk;
    });
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      said.stderr += chunk;
    });
    child.on("error", reject).on("close", (status) => fulfil({ status: status ?? 1, ...said }));
  });
}

function operate(
  program: string,
  args: readonly string[],
  { cwd, env, logs, what }: Call & { readonly logs: string; readonly what: string },
  onEvent: (event: EngineEvent) => void,
): Promise<Outcome> {
  const log = runLog(logs, what);
  const said: string[] = [];
  const onLine = (line: string) => {
    const event = readEvent(line);
    if (event !== undefined) {
      log.event(event);
      onEvent(event);
    } else if (!line.startsWith("{") && line.trim() !== "") {
      log.line(line);
      said.push(line);
    }
  };
  return new Promise((fulfil, reject) => {
    // A group of its own: Ctrl-C at the terminal reaches us alone, and we tell the engine once, to end in peace.
    const child = spawn(program, [...args], { cwd, env, stdio: ["ignore", "pipe", "pipe"], detached: true });
    const signals = heedSignals(child);
    const flush = [linesOf(child.stdout, onLine), linesOf(child.stderr, onLine)];
    child.on("error", (error) => {
      signals.release();
      reject(error);
    });
    child.on("close", (status) => {
      signals.release();
      for (const rest of flush) rest();
      const stopped = signals.heard();
      log.close();
      fulfil({
        status: status ?? 1,
        said: said.join("\n"),
        log: log.file,
        ...(stopped === undefined ? {} : { stopped }),
      });
    });
  });
}

/** Hands over each line as soon as it is whole; returns what hands over the last one. */
function linesOf(stream: NodeJS.ReadableStream, onLine: (line: string) => void): () => void {
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line);
  });
  return () => {
    if (rest !== "") onLine(rest);
  };
}

function converse(program: string, args: readonly string[], call: Call): Promise<number> {
  return new Promise((fulfil, reject) => {
    const child = spawn(program, [...args], { ...call, stdio: "inherit" });
    // The terminal tells the engine itself of Ctrl-C; we only wait for it. What a supervisor sends is passed on.
    const wait = () => undefined;
    const pass = () => void child.kill("SIGINT");
    process.on("SIGINT", wait).on("SIGTERM", pass).on("SIGHUP", pass);
    const release = () => process.off("SIGINT", wait).off("SIGTERM", pass).off("SIGHUP", pass);
    child.on("error", (error) => {
      release();
      reject(error);
    });
    child.on("close", (status) => {
      release();
      fulfil(status ?? 1);
    });
  });
}
