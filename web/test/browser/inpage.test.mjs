// @ts-check
/** The server in the page: every demonstration as through the relay, the faults of its line, and a copy of the page that has nothing else. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { clean } from "./axe.mjs";
import { start } from "./fixture.mjs";
import { DESKTOP, PHONE, eventually, fits, holds, openPage, texts } from "./page.mjs";
import { builtSite, serveFiles } from "./static-host.mjs";

/** @typedef {Awaited<ReturnType<typeof openPage>>} Opened */

const { browser, server } = await start();
const host = await serveFiles(builtSite());
after(() => host.close());

const SIZES = /** @type {const} */ ([["desktop", { viewport: DESKTOP }], ["phone", { viewport: PHONE, isMobile: true, hasTouch: true }]]);

/** On a phone, one pane at a time. @param {Opened} p @param {string} name */
async function pane(p, name) {
  const tab = p.page.getByRole("tablist", { name: "Panes" }).getByRole("tab", { name: new RegExp(`^${name}`) });
  if (await tab.count()) await tab.click();
}

/** @param {Opened} p */
const timeline = (p) => p.page.getByRole("slider", { name: "Timeline" });

/** Waits until the timeline says so. @param {Opened} p @param {RegExp} text */
const stands = (p, text) => eventually(async () => assert.match(await timeline(p).getAttribute("aria-valuetext") ?? "", text));

/** Waits until the run has stopped; gives where. @param {Opened} p */
async function ended(p) {
  await stands(p, /^[1-9](?!.*under way)/);
  await p.page.getByRole("button", { name: /^Run (all|again)$/ }).waitFor();
  return timeline(p).getAttribute("aria-valuetext");
}

/** Stops waiting for a response. @param {Opened} p */
async function giveUp(p) {
  await stands(p, /getresponse, under way/);
  await p.page.getByRole("button", { name: "Pause" }).click();
  await p.page.getByRole("button", { name: "Stop" }).click();
}

/** Runs what is composed to its end. @param {Opened} p */
async function run(p) {
  await stands(p, /^0 of/);
  await p.page.keyboard.press("Control+Enter");
  return ended(p);
}

/** @param {Opened} p @param {"relay" | "page"} where */
const network = (p, where) => p.page.getByLabel("Network").selectOption(where);

/** Runs a demonstration to its end. @param {Opened} p @param {string} id */
async function play(p, id) {
  await p.demo(id);
  await stands(p, /^0 of/);
  await p.page.keyboard.press("Control+Enter");
  if (id === "silent") await giveUp(p);
  await ended(p);
}

/** What a person sees of a demonstration's end. @param {Opened} p */
async function outcome(p) {
  const at = await timeline(p).getAttribute("aria-valuetext") ?? "";
  const response = await p.page.getByRole("tab", { name: /^Response/ }).textContent();
  const bytes = await p.page.getByRole("region", { name: "Bytes and fields" }).getByText(/received$/).first().textContent();
  const explained = await p.page.getByRole("region", { name: "Explain" }).innerText();
  // How much has arrived by the time a head is refused is a matter of timing.
  const raised = / raised /.test(at);
  return { at, response, received: raised ? "" : bytes?.replace(/^.*·/, "").trim(), explained: explained.split("Failing bytes")[0] };
}

/** Over https, those that end in each of the ways that TLS has a part in. */
const SECURE = ["fixed", "chunked", "close-delimited", "bytes", "short-body", "no-response", "reset"];

for (const [scheme, some] of /** @type {const} */ ([["http", null], ["https", SECURE]])) {
  test(`${some ? "demonstrations" : "every demonstration"} over ${scheme}, in the page as through the relay`, async () => {
    const [far, near] = await Promise.all([openPage(browser, server.url), openPage(browser, server.url)]);
    await network(near, "page");
    for (const p of [far, near]) await p.page.getByLabel("Scheme").selectOption(scheme);
    const ids = await near.page.getByLabel("Demonstration").locator("option").evaluateAll((all) => all.map((o) => /** @type {HTMLOptionElement} */ (o).value).filter(Boolean));
    assert.ok(ids.length > 30, `${ids.length} demonstrations`);
    for (const id of some ?? ids) {
      await Promise.all([play(far, id), play(near, id)]);
      await eventually(async () => {
        const [relayed, here] = await Promise.all([outcome(far), outcome(near)]);
        // The echo shows the name of the server, which is another.
        if (id === "echo") assert.equal(here.at, relayed.at);
        else assert.deepEqual(here, relayed, id);
      });
    }
    // Each went its own way.
    for (const [p, lane] of /** @type {const} */ ([[far, "relay"], [near, "in this page"]])) {
      await p.page.getByRole("tab", { name: "Ladder" }).click();
      await eventually(async () => assert.equal((await texts(p.page.locator(".ladder-lanes span")))[1], lane));
    }
    await Promise.all([far.close(), near.close()]);
  });
}

