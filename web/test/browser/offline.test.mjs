// @ts-check
/** The copy that works offline: kept whole, replaced when asked, and removable when it stands in the way. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { complete } from "../../../netshim/site/assemble.mjs";
import { startBrowser } from "./fixture.mjs";
import { eventually, holds, openPage, ready } from "./page.mjs";
import { startServer } from "./server.mjs";
import { builtSite, serveFiles } from "./static-host.mjs";

const browser = await startBrowser(), site = builtSite();

/** A host of these files, until the test is done. @param {import("node:test").TestContext} t @param {Map<string, Buffer>} files */
async function hosted(t, files) {
  const host = await serveFiles(files);
  t.after(() => host.close());
  return host;
}

/** The console tells of what a host without a server lacks, and of being offline. */
const tolerate = /404|net::ERR|Failed to load resource/;

/** @param {string} url */
const visit = (url) => openPage(browser, url, { serviceWorkers: "allow", tolerate });

/** Waits until the copy is kept, as the page says. @param {import("playwright-core").Page} page */
async function kept(page) {
  await page.getByRole("button", { name: "Keys" }).click();
  await page.getByRole("dialog", { name: "Keys" }).getByText("This browser keeps a copy").waitFor();
  await page.keyboard.press("Escape");
}

/** Decodes what is pasted: by the tools, which are loaded for it. @param {import("playwright-core").Page} page */
async function decodes(page) {
  await page.getByRole("button", { name: "Open a file" }).click();
  await page.getByRole("textbox", { name: "Bytes or dump to decode" }).fill("HTTP/1.1 200 OK\nContent-Length: 2\n\nok");
  await page.getByRole("button", { name: "Decode" }).click();
  await page.getByRole("treeitem", { name: /^Content-Length/ }).waitFor();
}

/** The caches and what is in them. @param {import("playwright-core").Page} page @returns {Promise<Record<string, string[]>>} */
const caches_ = (page) => page.evaluate(async () => {
  /** @type {Record<string, string[]>} */
  const all = {};
  for (const name of await caches.keys()) all[name] = (await (await caches.open(name)).keys()).map((r) => r.url);
  return all;
});

/** Waits until one version is kept and no other; gives the addresses that it has. @param {import("playwright-core").Page} page */
async function keptAlone(page) {
  /** @type {string[][]} */
  let kept = [];
  await eventually(async () => {
    kept = Object.values(await caches_(page));
    assert.equal(kept.length, 1);
  });
  return kept[0];
}

/**
 * Another version of the site, with demonstrations that nobody serves.
 * @param {string} name
 * @param {(site: Map<string, Buffer>) => void} [change]
 * @param {RegExp} [unused] modules that the test never loads, which need not be copied around
 */
function version(name, change, unused = /^client\/stepwire-(tls|inpage|tools)\./) {
  const files = new Map(site), text = (/** @type {string} */ n) => String(files.get(n));
  files.set("index.html", Buffer.from(text("index.html").replace(/<title>.*?<\/title>/, `<title>${name}</title>`).replace(/<meta name="stepwire-(client|offline)".*\n/g, "")));
  files.set("service-worker.js", Buffer.from(text("service-worker.js").replace(/^self\.stepwire = .*\n/, "")));
  for (const file of files.keys()) if (unused.test(file)) files.set(file, Buffer.from(file));
  files.set("demo.json", Buffer.from(JSON.stringify({ origin: "127.0.0.1:1", demos: [{ id: "one", title: "One", method: "GET", target: "/", shows: "nothing" }] })));
  // Each version has a client of its own name, and page code of its own name.
  files.set("client/index.js", Buffer.from(`${text("client/index.js")}\n// ${name}`));
  for (const [file, content] of [...files]) {
    const renamed = file.replace(/^assets\/index-[\w-]+\.js$/, `assets/index-${name}${"0".repeat(8)}.js`);
    if (renamed === file) continue;
    files.delete(file);
    files.set(renamed, content);
    files.set("index.html", Buffer.from(text("index.html").replace(file, renamed)));
  }
  change?.(files);
  complete(files);
  return files;
}

