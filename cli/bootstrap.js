// Plain JavaScript on purpose: it runs before anything is installed, on whatever Node.js there is, and hands over to the
// TypeScript on one that runs it.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const MODULES = join(ROOT, "node_modules");
const STAMP = join(MODULES, ".fairlead-installed");
const LOCK = join(ROOT, ".fairlead-installing");
/** The oldest Node.js that runs TypeScript as it is. */
const NEEDED = [22, 18];

function isNewEnough(version) {
  const [major = 0, minor = 0] = version.replace(/^v/, "").split(".").map(Number);
  return major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1]);
}

function lockHash() {
  return createHash("sha256")
    .update(readFileSync(join(ROOT, "package-lock.json")))
    .digest("hex");
}

function isInstalled() {
  if (existsSync(STAMP)) return readFileSync(STAMP, "utf8") === lockHash();
  // Somebody ran npm themselves: its own record is newer than what it installed from.
  const record = join(MODULES, ".package-lock.json");
  return existsSync(record) && statSync(record).mtimeMs >= statSync(join(ROOT, "package-lock.json")).mtimeMs;
}

function sleep(milliseconds) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

/** Only one run installs; the others wait. A folder is made or refused at once, on every file system. */
function takeLock() {
  for (let told = false; ; told = true) {
    try {
      mkdirSync(LOCK);
      writeFileSync(join(LOCK, "pid"), String(process.pid));
      return;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    if (isLeftBehind()) rmSync(LOCK, { recursive: true, force: true });
    else if (!told) console.error("another run installs the packages; waiting for it");
    sleep(200);
  }
}

function isLeftBehind() {
  try {
    process.kill(Number(readFileSync(join(LOCK, "pid"), "utf8")), 0);
    return false;
  } catch (error) {
    if (error.code === "ESRCH") return true;
    if (error.code !== "ENOENT") return false;
  }
  try {
    // Killed between making the folder and writing its process id.
    return Date.now() - statSync(LOCK).mtimeMs > 5000;
  } catch {
    return true;
  }
}

function install() {
  takeLock();
  try {
    if (isInstalled()) return;
    console.error("installing the packages that package-lock.json names (npm ci), once: about a minute");
    const npm = process.platform === "win32" ? "npm.cmd" : "npm";
    // Nothing here needs an install script, and the engine's own would look for a download.
    const options = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", "--no-progress"];
    const run = spawnSync(npm, options, { cwd: ROOT, stdio: ["ignore", "ignore", "inherit"] });
    if (run.error !== undefined || run.status !== 0) {
      console.error(
        `npm ci failed${run.error === undefined ? "" : ` (${run.error.message})`}: run it yourself to see more, or make the npm registry reachable`,
      );
      process.exit(1);
    }
    writeFileSync(STAMP, lockHash());
  } finally {
    rmSync(LOCK, { recursive: true, force: true });
  }
}

/** A Node.js that runs the program: this one, or the one that came with the packages. */
function nodeBinary() {
  if (isNewEnough(process.version)) return process.execPath;
  const own = join(MODULES, ".bin", "node");
  const version = existsSync(own) ? spawnSync(own, ["--version"], { encoding: "utf8" }).stdout : undefined;
  if (version && isNewEnough(version.trim())) return own;
  console.error(
    `Fairlead needs Node.js ${NEEDED.join(".")} or newer, this is ${process.version}, and no package brings one for ${process.platform} ${process.arch}: install it from https://nodejs.org`,
  );
  return process.exit(1);
}

/** The file behind a command of an installed package, which Node.js can run without a shell. */
function binary(name) {
  const file = join(MODULES, ".bin", name);
  if (existsSync(file)) return file;
  console.error(`no installed package brings ${name}: run npm ci`);
  return process.exit(1);
}

function main() {
  if (!isInstalled()) install();
  const node = nodeBinary();
  const [first, name = "", ...rest] = process.argv.slice(2);
  const isRun = first === "--run";
  const command = isRun
    ? [binary(name), ...rest]
    : ["--disable-warning=ExperimentalWarning", join(ROOT, "cli", "main.ts"), ...process.argv.slice(2)];
  const isProgram = isRun && !/^#!.*\bnode\b/.test(readFileSync(command[0], { encoding: "latin1" }).slice(0, 80));
  const path = [join(MODULES, ".bin"), process.env.PATH ?? ""].join(delimiter);
  const child = spawn(isProgram ? command[0] : node, isProgram ? command.slice(1) : command, {
    stdio: "inherit",
    env: { ...process.env, PATH: path },
  });
  // A terminal signals the whole group, so the child hears Ctrl-C by itself; what a supervisor sends is passed on.
  process.on("SIGINT", () => {});
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

main();