for (const [size, options] of SIZES) {
  test(`${size}: a copy of the page with no relay runs the demonstrations itself, and says so`, async () => {
    host.asked.length = 0;
    const p = await openPage(browser, host.url, { ...options, expectReady: false, tolerate: /404/ });
    await p.hears("The server in this page is ready.");
    const said = p.page.getByRole("group", { name: "Server in this page" });
    await clean(p.page, size);
    await said.getByText("No server answers beside this page, so it runs the demonstrations’ server itself").waitFor();
    assert.equal(await p.page.getByRole("alert").count(), 0, "nothing is reported as a failure");
    await holds(p.page.getByLabel("Network"), "page");
    assert.equal(await run(p), "5 of 5: read, Idle");
    assert.ok(!host.asked.some((path) => path.startsWith("relay")), "the relay was asked for");
    await said.getByRole("button", { name: "Dismiss" }).click();
    await said.waitFor({ state: "detached" });

    await pane(p, "State");
    await p.page.getByRole("tab", { name: "Ladder" }).click();
    await eventually(async () => assert.deepEqual(await texts(p.page.locator(".ladder-lanes span")), ["client", "in this page", "server"]));

    await pane(p, "Code");
    await p.page.getByLabel("Scheme").selectOption("https");
    await p.demo("two-lengths");
    assert.match(await run(p) ?? "", /^5 of 5: read, /);
    await pane(p, "State");
    await p.page.getByRole("tab", { name: "TLS" }).click();
    await p.page.getByText("the certificate was verified").waitFor();
    await p.close();
  });

  test(`${size}: each fault of the line has its effect`, async () => {
    const p = await openPage(browser, server.url, options);
    const knob = (/** @type {string} */ name) => p.page.getByRole("group", { name: "Faults of the line" }).getByLabel(name);
    /** How many bytes came in each piece, and in all of them, once that is as it should be. */
    const received = async (/** @type {(pieces: number[], all: number) => void} */ check) => {
      let all = 0;
      await pane(p, "State");
      await p.page.getByRole("tab", { name: "Ladder" }).click();
      await eventually(async () => {
        const pieces = await p.page.getByRole("button", { name: /^received/ }).evaluateAll((rows) => rows.map((b) => Number(/\d+/.exec(b.getAttribute("aria-label") ?? "")?.[0])));
        all = pieces.reduce((a, b) => a + b, 0);
        check(pieces, all);
      });
      await pane(p, "Code");
      return all;
    };
    await network(p, "page");
    await p.hears("The server in this page is ready.");
    await p.page.locator("summary", { hasText: "Faults of the line" }).click();

    await run(p);
    const whole = await received((_, all) => assert.ok(all > 60, `${all} bytes were received`));

    await knob("Bytes in a piece").fill("30");
    assert.match(await run(p) ?? "", /^5 of 5: read, /);
    await received((pieces, all) => {
      assert.deepEqual(pieces.slice(0, 2), [30, 30]);
      assert.equal(all, whole);
    });

    await knob("Bytes in a piece").fill(String(Math.ceil(whole / 2)));
    await knob("Pause before each, ms").fill("200");
    const begun = performance.now();
    await run(p);
    assert.ok(performance.now() - begun >= 400, "two pieces took less than two pauses");

    // A wait that is given up ends at once.
    await knob("Pause before each, ms").fill("60000");
    await stands(p, /^0 of/);
    await p.page.keyboard.press("Control+Enter");
    await giveUp(p);
    assert.match(await ended(p) ?? "", /^4 of 5: getresponse raised/);

    await p.page.getByRole("button", { name: "No faults" }).click();
    await holds(knob("Bytes in a piece"), "");
    for (const [end, label, bytes, at, exception] of /** @type {const} */ ([
      ["cut", "Bytes before the cut", 0, 4, "RemoteDisconnected"], ["cut", "Bytes before the cut", whole - 1, 5, "IncompleteRead"],
      ["reset", "Bytes before the reset", whole - 1, 5, "ConnectionResetError"],
    ])) {
      await knob("The server’s bytes").selectOption(end);
      await knob(label).fill(String(bytes));
      assert.match(await run(p) ?? "", new RegExp(`^${at} of 5: .* raised ${exception}, `), `${end} after ${bytes}`);
    }
    await knob("The server’s bytes").selectOption("");

    await knob("Bytes to spoil").fill("3");
    await knob("The first at offset").fill("9");
    assert.match(await run(p) ?? "", /^4 of 5: getresponse raised BadStatusLine, /);
    await p.page.getByLabel("Scheme").selectOption("https");
    assert.match(await run(p) ?? "", /^1 of 5: connect raised SSL/);

    // What is no number changes nothing, and says why.
    await knob("The first at offset").fill("x");
    await p.page.getByRole("alert").getByText(/whole number/).waitFor();
    await knob("The first at offset").and(p.page.locator("[aria-invalid=true]")).waitFor();
    await clean(p.page, size);
    await fits(p.page);
    await knob("The first at offset").fill("");
    await p.page.getByRole("alert").waitFor({ state: "detached" });
    await p.close();
  });
}

