// @ts-check
/** What leaves the page and what comes in: links, exports, files; by hand alone. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { deflateRawSync } from "node:zlib";
import { after, describe, test } from "node:test";
import { clean } from "./axe.mjs";
import { start } from "./fixture.mjs";
import { PHONE, eventually, fits, holds, openPage, ready, texts } from "./page.mjs";

/** A server that only counts who came. */
let visits = 0;
const listener = createServer((socket) => {
  visits++;
  socket.on("error", () => {}).once("data", () => socket.end("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"));
});
await new Promise((/** @type {(v?: any) => void} */ r) => listener.listen(0, "127.0.0.1", r));
after(() => listener.close());
const { port } = /** @type {import("node:net").AddressInfo} */ (listener.address());

const { browser, server } = await start(["--allow", `127.0.0.1:${port}`]);

/** @typedef {Awaited<ReturnType<typeof openPage>>} Opened */

/** @param {Opened} p @param {string} id */
async function run(p, id) {
  await p.demo(id);
  await p.page.keyboard.press("Control+Enter");
  await p.hears(/Step (\d) of \1: read\. Idle\./);
}

/** The Share dialog, open. @param {Opened} p */
async function share(p) {
  await p.page.getByRole("button", { name: "Share" }).click();
  return p.page.getByRole("dialog", { name: "Share" });
}

/** The link that Share gives. @param {Opened} p */
async function linkOf(p) {
  const dialog = await share(p);
  const field = dialog.getByRole("textbox", { name: "Link" });
  await dialog.getByRole("button", { name: "Copy link" }).and(p.page.locator(":enabled")).waitFor();
  const url = await field.inputValue();
  await dialog.getByRole("button", { name: "Close" }).click();
  return url;
}

/** Saves an export, and gives its name and bytes. @param {Opened} p @param {import("playwright-core").Locator} dialog @param {string} format */
async function exported(p, dialog, format) {
  await dialog.getByRole("radio", { name: new RegExp(`^${format.replace(/[.()]/g, "\\$&")}`) }).check();
  const coming = p.page.waitForEvent("download");
  await dialog.getByRole("button", { name: "Save file" }).click();
  const download = await coming;
  return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
}

/** Drops files on the page, at once. @param {Opened} p @param {...[name: string, bytes: Buffer]} files */
async function drop(p, ...files) {
  const data = await p.page.evaluateHandle((files) => {
    const t = new DataTransfer();
    for (const [name, bytes] of files) t.items.add(new File([Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0))], name));
    return t;
  }, files.map(([name, bytes]) => [name, bytes.toString("base64")]));
  await p.page.getByRole("main").dispatchEvent("drop", { dataTransfer: data });
}

/** Bytes as curl --trace writes them. @param {string} what @param {string} text */
function traced(what, text) {
  const bytes = Buffer.from(text, "latin1"), rows = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const row = [...bytes.subarray(at, at + 16)];
    rows.push(`${at.toString(16).padStart(4, "0")}: ${row.map((b) => b.toString(16).padStart(2, "0")).join(" ").padEnd(48)}${row.map((b) => (b > 31 && b < 127 ? String.fromCharCode(b) : ".")).join("")}`);
  }
  return `${what}, ${bytes.length} bytes (0x${bytes.length.toString(16)})\n${rows.join("\n")}\n`;
}

