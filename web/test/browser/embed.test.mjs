// @ts-check
/** Recordings in other pages: the element, the frame, and the site on a host of nothing but files. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { deflateRawSync } from "node:zlib";
import { clean, cleanInBoth } from "./axe.mjs";
import { start } from "./fixture.mjs";
import { DESKTOP, PHONE, fits, openPage, ready } from "./page.mjs";
import { startServer } from "./server.mjs";
import { builtSite, serveFiles } from "./static-host.mjs";

const recording = readFileSync(new URL("../../public/example/recording.json", import.meta.url));

const { browser, server } = await start();
/** Another origin, with pages of its own. */
const other = await serveFiles(new Map(), "/");
after(() => other.close());

/** A page of the other origin. @param {string} html @param {Record<string, string | Buffer>} [files] @param {Parameters<typeof openPage>[2]} [options] */
function openOther(html, files = {}, options = {}) {
  other.files = new Map(Object.entries({ "index.html": `<!doctype html><html lang="en"><title>Other</title><link rel="icon" href="data:,"><main><h1>Other</h1>${html}</main></html>`, ...files }).map(([name, content]) => [name, Buffer.from(content)]));
  return openPage(browser, other.url, { expectReady: false, ...options });
}

/** @param {string} attributes */
const element = (attributes) => `<script type="module" src="${server.url}player.js"></script><stepwire-player ${attributes}></stepwire-player>`;

