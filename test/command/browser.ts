import { accessSync, constants, mkdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, launch } from "puppeteer-core";
import { ROOT } from "../cli/workbench.ts";

/** What Chromium and its like are called, and where macOS keeps one. */
const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge"];
const OF_MACOS = ["/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"];

/** Where a person finds what a page looked like. */
export const SCREENSHOTS = join(ROOT, ".fairlead/screenshots");

/** A real browser: the one on PATH, else the one that an npm package carries (Linux on x64). */
export async function openBrowser(): Promise<Browser> {
  mkdirSync(SCREENSHOTS, { recursive: true });
  const found = [...onPath(), ...OF_MACOS].find(isProgram);
  // Root, which containers run as, has no sandbox to give.
  const args = process.getuid?.() === 0 || found === undefined ? ["--no-sandbox"] : [];
  if (found !== undefined) return launch({ executablePath: found, args, headless: true });
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new Error(`no browser: put one of ${NAMES.join(", ")} on PATH`);
  }
  return launch(await packaged());
}

function onPath(): readonly string[] {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The package is made for a cloud's functions; told that it is in one, it brings the libraries too that a browser needs. */
async function packaged() {
  const before = process.env["LD_LIBRARY_PATH"];
  process.env["AWS_EXECUTION_ENV"] = "AWS_Lambda_nodejs22.x";
  try {
    const { default: chromium } = await import("@sparticuz/chromium");
    const executablePath = await chromium.executablePath();
    return { executablePath, args: chromium.args, headless: "shell" as const, env: { ...process.env } };
  } finally {
    delete process.env["AWS_EXECUTION_ENV"];
    if (before === undefined) delete process.env["LD_LIBRARY_PATH"];
    else process.env["LD_LIBRARY_PATH"] = before;
  }
}