describe("a server that goes away", () => {
  test("after one visit the page loads, decodes and composes without it, and nothing of the relay or the demonstrations was kept", async (t) => {
    const server = await startServer();
    t.after(() => server.stop());
    const p = await visit(server.url);
    await kept(p.page);
    const demo = /** @type {string} */ (await p.page.getByRole("textbox", { name: "Server" }).inputValue());
    const names = (await keptAlone(p.page)).map((url) => url.slice(server.url.length).replace(/-[\w-]{8}\.|\.[0-9a-f]{12}\./, "-HASH.").replace(/\?[0-9a-f]{12}$/, "?HASH"));
    for (const want of ["", "?embed", "favicon.svg", "client/index.js?HASH", "client/stepwire-HASH.wasm", "client/stepwire-tls-HASH.wasm", "client/stepwire-tools-HASH.wasm", "client/worker-HASH.js", "assets/index-HASH.js", "assets/index-HASH.css"]) {
      assert.ok(names.includes(want), `${want} is not among ${names.join(", ")}`);
    }
    assert.deepEqual(names.filter((n) => !/^(|\?embed|favicon\.svg|(assets|client)\/.*)$/.test(n)), []);

    // A visit under the worker asks the server for what changes from run to run.
    const asked = p.page.waitForResponse((r) => r.url().endsWith("demo.json"));
    await p.page.reload();
    await ready(p.page);
    assert.equal((await asked).status(), 200);
    await p.page.keyboard.press("Control+Enter");
    await p.hears(/Step 5 of 5: read/);
    await holds(p.page.getByRole("textbox", { name: "Server" }), demo);

    await server.stop();
    await p.page.reload();
    await ready(p.page);
    // The demonstrations run in the page.
    await p.page.keyboard.press("Control+Enter");
    await p.hears(/Step 5 of 5: read/);
    await decodes(p.page);
    await p.page.goto(`${server.url}index.html#v1.q1bKzEvOz0`);
    await p.page.getByRole("alert").filter({ hasText: "The link could not be opened." }).waitFor();
    await p.close();
  });
});

describe("versions", () => {
  test("a new version waits until it is asked for, replaces all of the old one, and leaves nothing of it", async (t) => {
    const a = version("A"), b = version("B"), c = version("C");
    const host = await hosted(t, a);
    const p = await visit(host.url);
    await kept(p.page);
    host.files = b;
    await p.page.reload();
    await ready(p.page);
    assert.equal(await p.page.title(), "A");
    const notice = p.page.getByRole("group", { name: "Newer version" });
    await notice.waitFor();
    assert.doesNotMatch(await notice.innerText(), /Loading it begins anew/);
    await p.page.keyboard.press("F10"); // something to lose
    await notice.getByText("Loading it begins anew").waitFor();
    await notice.getByRole("button", { name: "Load it" }).click();
    await p.page.waitForFunction(() => document.title === "B");
    await ready(p.page);
    await kept(p.page);
    // Every file that B's copy holds is B's, and the page runs on them.
    const held = await keptAlone(p.page);
    const listed = JSON.parse(/self\.stepwire = (.*);/.exec(String(b.get("service-worker.js")))?.[1] ?? "");
    assert.deepEqual(held.map((url) => "./" + url.slice(host.url.length)).sort(), [...listed.files.map((/** @type {string[]} */ f) => f[0]), "./", "./?embed"].sort());
    assert.equal(await p.page.evaluate(() => performance.getEntriesByType("resource").some((r) => r.name.includes("index-A0"))), false);

    // With no page open, the next one that opens is the new version.
    host.files = c;
    await p.page.reload();
    await p.page.getByRole("group", { name: "Newer version" }).waitFor();
    await p.page.goto("about:blank");
    await p.page.goto(host.url);
    await p.page.waitForFunction(() => document.title === "C");
    await ready(p.page);
    await keptAlone(p.page);
    await p.close();
  });

  test("a page that stays open keeps its version when another page takes the new one", async (t) => {
    const unused = /^client\/stepwire-(tls|inpage)\./, host = await hosted(t, version("A", undefined, unused));
    const p = await visit(host.url);
    await kept(p.page);
    await p.page.reload();
    await ready(p.page);
    const second = await p.page.context().newPage();
    await second.goto(host.url);
    await ready(second);
    // B's tools have another name, and A's are gone from the host.
    host.files = version("B", (files) => {
      const tools = /** @type {string} */ ([...files.keys()].find((n) => n.startsWith("client/stepwire-tools.")));
      const renamed = "client/stepwire-tools.bbbbbbbbbbbb.wasm", client = String(files.get("client/index.js"));
      files.set(renamed, /** @type {Buffer} */ (files.get(tools)));
      files.delete(tools);
      files.set("client/index.js", Buffer.from(client.replace(tools.slice(7), renamed.slice(7))));
    }, unused);
    await second.reload();
    await second.getByRole("group", { name: "Newer version" }).getByRole("button", { name: "Load it" }).click();
    await second.waitForFunction(() => document.title === "B");
    await ready(second);
    assert.equal(await p.page.title(), "A");
    await decodes(p.page);
    await decodes(second);
    await p.close();
  });

  test("what does not fit together is not kept: the old copy stays until the host has all of the new one", async (t) => {
    const a = version("A"), b = version("B");
    const host = await hosted(t, a);
    const p = await visit(host.url);
    await kept(p.page);
    const before = await caches_(p.page);
    // The worker is B's already, the page still A's; then one file is not as it was built.
    for (const odd of [new Map([...a, ["service-worker.js", /** @type {Buffer} */ (b.get("service-worker.js"))]]), new Map([...b, ["assets/index-B00000000.js", Buffer.from("cut on its w")]])]) {
      host.files = odd;
      assert.equal(await p.page.evaluate(async () => {
        const registration = /** @type {ServiceWorkerRegistration} */ (await navigator.serviceWorker.getRegistration());
        // What installs is told by the event: it comes after update() is done.
        /** @type {Promise<string>} */
        const outcome = new Promise((done) => registration.addEventListener("updatefound", () => {
          const worker = /** @type {ServiceWorker} */ (registration.installing);
          worker.addEventListener("statechange", () => done(worker.state), { once: true });
        }, { once: true }));
        await registration.update();
        return outcome;
      }), "redundant");
      assert.equal(await p.page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.waiting), null);
      assert.deepEqual(await caches_(p.page), before);
    }
    await p.page.reload();
    await ready(p.page);
    assert.equal(await p.page.title(), "A");
    host.files = b;
    await p.page.reload();
    await p.page.getByRole("group", { name: "Newer version" }).waitFor();
    await p.close();
  });

  test("a page that was edited where it is hosted comes without a new version", async (t) => {
    const a = version("A");
    const host = await hosted(t, a);
    const p = await visit(host.url);
    await kept(p.page);
    host.files = new Map([...a, ["index.html", Buffer.from(String(a.get("index.html")).replace("<title>A", "<title>Edited"))]]);
    await p.page.reload();
    assert.equal(await p.page.title(), "A");
    await p.page.waitForFunction(async () => {
      const r = await caches.match("./", { ignoreVary: true });
      return /<title>Edited/.test(await r?.text() ?? "");
    });
    await p.page.reload();
    assert.equal(await p.page.title(), "Edited");
    await ready(p.page);
    await p.close();
  });
});