/** The packets of a pcapng in a pcap. @param {Buffer} pcapng @returns {Buffer<ArrayBuffer>} */
function pcapOf(pcapng) {
  const head = Buffer.alloc(24);
  head.writeUInt32LE(0xa1b2c3d4, 0);
  head.writeUInt16LE(2, 4);
  head.writeUInt16LE(4, 6);
  head.writeUInt32LE(65535, 16);
  /** @type {Uint8Array<ArrayBuffer>[]} */
  const parts = [head];
  for (let at = 0, n = 0; at < pcapng.length; at += pcapng.readUInt32LE(at + 4)) {
    const type = pcapng.readUInt32LE(at);
    if (type === 1) head.writeUInt32LE(pcapng.readUInt16LE(at + 8), 20);
    if (type !== 6) continue;
    const size = pcapng.readUInt32LE(at + 20), record = Buffer.alloc(16);
    record.writeUInt32LE(1_700_000_000, 0);
    record.writeUInt32LE(n++, 4);
    record.writeUInt32LE(size, 8);
    record.writeUInt32LE(pcapng.readUInt32LE(at + 24), 12);
    parts.push(record, Uint8Array.from(pcapng.subarray(at + 28, at + 28 + size)));
  }
  return Buffer.concat(parts);
}

/** @param {object} value */
const fragment = (value) => "#v1." + deflateRawSync(JSON.stringify(value)).toString("base64url");

