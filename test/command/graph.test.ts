import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { modelOf } from "../../cli/graph/model.ts";
import { page as pageOf } from "../../cli/graph/page.ts";
import { components } from "../../components/index.ts";
import { projectWith } from "../cli/project.ts";
import { fairlead, folderWith, ROOT, write } from "../cli/workbench.ts";
import { openBrowser, SCREENSHOTS } from "./browser.ts";

let browser: Browser;

beforeAll(async () => {
  browser = await openBrowser();
}, 120_000);

afterAll(() => browser.close());

/** A page in a real browser, that must ask for nothing and report nothing. */
async function opened(file: string, fragment = ""): Promise<{ readonly page: Page; readonly asked: string[] }> {
  const page = await browser.newPage();
  const asked: string[] = [];
  page.on("request", (request) => void asked.push(request.url()));
  page.on("pageerror", (error) => void asked.push(String(error)));
  page.on("console", (message) => void asked.push(message.text()));
  await page.setViewport({ width: 1500, height: 900 });
  await page.goto(pathToFileURL(file).href + fragment);
  return { page, asked };
}

/** What a person sees of the component that is picked. */
const shown = (page: Page) =>
  page.evaluate(
    `(() => { const one = document.querySelector(".detail:target"); return one ? one.innerText : ""; })()`,
  ) as Promise<string>;

test("the page shows an environment: a click on a service says whom it calls, who calls it, and its objects", async () => {
  const file = join(folderWith(), "prod.html");
  const { status, stdout } = await fairlead(ROOT, ["graph", "prod", "--out", file]);
  expect({ status, says: stdout.trim().endsWith("open it in a browser") }).toEqual({ status: 0, says: true });
  const { page, asked } = await opened(file);
  expect(await shown(page)).toBe("");
  await page.screenshot({ path: join(SCREENSHOTS, "graph-prod.png") });

  await page.click('.node[data-name="order"]');
  const text = await shown(page);
  expect(text).toMatch(/^close\s+order\s+service · checkout · 3 to 20 pods/);
  expect(text).toMatch(/Calls\s+user.*\s+inventory.*\s+payment.*\s+shipment/);
  expect(text).toMatch(/Called by\s+reconcile/);
  expect(text).toMatch(/Takes secrets from\s+vault shop\/order\/database-url/);
  await page.$$eval(".detail:target summary", (all) => {
    Object(all.find((one) => /^(?:Deployment|Rollout) order$/.test(one.textContent ?? ""))).click();
  });
  expect(await shown(page)).toMatch(/kind: (?:Deployment|Rollout)\s+metadata:\s+name: order/);
  expect(await page.$$eval(".edge.on", (lines) => lines.length)).toBeGreaterThanOrEqual(5);
  await page.screenshot({ path: join(SCREENSHOTS, "graph-order.png") });

  // From one to the next by its link, and back to the whole.
  await page.click('.detail:target li a[href$="component-payment"]');
  expect(await shown(page)).toMatch(/^close\s+payment[\s\S]*\s+api\.payments\.example\.com:443/);
  await page.keyboard.press("Escape");
  expect(await shown(page)).toBe("");
  expect(asked.filter((url) => !url.startsWith("file:"))).toEqual([]);
});

test("the page can be used by keyboard alone, and searched", async () => {
  const file = join(folderWith(), "dev.html");
  await fairlead(ROOT, ["graph", "--out", file]);
  const { page } = await opened(file);
  await page.focus("#search");
  await page.keyboard.type("warehouse shipm");
  expect(await page.$$eval("nav a:not(.off)", (links) => links.map((link) => link.textContent))).toEqual(["shipment"]);
  expect(await page.$eval("#count", (count) => count.textContent)).toBe("1 found");
  await page.keyboard.press("Enter");
  expect(await shown(page)).toMatch(/^close\s+shipment/);
  await page.$eval('.node[data-name="user"] a', (link) => Object(link).focus());
  await page.keyboard.press("Enter");
  expect(await shown(page)).toMatch(/^close\s+user/);
});

describe.each(["light", "dark"])("in %s", (scheme) => {
  test("every text stands out from what is behind it by 4.5 to 1 and more", async () => {
    const file = join(folderWith(), "prod.html");
    await fairlead(ROOT, ["graph", "prod", "--out", file]);
    const { page } = await opened(file);
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    await page.click('.node[data-name="order"]');
    await page.screenshot({ path: join(SCREENSHOTS, `graph-${scheme}.png`) });
    const ratios = (await page.evaluate(`(() => {
      const style = getComputedStyle(document.documentElement);
      const channel = (value) => value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
      const light = (name) => {
        const hex = style.getPropertyValue(name).trim().replace(/^#(.)(.)(.)$/, "#$1$1$2$2$3$3");
        const [r, g, b] = [1, 3, 5].map((at) => channel(parseInt(hex.slice(at, at + 2), 16) / 255));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const between = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
      return ["--ink", "--soft", "--on"].flatMap((ink) => ["--paper", "--panel", "--fill"].map((paper) => [ink + " on " + paper, between(ink, paper)]));
    })()`)) as readonly (readonly [string, number])[];
    expect(ratios.filter(([, ratio]) => !(ratio >= 4.5))).toEqual([]);
  });
});