describe("the way out", () => {
  test("a copy that is broken is removed by the page that needs nothing of it", async (t) => {
    const good = version("A"), broken = version("Broken", (files) => {
      for (const name of files.keys()) if (/^assets\/index-.*\.js$/.test(name)) files.set(name, Buffer.from("document.title += ' page';"));
    });
    const host = await hosted(t, good);
    const p = await visit(host.url);
    await kept(p.page);
    host.files = broken;
    await p.page.reload();
    await p.page.getByRole("group", { name: "Newer version" }).getByRole("button", { name: "Load it" }).click();
    await p.page.waitForFunction(() => document.title === "Broken page");
    // The host is mended, but the browser has its copy.
    host.files = version("Mended");
    await p.page.reload();
    assert.equal(await p.page.title(), "Broken page");
    await p.page.getByRole("link", { name: "remove the copy that this browser keeps" }).click();
    await p.page.getByRole("status").getByText("is removed").waitFor();
    assert.deepEqual(await caches_(p.page), {});
    assert.equal(await p.page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length), 0);
    await p.page.getByRole("link", { name: "Open Stepwire" }).click();
    await ready(p.page);
    assert.equal(await p.page.title(), "Mended");
    await p.page.goto(`${host.url}reset.html`);
    await p.page.getByRole("status").getByText(/is removed|nothing to remove/).waitFor();
    await p.close();
  });

  test("what is not ours is left alone", async (t) => {
    const host = await hosted(t, new Map([...version("A"), ["other/worker.js", Buffer.from("")]]));
    const p = await visit(host.url);
    await kept(p.page);
    await p.page.goto(`${host.url}reset.html?again`);
    await p.page.getByRole("status").getByText("is removed").waitFor();
    await p.page.evaluate(async () => {
      await caches.open("another program's");
      await caches.open("stepwire /elsewhere/ 0123456789ab");
    });
    await p.page.reload();
    await p.page.getByRole("status").getByText("nothing to remove").waitFor();
    assert.deepEqual(Object.keys(await caches_(p.page)).sort(), ["another program's", "stepwire /elsewhere/ 0123456789ab"]);
    await p.close();
  });

  for (const [how, change, alone] of /** @type {[string, (files: Map<string, Buffer>) => void, boolean][]} */ ([
    ["is gone from the host takes itself and its copy away", (files) => files.delete("service-worker.js"), false],
    ["is answered for by a server that retired it goes at once, and the page comes anew", (files) => files.set("service-worker.js", readFileSync(new URL("../../../netshim/site/retired.js", import.meta.url))), true],
  ])) {
    test(`a worker whose script ${how}`, async (t) => {
      const host = await hosted(t, version("A"));
      host.cacheControl = "no-cache";
      const p = await visit(host.url);
      await kept(p.page);
      // What comes after is another program, without a worker.
      const plain = new Map([["index.html", Buffer.from("<title>Plain</title>")]]);
      change(plain);
      host.files = plain;
      await p.page.reload();
      await p.page.waitForFunction(async () => !(await navigator.serviceWorker.getRegistration()) && !(await caches.keys()).length);
      if (!alone) await p.page.reload();
      await p.page.waitForFunction(() => document.title === "Plain");
      await p.close();
    });
  }
});

test("without a worker in the site nothing is registered, and the page says so", async (t) => {
  const files = version("A");
  files.set("index.html", Buffer.from(String(files.get("index.html")).replace(/<meta name="stepwire-offline".*\n/, "")));
  const host = await hosted(t, files);
  const p = await visit(host.url);
  await p.page.getByRole("button", { name: "Keys" }).click();
  await p.page.getByRole("dialog", { name: "Keys" }).getByText("built without it").waitFor();
  assert.equal(await p.page.getByRole("link", { name: "Remove the copy" }).count(), 0);
  assert.equal(await p.page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length), 0);
  await p.close();
});