describe("links", () => {
  test("to a step and a range of bytes: opened, nothing is sent until it is run", async () => {
    const p = await openPage(browser, server.url, { permissions: ["clipboard-read", "clipboard-write"] });
    await run(p, "chunked");
    await p.page.getByRole("button", { name: "Step back" }).click();
    await p.hears("Step 4 of 5");
    await p.page.getByRole("treeitem", { name: /^Transfer-Encoding/ }).click();
    const selection = p.page.getByRole("group", { name: "Selection" });
    await selection.getByText("Transfer-Encoding", { exact: true }).waitFor();
    const range = await selection.getByText(/^bytes /).textContent();
    const dialog = await share(p);
    await dialog.getByRole("button", { name: "Copy link" }).click();
    await dialog.getByText("Link copied.").waitFor();
    const url = await p.page.evaluate(() => navigator.clipboard.readText());
    assert.match(url, /#v1\.[\w-]+$/);
    await clean(p.page, "share");
    await p.close();

    const q = await openPage(browser, url, { expectReady: false });
    await q.page.getByRole("group", { name: "Opened link" }).getByText("nothing was sent").waitFor();
    await q.page.getByText("0 of 5", { exact: true }).waitFor();
    await holds(q.page.getByLabel("Demonstration"), "chunked");
    await clean(q.page, "opened link");
    await q.page.getByRole("button", { name: "Run to step 4" }).click();
    await q.page.getByText("4 of 5", { exact: true }).waitFor();
    await q.page.getByRole("group", { name: "Selection" }).getByText(/** @type {string} */ (range), { exact: true }).waitFor();
    await q.close();
  });

  test("to a server of one's own: secrets and bodies stay behind, unless they are chosen", async () => {
    const p = await openPage(browser, server.url);
    await p.page.getByRole("textbox", { name: "Server" }).fill(`127.0.0.1:${port}`);
    await p.page.getByLabel("Method", { exact: true }).fill("POST");
    await p.page.getByRole("button", { name: "Add header" }).click();
    await p.page.getByRole("textbox", { name: "Name of header 1" }).fill("Authorization");
    await p.page.getByRole("textbox", { name: "Value of header 1" }).fill("Bearer hunter2");
    await p.page.locator("summary").filter({ hasText: "Body" }).click();
    await p.page.getByRole("textbox", { name: "Body", exact: true }).fill("my diary");
    const careful = await linkOf(p);
    const dialog = await share(p);
    await dialog.getByText(/Left out: .*Authorization.*bodies/).waitFor();
    await dialog.getByRole("checkbox", { name: /secrets into the link/ }).check();
    await dialog.getByRole("checkbox", { name: /bodies into the link/ }).check();
    await dialog.getByText(/Left out/).waitFor({ state: "detached" });
    await dialog.getByRole("button", { name: "Copy link" }).and(p.page.locator(":enabled")).waitFor();
    const full = await dialog.getByRole("textbox", { name: "Link" }).inputValue();
    await p.close();

    const before = visits;
    const q = await openPage(browser, careful, { expectReady: false });
    const opened = q.page.getByRole("group", { name: "Opened link" });
    await opened.getByText(`127.0.0.1:${port}`).waitFor();
    await opened.getByText(/Left out when it was made/).waitFor();
    await holds(q.page.getByRole("textbox", { name: "Server" }), `127.0.0.1:${port}`);
    await holds(q.page.getByLabel("Method", { exact: true }), "POST");
    await holds(q.page.getByRole("textbox", { name: "Value of header 1" }), "REDACTED");
    await q.close();

    const r = await openPage(browser, full, { expectReady: false });
    await r.page.getByRole("group", { name: "Opened link" }).waitFor();
    await holds(r.page.getByRole("textbox", { name: "Value of header 1" }), "Bearer hunter2");
    assert.equal(visits, before, "a link that is opened sends nothing");
    await ready(r.page);
    await r.page.keyboard.press("Control+Enter");
    await r.hears(/getresponse\. |read\. /);
    assert.equal(visits, before + 1);
    await r.close();
  });

  test("one that makes no sense is refused in words, when the page opens and later", async () => {
    const p = await openPage(browser, `${server.url}#v9.AAAA`, { expectReady: false });
    const refused = (/** @type {RegExp} */ says) => p.page.getByRole("alert").filter({ hasText: "The link could not be opened." }).filter({ hasText: says }).waitFor();
    await refused(/v9/);
    for (const [what, hash, says] of /** @type {[string, string, RegExp][]} */ ([
      ["cut on its way", "#v1.q1bKzEvOz0", /not a DEFLATE stream, or a cut one/],
      ["that inflates without end", "#v1." + deflateRawSync(Buffer.alloc(4 << 20, 32)).toString("base64url"), /more than 1048576 bytes/],
      ["with a call that does not exist", fragment({ host: "127.0.0.1", calls: [{ name: "__import__" }] }), /no call of http\.client/],
      ["with arguments that make no sense", fragment({ host: "127.0.0.1", calls: [{ name: "request", args: { method: "GET", url: "/", headers: { length: -1 } } }] }), /request cannot take/],
      ["with markup in it", fragment({ host: "<img src=x onerror=alert(1)>", calls: [{ name: "putrequest", args: { method: "<b>", url: 5 } }] }), /putrequest cannot take 5 as url/],
      ["to a demonstration that is not there", fragment({ demo: "nope" }), /no demonstration "nope"/],
    ])) {
      await p.page.goto(server.url + hash);
      await refused(says).catch((e) => { throw new Error(`a link ${what} was not refused`, { cause: e }); });
    }
    // One name as long as a page is no reason to widen it.
    await p.page.goto(server.url + fragment({ host: "a".repeat(3000), calls: [{ name: "connect", args: {} }] }));
    await p.page.getByRole("group", { name: "Opened link" }).getByText("It holds 1 call to").waitFor();
    await fits(p.page);
    await ready(p.page);
    await run(p, "fixed");
    await p.close();
  });
});

describe("exports", () => {
  test("every format is saved under a name that says what it is", async () => {
    const p = await openPage(browser, server.url);
    await run(p, "cookies");
    const dialog = await share(p);
    const wanted = /** @type {[string, RegExp, (b: Buffer) => boolean][]} */ ([
      ["HAR 1.2", /\.har$/, (b) => JSON.parse(String(b)).log.version === "1.2" && !/theme=dark/.test(String(b))],
      ["pcapng", /\.pcapng$/, (b) => b.readUInt32BE(0) === 0x0a0d0d0a],
      ["curl --trace", /\.trace\.txt$/, (b) => /^=> Send header/m.test(String(b))],
      ["curl command", /\.sh$/, (b) => /curl .*--http1\.1/s.test(String(b))],
      ["Python", /\.py$/, (b) => /http\.client/.test(String(b))],
      ["Go", /\.go$/, (b) => /^package main/m.test(String(b))],
      ["Raw bytes, sent", /\.sent\.http$/, (b) => String(b).startsWith("GET /cookies")],
      ["Raw bytes, received", /\.received\.http$/, (b) => String(b).startsWith("HTTP/1.1 200")],
    ]);
    for (const [format, name, holds] of wanted) {
      const file = await exported(p, dialog, format);
      assert.match(file.name, name);
      assert.match(file.name, /^stepwire-127\.0\.0\.1-\d+-run\d+\./);
      assert.ok(holds(file.bytes), `${format}: ${String(file.bytes).slice(0, 300)}`);
    }
    await p.close();
  });

  test("a recording keeps every byte, so secrets in it must be chosen; it replays without a network", async () => {
    const p = await openPage(browser, server.url);
    await run(p, "cookies");
    const dialog = await share(p);
    await dialog.getByRole("radio", { name: /^Recording/ }).check();
    await dialog.getByRole("button", { name: "Save file" }).click();
    await dialog.getByRole("alert").getByText(/Set-Cookie.*ask for secrets/).waitFor();
    await dialog.getByRole("checkbox", { name: /^Keep secrets in the file/ }).check();
    const file = await exported(p, dialog, "Recording (JSON)");
    assert.match(file.name, /\.recording\.json$/);
    await dialog.getByRole("button", { name: "Close" }).click();

    const q = await openPage(browser, server.url);
    await q.page.getByRole("button", { name: "Open a file" }).click();
    await q.page.getByLabel(/^File to open/).setInputFiles({ name: file.name, mimeType: "application/json", buffer: file.bytes });
    await q.hears(/Opened a recording/);
    await q.page.context().setOffline(true);
    await q.page.getByRole("group", { name: "Read from a file" }).getByText("Replayed").waitFor();
    await q.page.getByRole("treeitem", { name: /^status line/ }).waitFor();
    await eventually(async () => assert.deepEqual(await texts(q.page.getByRole("treeitem")), await texts(p.page.getByRole("treeitem"))));
    await p.close();
    await q.page.keyboard.press("F9");
    await q.hears("Step 4 of 5: getresponse.");
    await q.page.getByRole("tab", { name: /^Response 200/ }).waitFor();
    await q.page.getByRole("button", { name: "putrequest", exact: true, disabled: true }).waitFor();
    await clean(q.page, "replayed");
    await q.close();
  });
});

describe("decoding", () => {
  test("a pasted response, by the keyboard alone: fields, bytes and remarks", async () => {
    const p = await openPage(browser, server.url);
    await p.page.getByRole("button", { name: "Open a file" }).focus();
    await p.page.keyboard.press("Enter");
    const dialog = p.page.getByRole("dialog", { name: "Open" });
    await dialog.getByRole("textbox", { name: "Bytes or dump to decode" }).fill("HTTP/1.1 200 OK\nContent-Length: 2\nContent-Length: 2\nX-Odd : 1\n\nok");
    await clean(p.page, "open");
    await dialog.getByRole("button", { name: "Decode" }).focus();
    await p.page.keyboard.press("Enter");
    await p.hears(/Opened the bytes of a response/);
    await dialog.waitFor({ state: "hidden" });
    await p.page.getByRole("treeitem", { name: /^Content-Length/ }).first().waitFor();
    await p.page.getByRole("gridcell", { name: /^offset 0x0, 48, H/ }).waitFor();
    await p.page.getByRole("gridcell", { name: /0d, CR/ }).first().waitFor();
    await p.page.getByRole("region", { name: "Explanation" }).getByRole("heading", { name: "Remarks" }).waitFor();
    await p.page.getByRole("region", { name: "Explanation" }).getByRole("button", { name: /^received / }).first().click();
    await p.page.getByRole("group", { name: "Selection" }).getByText(/^bytes? \d/).waitFor();
    await clean(p.page, "decoded");
    await p.close();
  });

  for (const [what, text, kind] of [
    ["a hex dump", "00000000: 4854 5450 2f31 2e31 2032 3034 204e 6f20  HTTP/1.1 204 No \n00000010: 436f 6e74 656e 740d 0a0d 0a              Content....\n", /Opened a hex dump/],
    ["a HAR", JSON.stringify({ log: { version: "1.2", creator: { name: "x", version: "1" }, entries: [{ startedDateTime: "2026-01-01T00:00:00Z", time: 1, request: { method: "GET", url: "http://example.org/", httpVersion: "HTTP/1.1", headers: [{ name: "Host", value: "example.org" }], queryString: [], cookies: [], headersSize: -1, bodySize: 0 }, response: { status: 200, statusText: "OK", httpVersion: "HTTP/1.1", headers: [{ name: "Content-Length", value: "2" }], cookies: [], content: { size: 2, mimeType: "text/plain", text: "ok" }, redirectURL: "", headersSize: -1, bodySize: 2 }, cache: {}, timings: { send: 0, wait: 1, receive: 0 } }] } }), /Opened a HAR archive/],
  ]) {
    test(`${what} is known for what it is`, async () => {
      const p = await openPage(browser, server.url);
      await p.page.getByRole("button", { name: "Open a file" }).click();
      await p.page.getByRole("textbox", { name: "Bytes or dump to decode" }).fill(/** @type {string} */ (text));
      await p.page.getByRole("button", { name: "Decode" }).click();
      await p.hears(/** @type {RegExp} */ (kind));
      await p.page.getByRole("treeitem", { name: /^status line|^status/ }).first().waitFor();
      await p.close();
    });
  }

  test("a capture that was exported and more files are dropped on the page, and opened one after the other", async () => {
    const p = await openPage(browser, server.url);
    await run(p, "gzip");
    const { bytes } = await exported(p, await share(p), "pcapng");
    await p.page.keyboard.press("Escape");
    const entry = (/** @type {string} */ url) => ({ startedDateTime: "2026-01-01T00:00:00Z", time: 1, request: { method: "GET", url, httpVersion: "HTTP/1.1", headers: [], queryString: [], cookies: [], headersSize: -1, bodySize: 0 }, response: { status: 204, statusText: "No Content", httpVersion: "HTTP/1.1", headers: [], cookies: [], content: { size: 0, mimeType: "" }, redirectURL: "", headersSize: -1, bodySize: 0 }, cache: {}, timings: { send: 0, wait: 1, receive: 0 } });
    await drop(p, ["capture.pcapng", bytes], ["what.txt", Buffer.from("What is this?")]);
    await drop(p, ["page.har", Buffer.from(JSON.stringify({ log: { version: "1.2", entries: [entry("data:,x"), entry("http://a.example/")] } }))]);
    await p.page.getByRole("dialog", { name: "Open" }).getByRole("alert").getByText(/^what\.txt could not be read\. "What is this\?"/).waitFor();
    await p.page.keyboard.press("Escape");
    const opened = p.page.getByRole("group", { name: "Read from a file" });
    await opened.getByText("page.har").waitFor();
    await opened.getByText("1 entry that is not of HTTP is left out").waitFor();

    const runs = p.page.getByLabel("Run", { exact: true });
    assert.deepEqual(await texts(runs.locator("option")), ["Run 1", "Run 2 (capture.pcapng)", "Run 3 (page.har)"]);
    await runs.selectOption("Run 2 (capture.pcapng)");
    await opened.getByText("capture.pcapng").waitFor();
    await p.page.getByRole("treeitem", { name: /^Content-Length/ }).first().waitFor();
    const details = p.page.getByRole("tablist", { name: "Details" });
    await details.getByRole("tab", { name: "Response" }).click();
    await p.page.getByText("response, connection 1").waitFor();
    await p.page.getByRole("group", { name: "Body view" }).getByRole("button", { name: "decompressed" }).click();
    await p.page.getByRole("region", { name: "Body as text" }).getByText(/\w+ \w+/).waitFor();
    await clean(p.page, "the response of a capture");
    // A capture has neither a relay nor the records that it was decrypted from.
    await details.getByRole("tab", { name: "TLS" }).click();
    await p.page.getByText("What was read holds the plaintext alone.").waitFor();
    await details.getByRole("tab", { name: "Ladder" }).click();
    await p.page.getByRole("list", { name: "Sequence ladder" }).waitFor();
    assert.equal(await p.page.getByText("relay", { exact: true }).count(), 0);
    await p.close();
  });

  for (const [name, text, kind] of /** @type {[string, string, RegExp][]} */ ([
    ["transfer.trace.txt", `${traced("=> Send header", "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n")}${traced("<= Recv header", "HTTP/1.1 204 No Content\r\n\r\n")}`, /Opened the output of curl --trace/],
    ["dump.hex", "00000000: 4854 5450 2f31 2e31 2032 3034 204e 6f20  HTTP/1.1 204 No \n00000010: 436f 6e74 656e 740d 0a0d 0a              Content....\n", /Opened a hex dump/],
    ["page.har", JSON.stringify({ log: { version: "1.2", creator: { name: "x", version: "1" }, entries: [{ startedDateTime: "2026-01-01T00:00:00Z", time: 1, request: { method: "GET", url: "http://example.org/", httpVersion: "HTTP/1.1", headers: [], queryString: [], cookies: [], headersSize: -1, bodySize: 0 }, response: { status: 204, statusText: "No Content", httpVersion: "HTTP/1.1", headers: [], cookies: [], content: { size: 0, mimeType: "" }, redirectURL: "", headersSize: -1, bodySize: 0 }, cache: {}, timings: { send: 0, wait: 1, receive: 0 } }] } }), /Opened a HAR archive/],
  ])) {
    test(`${name}, chosen and dropped`, async () => {
      const p = await openPage(browser, server.url);
      await p.page.getByRole("button", { name: "Open a file" }).click();
      await p.page.getByLabel(/^File to open/).setInputFiles({ name, mimeType: "text/plain", buffer: Buffer.from(text) });
      await p.hears(kind);
      await p.page.getByRole("group", { name: "Read from a file" }).getByText(name).waitFor();
      await p.page.getByRole("treeitem", { name: /^status line/ }).first().waitFor();
      await drop(p, [name, Buffer.from(text)]);
      await p.page.getByLabel("Run", { exact: true }).locator("option").nth(2).waitFor({ state: "attached" });
      await p.close();
    });
  }

  test("a capture of the older kind, pcap, chosen", async () => {
    const p = await openPage(browser, server.url);
    await run(p, "fixed");
    const { bytes } = await exported(p, await share(p), "pcapng");
    await p.page.keyboard.press("Escape");
    await p.page.getByRole("button", { name: "Open a file" }).click();
    await p.page.getByLabel(/^File to open/).setInputFiles({ name: "old.pcap", mimeType: "application/octet-stream", buffer: pcapOf(bytes) });
    await p.hears(/Opened a packet capture/);
    await p.page.getByRole("treeitem", { name: /^Content-Length/ }).first().waitFor();
    await p.close();
  });

  test("a capture of TLS is read with its key log, and not without", async () => {
    const p = await openPage(browser, server.url);
    await p.page.getByLabel("Scheme").selectOption("https");
    await p.hears("TLS is ready.");
    await p.page.getByRole("checkbox", { name: /^Keep the keys/ }).first().check();
    await run(p, "fixed");
    const dialog = await share(p);
    // Without its secrets the capture holds ciphertext alone.
    const capture = (await exported(p, dialog, "pcapng")).bytes;
    await dialog.getByRole("checkbox", { name: /^Keep secrets in the file/ }).check();
    const keys = (await exported(p, dialog, "Key log")).bytes;
    assert.match(String(keys), /^CLIENT_TRAFFIC_SECRET_0 [0-9a-f]{64} /m);
    await p.page.keyboard.press("Escape");
    await p.page.getByRole("button", { name: "Open a file" }).click();
    const open = p.page.getByRole("dialog", { name: "Open" });
    await open.locator("summary").filter({ hasText: "TLS" }).click();
    await open.getByLabel(/^Key log/).setInputFiles({ name: "keys.txt", mimeType: "text/plain", buffer: keys });
    await open.getByLabel(/^File to open/).setInputFiles({ name: "tls.pcapng", mimeType: "application/octet-stream", buffer: capture });
    await p.hears(/Opened a packet capture/);
    await p.page.getByRole("treeitem", { name: /^request line GET \/fixed/ }).waitFor();
    await p.page.getByRole("treeitem", { name: /^status line HTTP\/1\.1 200/ }).waitFor();
    await p.page.getByRole("tablist", { name: "Details" }).getByRole("tab", { name: "TLS" }).click();
    await p.page.getByText("whoever saw the wire had only ciphertext").waitFor();
    await p.close();

    const q = await openPage(browser, server.url);
    await drop(q, ["tls.pcapng", capture]);
    await q.page.getByText(/Opened a packet capture|could not be read/).first().waitFor({ state: "attached" });
    assert.equal(await q.page.getByRole("treeitem", { name: /^status line/ }).count(), 0);
    await drop(q, ["keys.txt", keys], ["tls.pcapng", capture]);
    await q.page.getByRole("treeitem", { name: /^status line HTTP\/1\.1 200/ }).waitFor();
    await drop(q, ["keys.txt", keys]);
    await q.page.getByRole("dialog", { name: "Open" }).getByRole("alert").getByText("keys.txt is a key log").waitFor();
    await q.close();
  });

  test("a file that is none of these is refused in words", async () => {
    const p = await openPage(browser, server.url);
    await p.page.getByRole("button", { name: "Open a file" }).click();
    for (const [name, buffer, says] of /** @type {[string, Buffer, RegExp][]} */ ([
      ["no known format", Buffer.from("What is this?"), /"What is this\?" is nothing known here: expected a recording/],
      ["nothing", Buffer.alloc(0), /nothing in it/],
      ["a recording of another shape", Buffer.from(JSON.stringify({ format: "stepwire-recording", version: 1, events: [{ type: "call", seq: 0, t: 0, call: 1, name: "request", args: { method: "GET", url: "/", headers: { a: 1 } } }] })), /event 0: request cannot take \{"a":1\} as headers/],
      ["a cut capture", Buffer.from("0a0d0d0a1c0000004d3c2b1a", "hex"), /read\. capture: unexpected EOF/],
    ])) {
      await p.page.getByLabel(/^File to open/).setInputFiles({ name, mimeType: "application/octet-stream", buffer });
      await p.page.getByRole("dialog", { name: "Open" }).getByRole("alert").filter({ hasText: `${name} could not be read.` }).filter({ hasText: says }).waitFor();
    }
    await p.page.keyboard.press("Escape");
    await run(p, "fixed");
    await p.close();
  });

  test("on a phone", async () => {
    const p = await openPage(browser, server.url, { viewport: PHONE, hasTouch: true });
    await p.page.getByRole("button", { name: "Open a file" }).tap();
    await p.page.getByRole("textbox", { name: "Bytes or dump to decode" }).fill("HTTP/1.1 200 OK\nContent-Length: 2\n\nok");
    await p.page.getByRole("button", { name: "Decode" }).tap();
    await p.hears(/Opened the bytes of a response/);
    await p.page.getByRole("tab", { name: "Bytes", exact: true }).tap();
    await p.page.getByRole("treeitem", { name: /^Content-Length/ }).waitFor();
    await fits(p.page);
    await p.page.getByRole("button", { name: "Share" }).tap();
    await p.page.getByRole("dialog", { name: "Share" }).waitFor();
    await clean(p.page, "share on a phone");
    await p.close();
  });
});