test("the choice and its faults travel in a link, and the run in exports", async () => {
  const p = await openPage(browser, server.url);
  await network(p, "page");
  await p.demo("chunked");
  await p.page.locator("summary", { hasText: "Faults of the line" }).click();
  await p.page.getByLabel("The server’s bytes").selectOption("cut");
  await p.page.getByLabel("Bytes before the cut").fill("200");
  assert.match(await run(p) ?? "", /read raised IncompleteRead/);
  await p.page.getByRole("button", { name: "Share" }).click();
  const field = p.page.getByRole("textbox", { name: /^Link/ });
  await field.filter({ visible: true }).waitFor();
  await p.page.waitForFunction(() => /** @type {HTMLInputElement | null} */ (document.querySelector("#share-link"))?.value.includes("#v1."));
  const link = await field.inputValue();
  const [download] = await Promise.all([
    p.page.waitForEvent("download"),
    p.page.getByRole("dialog").getByRole("button", { name: /^(Save|Download)/ }).click(),
  ]);
  assert.match(download.suggestedFilename(), /in-page\.test/);
  await p.close();

  // Where there is no relay at all, too.
  for (const url of [link, host.url + new URL(link).hash]) {
    const q = await openPage(browser, url, { expectReady: false, tolerate: /404/ });
    await q.page.getByRole("button", { name: /^Run to step 5$/ }).click();
    assert.match(await ended(q) ?? "", /read raised IncompleteRead/);
    await holds(q.page.getByLabel("Network"), "page");
    await holds(q.page.getByLabel("Demonstration"), "chunked");
    await q.page.locator("summary", { hasText: "cut after 200" }).waitFor();
    await q.close();
  }
});

test("a server that is named as the one in the page is it, and the way back is one choice", async () => {
  const p = await openPage(browser, server.url);
  const field = p.page.getByRole("textbox", { name: "Server" }), choice = p.page.getByLabel("Network"), scheme = p.page.getByLabel("Scheme"), demo = p.page.getByLabel("Demonstration");
  // What was chosen by hand before gives way as well.
  for (const id of ["", "chunked"]) await p.demo(id);
  for (const name of ["https", "http"]) await scheme.selectOption(name);
  await field.fill("https://in-page.test");
  await holds(choice, "page");
  // The focus is not lost with the field.
  await choice.and(p.page.locator(":focus")).waitFor();
  await holds(scheme, "https");
  await holds(demo, "");
  const { origin, secure } = /** @type {any} */ (await (await fetch(server.url + "demo.json")).json());
  await network(p, "relay");
  await holds(field, secure.origin);
  await scheme.selectOption("http");
  await holds(field, origin);
  assert.match(await run(p) ?? "", /^5 of 5: read, /);
  await p.close();
});

test("a module that does not come says so, and comes when it is asked for again", async () => {
  let broken = true;
  const p = await openPage(browser, server.url, {
    tolerate: /503/, before: (page) => page.context().route("**/stepwire-inpage*.wasm", (r) => (broken ? r.fulfill({ status: 503, body: "" }) : r.continue())),
  });
  await network(p, "page");
  await p.page.getByRole("alert").filter({ hasText: "The server in this page could not be loaded." }).waitFor();
  broken = false;
  await network(p, "relay");
  await network(p, "page");
  await p.hears("The server in this page is ready.");
  assert.match(await run(p) ?? "", /^5 of 5: read, /);
  await p.close();
});
