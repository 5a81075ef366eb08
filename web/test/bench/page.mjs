// @ts-check
/**
 * How the built page behaves in Chromium, beside its goals: what is painted before
 * the client is there, a large exchange scrolled, long runs stepped and scrubbed.
 *
 *   node test/bench/page.mjs [--out FILE]
 *
 * Prints a table, writes FILE (bin/bench/page.json) and fails when a goal is missed.
 * Run by: make bench-page
 */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { machine } from "../../../wasm/js/bench/machine.mjs";
import { launch } from "../browser/chromium.mjs";
import { DESKTOP, openPage } from "../browser/page.mjs";
import { startServer } from "../browser/server.mjs";
import { manyChunks, manyExchanges } from "./recordings.mjs";

/** @import { Page } from "playwright-core" */

const { values: options } = parseArgs({
  options: { out: { type: "string", default: fileURLToPath(new URL("../../../bin/bench/page.json", import.meta.url)) } },
});

/** Events of a long run; steps taken in each way of going through it. */
const EVENTS = 10_000, STEPS = 100;
/** A line of 4 Mbit/s, 100 ms away: the client takes longer to arrive than the page. */
const LINE = { offline: false, latency: 100, downloadThroughput: 500_000, uploadThroughput: 125_000 };

/** @typedef {{ what: string, value: number, unit: string, goal?: { most: number } }} Row */
/** @type {Row[]} */
const rows = [];
/** @param {string} what @param {number} value @param {string} unit @param {number} [most] the goal */
const row = (what, value, unit, most) => rows.push({ what, value: Math.round(value * 10) / 10, unit, ...(most === undefined ? {} : { goal: { most } }) });

/** @param {number[]} list @param {number} q */
const quantile = (list, q) => list.toSorted((a, b) => a - b)[Math.min(list.length - 1, Math.floor(q * list.length))] ?? NaN;

/** @param {string} what @param {number[]} times ms */
function spread(what, times) {
  row(`${what}, median`, quantile(times, 0.5), "ms");
  row(`${what}, 95th percentile`, quantile(times, 0.95), "ms");
  row(`${what}, longest`, Math.max(...times), "ms");
}

const [browser, server] = await Promise.all([launch(), startServer()]);

/** The first paint over a slow line, and when the client's module was there. */
async function paint() {
  const context = await browser.newContext({ viewport: DESKTOP, serviceWorkers: "block" }); // a copy for offline use is kept aside of what is measured
  const page = await context.newPage();
  const wire = await context.newCDPSession(page);
  await wire.send("Network.enable");
  await wire.send("Network.emulateNetworkConditions", LINE);
  /** @type {Promise<number>} */
  const arrived = new Promise((resolve) => {
    page.on("requestfinished", async (r) => {
      if (/\/stepwire\.[^/]*wasm$/.test(r.url())) resolve(r.timing().startTime + r.timing().responseEnd);
    });
  });
  await page.goto(server.url);
  const wasm = await arrived;
  const { first, origin } = await page.evaluate(() => ({ first: performance.getEntriesByName("first-contentful-paint")[0].startTime, origin: performance.timeOrigin }));
  row("first contentful paint, 4 Mbit/s and 100 ms away", first, "ms");
  row("client's module arrived", wasm - origin, "ms");
  row("first contentful paint ÷ module arrived", first / (wasm - origin), "×", 1);
  await context.close();
}

/** Frames and long tasks from here on, kept in the page. @param {Page} page */
const watch = (page) => page.evaluate(() => {
  /** @type {{ tasks: number[], events: number[], steps: number[] }} */
  const w = { tasks: [], events: [], steps: [] };
  /** @type {any} */ (globalThis).watched = w;
  new PerformanceObserver((list) => w.tasks.push(...list.getEntries().map((e) => e.duration))).observe({ type: "longtask" });
  new PerformanceObserver((list) => w.events.push(...list.getEntries().map((e) => e.duration))).observe(/** @type {any} */ ({ type: "event", durationThreshold: 16 }));
  // What a step costs: its handler, and the frame that it asked for, up to the layout.
  for (const type of ["keydown", "input"]) {
    let began = 0, handled = 0, frame = 0;
    addEventListener(type, () => {
      began = performance.now();
      requestAnimationFrame(() => { frame = performance.now(); });
    }, true);
    addEventListener(type, () => {
      handled = performance.now() - began;
      requestAnimationFrame(() => {
        void document.body.offsetHeight;
        w.steps.push(handled + performance.now() - frame);
      });
    });
  }
});

/** @param {Page} page @returns {Promise<{ tasks: number[], events: number[], steps: number[] }>} */
const watched = (page) => page.evaluate(() => new Promise((r) => requestAnimationFrame(() => setTimeout(() => r(/** @type {any} */ (globalThis).watched), 50))));

/**
 * The longest task of the page's main thread in its own CPU time, ms, while `f` runs:
 * what else the machine does is not in it. @param {Page} page @param {() => Promise<unknown>} f
 */
async function longestTask(page, f) {
  await browser.startTracing(page, { categories: ["toplevel"] });
  await f();
  /** @type {{ traceEvents: { ph: string, name: string, pid: number, tid: number, tdur?: number, args?: any }[] }} */
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString());
  const main = new Set(traceEvents.filter((e) => e.name === "thread_name" && e.args.name === "CrRendererMain").map((e) => `${e.pid}/${e.tid}`));
  const times = traceEvents.filter((e) => e.ph === "X" && e.name.endsWith("RunTask") && main.has(`${e.pid}/${e.tid}`)).map((e) => (e.tdur ?? 0) / 1000);
  if (!times.length) throw new Error("the trace has no task of the page in it");
  return Math.max(...times);
}