describe("the element", () => {
  test("the example is read by its names and its keys, and axe finds nothing in light and dark", async () => {
    const p = await openPage(browser, `${server.url}example/`, { expectReady: false });
    const player = p.page.getByRole("region", { name: "A chunked response" });
    await player.getByText("2 of 4", { exact: true }).waitFor();
    await player.getByRole("button", { name: /^2 resp = conn\.getresponse|^Step 2/ }).waitFor();
    await player.getByRole("group", { name: /^State diagram.*Now: Unread-response/ }).waitFor();
    await player.getByRole("treeitem", { name: /^Transfer-Encoding/ }).click();
    await player.getByRole("region", { name: "Explanation" }).last().getByText(/chunked/).first().waitFor();
    await player.getByRole("group", { name: "Selection" }).getByText("Transfer-Encoding", { exact: true }).waitFor();
    await p.page.keyboard.press("F10");
    await player.getByText("3 of 4", { exact: true }).waitFor();
    await p.page.keyboard.press("F9");
    await p.page.keyboard.press("F9");
    await player.getByText("1 of 4", { exact: true }).waitFor();
    // A step is said once its bytes are shown.
    const shown = await player.evaluateHandle((root) => {
      const status = /** @type {Element} */ (root.querySelector("[role=status]"));
      return { said: new Promise((done) => new MutationObserver(() => { if (/^Step 4 of 4/.test(status.textContent ?? "")) done(root.querySelector(".bytes-head")?.textContent); }).observe(status, { subtree: true, childList: true, characterData: true })) };
    });
    await player.getByRole("slider", { name: "Timeline" }).fill("4");
    assert.match(String(await shown.evaluate(({ said }) => said)), /310 received/);
    await player.getByText("4 of 4", { exact: true }).waitFor();
    await player.getByRole("button", { name: /connection|request/ }).first().click();
    await p.page.frameLocator("iframe").getByRole("gridcell", { name: /^offset 0x0, 47, G/ }).waitFor();
    await cleanInBoth(p.page, "example");
    await p.close();
  });

  test("a page of another origin uses it: its styles and the player's leave each other alone", async () => {
    const p = await openOther(`<style>* { color: rgb(1, 2, 3); font-size: 40px } button { display: none }</style><p class="hint">Own text</p>${element('src="a.json" height="300" theme="dark"')}`, { "a.json": recording });
    const player = p.page.getByRole("region", { name: "Recording" });
    await player.getByText("4 of 4", { exact: true }).waitFor();
    await player.getByRole("button", { name: "Step back" }).waitFor();
    assert.equal(await p.page.locator("stepwire-player").evaluate((e) => e.getBoundingClientRect().height), 300);
    assert.equal(await p.page.getByText("Own text").evaluate((e) => getComputedStyle(e).fontSize), "40px");
    assert.equal(await player.evaluate((e) => getComputedStyle(e).backgroundColor), "rgb(19, 26, 34)");
    await p.close();
  });

  test("attributes and properties: step, view, another recording, one the page has", async () => {
    const p = await openOther(element('src="a.json" step="0" view="calls"'), { "a.json": recording, "b.http": "HTTP/1.1 204 No Content\r\nServer: b\r\n\r\n" });
    const player = p.page.locator("stepwire-player");
    await p.page.getByText("0 of 4", { exact: true }).waitFor();
    assert.equal(await p.page.getByRole("tree").count(), 0);
    await player.evaluate((e) => { e.setAttribute("view", "bytes"); e.setAttribute("step", "3"); });
    await p.page.getByText("3 of 4", { exact: true }).waitFor();
    await p.page.getByRole("tree").waitFor();
    /** Steps are told to the page. */
    const told = player.evaluate((/** @type {any} */ e) => new Promise((done) => { e.addEventListener("step", () => done(e.step), { once: true }); e.step = 1; }));
    assert.equal(await told, 1);
    await player.evaluate((/** @type {any} */ e) => { e.src = "b.http"; });
    await p.page.getByRole("treeitem", { name: /^Server/ }).waitFor();
    await player.evaluate((/** @type {any} */ e, text) => { e.removeAttribute("step"); return e.show(JSON.parse(text)); }, String(recording));
    await p.page.getByText("4 of 4", { exact: true }).waitFor();
    await p.close();
  });

  test("what cannot be shown is an error inside the element, in words", async () => {
    /** @type {[label: string, attributes: string, says: RegExp][]} */
    const wrong = [
      ["missing", 'src="missing.json"', /answered 404.*missing\.json/s],
      ["no recording", 'src="odd.txt"', /cannot be shown.*odd\.txt/s],
      ["hostile", 'src="hostile.json"', /event 0 is no call of http\.client.*onerror.*hostile\.json/s],
      ["of another site", 'src="http://127.0.0.1:1/a.json"', /could not be fetched; a file of another site/],
      ["at no step", 'src="a.json" step="last"', /step must be a whole number from 0, not "last"/],
      ["in no view", 'src="a.json" view="all"', /view must be one of calls, state, bytes, explain, not "all"/],
    ];
    const hostile = { format: "stepwire-recording", version: 1, events: [{ type: "call", seq: 0, t: 0, call: 1, name: "<img src=x onerror=alert(1)>", args: {}, state: "Idle" }] };
    const p = await openOther(wrong.map(([label, attributes]) => element(`${attributes} label="${label}" height="120"`)).join(""),
      { "a.json": recording, "odd.txt": "What is this?", "hostile.json": JSON.stringify(hostile) }, { tolerate: /404|ERR_/ });
    for (const [label, , says] of wrong) {
      await p.page.getByRole("region", { name: label, exact: true }).getByRole("alert").filter({ hasText: says }).waitFor();
    }
    await clean(p.page, "errors");
    await p.close();
  });

  test("on a phone the panes come by tabs", async () => {
    const p = await openOther(element('src="a.json"') + '<meta name="viewport" content="width=device-width">', { "a.json": recording }, { viewport: PHONE, hasTouch: true });
    await p.page.getByText("4 of 4", { exact: true }).waitFor();
    for (const [tab, sees] of [["State", /^State diagram/], ["Bytes", /^Selection/]]) {
      await p.page.getByRole("tab", { name: /** @type {string} */ (tab), exact: true }).tap();
      await p.page.getByRole("group", { name: sees }).first().waitFor();
    }
    await p.page.getByRole("tab", { name: "Bytes" }).focus();
    await p.page.keyboard.press("ArrowRight");
    await p.page.getByRole("tab", { name: "Explain", selected: true }).waitFor();
    await clean(p.page, "phone");
    await fits(p.page);
    await p.close();
  });
});

