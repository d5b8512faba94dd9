// Plain JavaScript on purpose: it runs before anything is installed, on whatever Node.js there is, and hands over to the
// TypeScript on one that runs it.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, delimiter, dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const MODULES = join(ROOT, "node_modules");
/** Says which lock file the packages were installed from, and for which machine. */
const STAMP = join(MODULES, ".fairlead-installed");
const LOCK = join(ROOT, ".fairlead", "install.lock");

/** The oldest Node.js that this file runs on, and the oldest that runs the program. */
const READS = [16, 0];
const RUNS = [22, 18];

function isAtLeast(version, [wantedMajor, wantedMinor]) {
  const [major, minor] = version.replace(/^v/, "").split(".").map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

/** Ends with a sentence; what it is about needs no stack trace. */
class Refusal extends Error {}

function refuseOldNode() {
  if (isAtLeast(process.version, READS)) return;
  throw new Refusal(
    `Fairlead needs Node.js ${READS[0]} or newer to set itself up, this is ${process.version}: https://nodejs.org`,
  );
}

function lockFile() {
  return readFileSync(join(ROOT, "package-lock.json"), "utf8");
}

function stampOf(lock) {
  const hash = createHash("sha256").update(lock).digest("hex");
  return `${hash} ${process.platform} ${process.arch}`;
}

function isInstalled() {
  const lock = lockFile();
  if (existsSync(STAMP)) return readFileSync(STAMP, "utf8") === stampOf(lock);
  if (!isRecorded(JSON.parse(lock).packages)) return false;
  finish(lock);
  return true;
}

/** Whether somebody ran npm themselves: npm writes its record last, so what it names is there in full. */
function isRecorded(wanted) {
  const file = join(MODULES, ".package-lock.json");
  if (!existsSync(file)) return false;
  const there = JSON.parse(readFileSync(file, "utf8")).packages;
  return Object.keys(wanted).every((path) => {
    if (path === "" || wanted[path].link) return true;
    if (!path.startsWith("node_modules/")) return true;
    return there[path] === undefined ? wanted[path].optional === true : there[path].version === wanted[path].version;
  });
}

function finish(lock) {
  const node = join(MODULES, ".bin", "node");
  // It is first on PATH: where it does not run, as without glibc, it would be in the way of one that does.
  if (existsSync(node) && spawnSync(node, ["--version"]).status !== 0) rmSync(node);
  writeFileSync(STAMP, stampOf(lock));
}

function sleep(milliseconds) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

/** Only one run installs; the others wait. The lock appears with its content at once or not at all. */
function takeLock() {
  mkdirSync(dirname(LOCK), { recursive: true });
  const draft = `${LOCK}.${process.pid}`;
  writeFileSync(draft, String(process.pid));
  try {
    for (let told = false; ; ) {
      try {
        linkSync(draft, LOCK);
        return;
      } catch (error) {
        if (error.code !== "EEXIST") throw error;
      }
      const holder = holderOf(LOCK);
      if (holder === undefined) continue;
      if (isAlive(holder)) {
        if (!told) console.error(`waiting for process ${holder}, which is installing the packages`);
        told = true;
        sleep(200);
      } else takeAway(holder);
    }
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Removes the lock of a dead run; gives a living one back that came in between. */
function takeAway(dead) {
  const aside = `${LOCK}.${process.pid}.stale`;
  try {
    renameSync(LOCK, aside);
    if (holderOf(aside) !== dead) linkSync(aside, LOCK);
  } catch (error) {
    if (error.code !== "ENOENT" && error.code !== "EEXIST") throw error;
  }
  rmSync(aside, { force: true });
}

function holderOf(file) {
  try {
    return Number(readFileSync(file, "utf8"));
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** npm as it was called, where it called us; else the one on PATH. */
function npmCommand() {
  const script = process.env.npm_execpath;
  if (script !== undefined && /^npm-cli\.c?js$/.test(basename(script))) return [process.execPath, script];
  return [process.platform === "win32" ? "npm.cmd" : "npm"];
}

async function install() {
  takeLock();
  try {
    if (isInstalled()) return;
    const lock = lockFile();
    const count = Object.values(JSON.parse(lock).packages).filter((one) => one.optional !== true).length;
    console.error(`installing about ${count} packages into node_modules (npm ci), once: about a minute`);
    // The stamp goes first: an install that is interrupted is not taken for a whole one.
    rmSync(STAMP, { force: true });
    rmSync(join(MODULES, ".package-lock.json"), { force: true });
    const [npm, ...before] = npmCommand();
    // Nothing here needs an install script, and the engine's own would look for a download.
    const options = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", "--no-progress"];
    const args = [...before, "ci", ...options, "--include=dev", "--include=optional"];
    const { status, signal, error } = await run(npm, args, { cwd: ROOT, stdio: ["ignore", "ignore", "inherit"] });
    if (signal !== null) return signal;
    if (error !== undefined || status !== 0) {
      const why = error === undefined ? "npm ci failed" : `npm cannot be run (${error.message})`;
      throw new Refusal(`the packages are not installed, because ${why}: mend that and run the same command again`);
    }
    finish(lock);
  } finally {
    rmSync(LOCK, { force: true });
  }
}

/** A Node.js that runs the program: this one, or the one that came with the packages. */
function nodeBinary() {
  if (isAtLeast(process.version, RUNS)) return process.execPath;
  const own = join(MODULES, ".bin", "node");
  if (existsSync(own)) return own;
  throw new Refusal(
    `Fairlead needs Node.js ${RUNS.join(".")} or newer, this is ${process.version}, and no package brings one for ${process.platform} ${process.arch}: https://nodejs.org`,
  );
}

/** How a command of an installed package is run: most are JavaScript, and some are programs. */
function commandOf(name, node) {
  const file = join(MODULES, ".bin", name);
  if (!existsSync(file)) throw new Refusal(`no installed package brings the command ${name}`);
  const isScript = /^#!.*\bnode\b/.test(readFileSync(file, "latin1").slice(0, 80));
  return isScript ? [node, file] : [file];
}

/** Runs a program to its end. Signals are passed on, and a run that was ended by one says so. */
function run(file, args, options) {
  return new Promise((fulfil) => {
    const child = spawn(file, args, options);
    // A terminal signals the whole group, so the child hears Ctrl-C by itself. Without a terminal it must be told.
    const isAtTerminal = [process.stdin, process.stdout, process.stderr].some((stream) => stream.isTTY);
    const pass = {
      SIGINT: () => isAtTerminal || child.kill("SIGINT"),
      SIGTERM: () => child.kill("SIGTERM"),
      SIGHUP: () => child.kill("SIGHUP"),
    };
    const end = (outcome) => {
      for (const signal of Object.keys(pass)) process.removeListener(signal, pass[signal]);
      fulfil(outcome);
    };
    for (const signal of Object.keys(pass)) process.on(signal, pass[signal]);
    child.on("error", (error) => end({ status: 1, signal: null, error }));
    child.on("close", (status, signal) => end({ status, signal, error: undefined }));
  });
}

async function main() {
  refuseOldNode();
  const interrupted = isInstalled() ? undefined : await install();
  if (interrupted !== undefined) return process.kill(process.pid, interrupted);
  const node = nodeBinary();
  const words = process.argv.slice(2);
  const [file, ...args] =
    words[0] === "--run"
      ? [...commandOf(words[1] ?? "", node), ...words.slice(2)]
      : [node, join(ROOT, "cli", "main.ts"), ...words];
  const path = [join(MODULES, ".bin"), process.env.PATH].filter(Boolean).join(delimiter);
  const env = Object.assign({}, process.env, { PATH: path });
  const { status, signal, error } = await run(file, args, { stdio: "inherit", env });
  if (error !== undefined) throw new Refusal(`${file} cannot be run: ${error.message}`);
  if (signal !== null) process.kill(process.pid, signal);
  else process.exitCode = status;
}

main().catch((error) => {
  console.error(error instanceof Refusal ? error.message : error);
  process.exitCode = 1;
});