test("200 services are drawn apart from each other, and the picked one is brought into view", async () => {
  const names = [20, 60, 80, 40].map((count, tier) =>
    Array.from({ length: count }, (_, index) => `tier${tier}-${index}`),
  );
  const entries = Object.fromEntries(
    names.flatMap((tier, depth) =>
      tier.map((name, index) => {
        const below = names[depth + 1] ?? [];
        const calls = [index * 7, index * 11 + 3].flatMap((at) => below[at % below.length] ?? []);
        return [
          name,
          { owner: "team", image: `example.com/${name}`, ports: { http: 8080 }, calls: [...new Set(calls)] },
        ];
      }),
    ),
  );
  const setting = { namespace: "many", partOf: "many", version: "1.0.0", replicas: 2, autoscaling: false };
  const file = join(folderWith(), "many.html");
  write(file, pageOf("many", modelOf({ name: "many", members: components(entries, setting) })));
  const { page } = await opened(file, "#component-tier3-33");
  expect(await page.$$eval(".node", (nodes) => nodes.length)).toBe(200);
  const overlapping = await page.$$eval(".node rect", (rects) => {
    const boxes = rects.map((rect) => ["x", "y", "width", "height"].map((side) => Number(rect.getAttribute(side))));
    return boxes.filter(([x = 0, y = 0, w = 0, h = 0], index) =>
      boxes.some(
        ([a = 0, b = 0, c = 0, d = 0], other) => other !== index && x < a + c && a < x + w && y < b + d && b < y + h,
      ),
    ).length;
  });
  expect(overlapping).toBe(0);
  expect(await page.$eval(".node.picked", (node) => node.getBoundingClientRect().top)).toBeGreaterThan(0);
  expect(await page.$eval(".node.picked", (node) => node.getBoundingClientRect().bottom)).toBeLessThan(900);
  const panel = await page.$eval(".detail:target", (one) => one.getBoundingClientRect().left);
  expect(await page.$eval(".node.picked", (node) => node.getBoundingClientRect().right)).toBeLessThan(panel);
  await page.screenshot({ path: join(SCREENSHOTS, "graph-many.png") });
});

test("the page of the objectives is drawn without anything outside of its picture", async () => {
  const file = join(folderWith(), "slo.html");
  await fairlead(ROOT, ["slo", "prod", "--html", file]);
  const { page, asked } = await opened(file);
  const outside = await page.$$eval("svg", (pictures) =>
    pictures.flatMap((picture) => {
      const frame = picture.getBoundingClientRect();
      return [...picture.querySelectorAll("text")]
        .filter((one) => {
          const box = one.getBoundingClientRect();
          return box.left < frame.left || box.right > frame.right || box.top < frame.top || box.bottom > frame.bottom;
        })
        .map((one) => one.textContent);
    }),
  );
  expect(outside).toEqual([]);
  expect(asked.filter((url) => !url.startsWith("file:"))).toEqual([]);
  await page.screenshot({ path: join(SCREENSHOTS, "slo.png") });
});

test("no secret stands in the page, and a name is no markup", async () => {
  const file = join(folderWith(), "evil.html");
  const data = { stringData: { PASSWORD: "hunter2" } };
  const evil = "</script><img src=x onerror=alert(1)>";
  const secret = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "s", labels: { "fairlead.dev/owner": evil } },
    ...data,
  };
  write(file, pageOf(evil, modelOf({ name: "x", members: { [evil]: { type: "x:y:Z", objects: { secret } } } })));
  expect(readFileSync(file, "utf8")).not.toContain("hunter2");
  const { page, asked } = await opened(file);
  expect(await page.$$eval("img", (images) => images.length)).toBe(0);
  expect(asked.filter((url) => !url.startsWith("file:"))).toEqual([]);
  expect(await page.$eval("h1", (heading) => heading.textContent)).toBe(evil);
});

test("without a file's name it stands where the state is kept; an unknown environment is refused", async () => {
  const folder = projectWith();
  expect((await fairlead(folder, ["graph", "prod"])).stdout).toBe(
    ".fairlead/graph/prod.html: 2 nodes; open it in a browser\n",
  );
  expect(statSync(join(folder, ".fairlead/graph/prod.html")).size).toBeGreaterThan(1000);
  expect(await fairlead(folder, ["graph", "prdo"])).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('did you mean "prod"?'),
  });
});