/** @param {unknown} link */
const fragment = (link) => "#v1." + deflateRawSync(JSON.stringify(link)).toString("base64url");

describe("the frame", () => {
  test("another origin frames the page: it shows a link and makes no call of it", async () => {
    const hash = fragment({ host: "127.0.0.1", port: Number(server.demo.split(":")[1]), calls: [{ name: "request", args: { method: "DELETE", url: "/hello" } }, { name: "getresponse", args: {} }] });
    const p = await openOther(`<iframe title="Stepwire" width="900" height="500" src="${server.url}?embed${hash}"></iframe>`);
    const frame = p.page.frameLocator("iframe");
    /** @type {string[]} */
    const sockets = [];
    p.page.on("websocket", (w) => sockets.push(w.url()));
    await frame.getByText(`2 calls to ${server.demo}, not made yet.`).waitFor();
    const open = frame.getByRole("link", { name: "Open in Stepwire" });
    assert.equal(await open.getAttribute("href"), `${server.url}${hash}`);
    assert.equal(await open.getAttribute("target"), "_blank");
    assert.equal(await frame.getByRole("button", { name: /^(Step|Run all|Run again|Play)$/ }).count(), 0);
    for (const key of ["F10", "F8", "Control+Enter"]) {
      await frame.getByRole("group", { name: "Calls", exact: true }).focus();
      await p.page.keyboard.press(key);
    }
    await cleanInBoth(p.page, "link in a frame");
    assert.deepEqual(sockets, []);
    // No worker but that of the tools, so nothing that could connect.
    assert.deepEqual(p.page.workers().map((w) => /worker\.[0-9a-f]+\.js$/.test(w.url())), [true]);
    await p.close();
  });

  test("a link to a demonstration runs at a press with the server in the page, which sends nothing", async () => {
    const hash = fragment({ demo: "chunked", calls: [{ name: "request", args: { method: "GET", url: "/chunked" } }, { name: "getresponse", args: {} }, { name: "read", args: {} }] });
    const p = await openOther(`<iframe title="Stepwire" width="900" height="500" src="${server.url}?embed${hash}"></iframe>`);
    const frame = p.page.frameLocator("iframe");
    /** @type {string[]} */
    const sockets = [];
    p.page.on("websocket", (w) => sockets.push(w.url()));
    await frame.getByText('3 calls to the demonstration "chunked", not made yet.').waitFor();
    await frame.getByRole("button", { name: "Run here" }).focus();
    await p.page.keyboard.press("Enter");
    await frame.getByText("3 of 3", { exact: true }).waitFor();
    await frame.getByText("Made with the server in this page: nothing is sent.").waitFor();
    await frame.getByRole("treeitem", { name: /^Transfer-Encoding/ }).waitFor();
    // The keys go on from where the button was.
    await p.page.keyboard.press("F9");
    await frame.getByText("2 of 3", { exact: true }).waitFor();
    assert.deepEqual(sockets, []);
    await p.close();
  });

  test("nothing but ?embed can be framed, and it takes recordings of its own origin only", async () => {
    const p = await openOther(`<iframe title="a" src="${server.url}"></iframe><iframe title="b" src="${server.url}?embedded&embed=1"></iframe><iframe title="c" src="${server.url}?embed&src=${encodeURIComponent(other.url)}a.json"></iframe><iframe title="d" src="${server.url}?embed"></iframe>`, {}, { tolerate: /frame-ancestors|Framing/ });
    await p.page.frameLocator("[title=c]").getByRole("alert").getByText(`must come from ${new URL(server.url).origin}`).waitFor();
    await p.page.frameLocator("[title=d]").getByRole("alert").getByText("neither a recording").waitFor();
    for (const title of ["a", "b"]) assert.equal(await p.page.frameLocator(`[title=${title}]`).getByText("Stepwire").count(), 0, title);
    await p.close();
  });

  test("where the operator lets a site frame the page, that site has all of it", async (t) => {
    const own = await startServer(["--frame-ancestor", new URL(other.url).origin]);
    t.after(() => own.stop());
    const p = await openOther(`<iframe title="Stepwire" width="1200" height="800" src="${own.url}"></iframe>`);
    await p.page.frameLocator("iframe").getByRole("button", { name: "Run all", disabled: false }).waitFor();
    await p.close();
  });

  test("where the host says nothing of frames, a framed page is an embedded one", async (t) => {
    const host = await serveFiles(builtSite());
    t.after(() => host.close());
    const p = await openOther(`<iframe title="Stepwire" width="1200" height="800" src="${host.url}"></iframe>`, {}, { tolerate: /404/ });
    await p.page.frameLocator("iframe").getByRole("alert").getByText("neither a recording").waitFor();
    assert.ok(!host.asked.includes("demo.json"));
    await p.close();
  });
});