/** A body of 1 MiB on the wire view, scrolled as fast as frames come. */
async function scroll() {
  const p = await openPage(browser, server.url);
  await p.demo("bytes");
  await p.page.keyboard.press("Control+Enter");
  await p.hears("Step 5 of 5: read. Idle.");
  await watch(p.page);
  let seen = /** @type {{ times: number[], nodes: number }} */ (/** @type {unknown} */ (null));
  const cpu = await longestTask(p.page, async () => { seen = await p.page.evaluate(scrolling); });
  const { tasks } = await watched(p.page);
  spread("1 MiB scrolled, a frame", seen.times);
  row("1 MiB scrolled, longest task, CPU time", cpu, "ms", 50);
  row("1 MiB scrolled, elements of the wire view", seen.nodes, "", 4000);
  row("1 MiB scrolled, tasks over 50 ms", tasks.length, "", 0);
  await p.close();
}

/** Runs in the page. */
async function scrolling() {
  const hex = /** @type {HTMLElement} */ (document.querySelector("sw-hex"));
  const frame = () => new Promise((r) => requestAnimationFrame(r));
  hex.scrollTop = 0;
  await frame();
  /** @type {number[]} */
  const times = [];
  let nodes = 0;
  let last = Number(await frame());
  // A flick: 700 px a frame, then jumps all over, as the thumb of the scrollbar makes them.
  for (let i = 0; i < 240; i++) {
    hex.scrollTop = i < 160 ? hex.scrollTop + 700 : (hex.scrollHeight * ((i * 37) % 80)) / 80;
    const now = Number(await frame());
    times.push(now - last);
    last = now;
    nodes = Math.max(nodes, hex.querySelectorAll("*").length);
  }
  return { times, nodes };
}

/**
 * A long run gone through: back from its end, forward from its start, and by the
 * timeline. @param {string} what @param {object} recording
 */
async function step(what, recording) {
  const p = await openPage(browser, server.url);
  await p.page.getByRole("button", { name: "Open a file" }).click();
  await p.page.getByLabel(/File to open/).setInputFiles({ name: "run.json", mimeType: "application/json", buffer: Buffer.from(JSON.stringify(recording)) });
  await p.hears(/^Opened/);
  await watch(p.page);
  let nodes = 0;
  const cpu = await longestTask(p.page, async () => {
    const settled = () => p.page.evaluate(() => new Promise((r) => requestAnimationFrame(() => setTimeout(r))));
    /** @param {string} key */
    const press = async (key) => { await p.page.keyboard.press(key); await settled(); };
    for (let i = 0; i < STEPS; i++) await press("F9");
    for (let i = 0; i < STEPS; i++) await press("F10");
    const timeline = p.page.getByRole("slider", { name: "Timeline" });
    const box = /** @type {{ x: number, y: number, width: number, height: number }} */ (await timeline.boundingBox());
    await p.page.mouse.move(box.x + box.width - 4, box.y + box.height / 2);
    await p.page.mouse.down();
    for (let i = 0; i <= STEPS; i++) {
      // To the start and back.
      await p.page.mouse.move(box.x + 4 + (box.width - 8) * Math.abs(1 - (2 * i) / STEPS), box.y + box.height / 2);
      await settled();
    }
    await p.page.mouse.up();
    await timeline.focus();
    await press("Home");
    for (let i = 0; i < STEPS; i++) await press("F10");
    nodes = await p.page.evaluate(() => document.querySelectorAll("*").length);
    await press("End");
  });
  const { tasks, events, steps } = await watched(p.page);
  const most = Math.max(nodes, await p.page.evaluate(() => document.querySelectorAll("*").length));
  spread(`${what}, a step`, steps);
  row(`${what}, longest task, CPU time`, cpu, "ms", 50);
  row(`${what}, longest from key to paint`, Math.max(0, ...events), "ms");
  row(`${what}, tasks over 50 ms`, tasks.length, "", 0);
  row(`${what}, elements of the page`, most, "", 6000);
  await p.close();
}

try {
  await paint();
  await scroll();
  await step(`${EVENTS.toLocaleString("en")} events in many exchanges`, manyExchanges(EVENTS));
  await step(`${EVENTS.toLocaleString("en")} events in one response`, manyChunks(EVENTS));
} finally {
  await browser.close();
  await server.stop();
}

const missed = rows.filter((r) => r.goal && !(r.value <= r.goal.most));
console.log("| what | measured | goal |  |\n| --- | ---: | ---: | --- |");
for (const r of rows) {
  console.log(`| ${r.what} | ${r.value.toLocaleString("en")} ${r.unit} | ${r.goal ? `≤ ${r.goal.most.toLocaleString("en")} ${r.unit}` : ""} | ${r.goal ? (missed.includes(r) ? "missed" : "reached") : ""} |`);
}
mkdirSync(path.dirname(options.out), { recursive: true });
writeFileSync(options.out, JSON.stringify({ machine: machine(), rows }, null, 2) + "\n");
if (missed.length) {
  console.error(`${missed.length} of ${rows.filter((r) => r.goal).length} goals missed`);
  process.exitCode = 1;
}