describe("the static site", () => {
  test("make dist's folder works under a path, and its zip holds the same files", async (t) => {
    const root = fileURLToPath(new URL("../../..", import.meta.url)), out = mkdtempSync(path.join(tmpdir(), "stepwire-dist-"));
    t.after(() => rmSync(out, { recursive: true }));
    const folder = path.join(out, "dist");
    execFileSync("go", ["run", "./netshim/site/dist", "-out", folder], { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
    const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((n) => statSync(path.join(folder, n)).isFile());
    assert.deepEqual(names.filter((n) => /\.(br|gz)$|PLACEHOLDER/.test(n)), []);
    const zip = path.join(out, "unpacked");
    execFileSync("python3", ["-m", "zipfile", "-e", path.join(folder, "stepwire.zip"), zip]);
    for (const name of names) if (name !== "stepwire.zip") assert.deepEqual(readFileSync(path.join(zip, "stepwire", name)), readFileSync(path.join(folder, name)), name);

    const host = await serveFiles(new Map(names.map((n) => [n, readFileSync(path.join(folder, n))])), "/some/where/");
    t.after(() => host.close());
    const p = await openPage(browser, host.url, { expectReady: false, tolerate: /404/, viewport: DESKTOP });
    await ready(p.page);
    // The demonstrations run in the page.
    await p.page.keyboard.press("Control+Enter");
    await p.hears(/Step 5 of 5: read/);
    // A recording opens and is stepped through; bytes are decoded.
    await p.page.getByRole("button", { name: "Open a file" }).click();
    await p.page.getByLabel(/^File to open/).setInputFiles({ name: "recording.json", mimeType: "application/json", buffer: recording });
    await p.hears(/Opened a recording/);
    await p.page.keyboard.press("F9");
    await p.hears("Step 3 of 4: read.");
    await p.page.getByRole("button", { name: "Open a file" }).click();
    await p.page.getByRole("textbox", { name: "Bytes or dump to decode" }).fill("HTTP/1.1 200 OK\nContent-Length: 2\n\nok");
    await p.page.getByRole("button", { name: "Decode" }).click();
    await p.hears(/Opened the bytes of a response/);
    await p.page.getByRole("button", { name: "Keys" }).click();
    const download = p.page.waitForEvent("download");
    await p.page.getByRole("link", { name: "Download the page as a zip" }).click();
    assert.deepEqual(readFileSync(await (await download).path()), readFileSync(path.join(folder, "stepwire.zip")));
    await p.page.goto(`${host.url}example/`);
    await p.page.getByText("2 of 4", { exact: true }).waitFor();
    await p.page.frameLocator("iframe").getByText("4 of 4", { exact: true }).waitFor();
    await p.close();
  });
});
