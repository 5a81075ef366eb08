// @ts-check
/** Whatever goes wrong is shown as what it is, and the page stays usable. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { start } from "./fixture.mjs";
import { eventually, openPage } from "./page.mjs";
import { startServer } from "./server.mjs";

/** Nothing listens there: no system gives out ports so low. */
const CLOSED = "127.0.0.1:1";

const { browser, server } = await start(["--allow", CLOSED, "--allow", "no-such-host.invalid:80"]);

/**
 * The card that explains an exception.
 * @param {Awaited<ReturnType<typeof openPage>>} p @param {string} name @param {{ party: string, fix: RegExp, state: string }} want
 */
async function explained(p, name, { party, fix, state }) {
  const card = p.page.getByRole("region", { name: "Explanation" });
  await card.getByRole("heading", { name: new RegExp("^" + name) }).waitFor();
  /** @type {Record<string, string>} */
  let of = {};
  await eventually(async () => {
    of = Object.fromEntries(await card.getByRole("term").evaluateAll((terms) => terms.map((t) => [t.textContent, (t.nextElementSibling?.textContent ?? "").replace(/\s+/g, " ").trim()])));
    assert.ok(of["At fault"]?.startsWith(party), `at fault: ${of["At fault"]}`);
    assert.match(of["Smallest fix"] ?? "", fix);
    assert.ok(of["State now"]?.startsWith(state), `state now: ${of["State now"]}`);
  });
  return of;
}

/** The page works after a fault: a demo runs to its end. @param {Awaited<ReturnType<typeof openPage>>} p */
async function stillWorks(p) {
  await p.demo("fixed");
  await p.page.keyboard.press("Control+Enter");
  await p.hears("Step 5 of 5: read. Idle.");
}

describe("reaching the server", () => {
  for (const [what, origin, name, party, fix] of /** @type {[string, string, string, string, RegExp][]} */ ([
    ["an unknown host", "no-such-host.invalid:80", "gaierror", "the network", /spelling/],
    ["a refused connection", CLOSED, "ConnectionRefusedError", "the network", /Check the port/],
    ["a target that the relay denies", "10.0.0.1:80", "OSError", "the relay", /--allow/],
  ])) {
    test(what, async () => {
      const p = await openPage(browser, server.url);
      await p.page.getByRole("textbox", { name: "Server" }).fill(origin);
      await p.page.keyboard.press("Control+Enter");
      await p.hears(`Step 1 of 5: connect raised ${name}. Idle.`);
      await explained(p, name, { party, fix, state: "Idle" });
      await stillWorks(p);
      await p.close();
    });
  }

  test("the relay goes down", async (t) => {
    const first = await startServer();
    t.after(() => first.stop());
    const p = await openPage(browser, first.url, { tolerate: /WebSocket|ERR_CONNECTION_REFUSED/ });
    await first.stop();
    await p.page.keyboard.press("Control+Enter");
    await p.hears(/connect raised/);
    const card = p.page.getByRole("region", { name: "Explanation" });
    await card.getByText("the relay", { exact: true }).waitFor();
    // Everything in the page still answers.
    await p.page.getByRole("button", { name: /^Request-sent\./ }).click();
    await p.page.keyboard.press("F9");
    await p.hears("Before the first call.");
    await p.close();
  });

  test("a server that is not named", async () => {
    const p = await openPage(browser, server.url);
    await p.page.getByRole("textbox", { name: "Server" }).fill("127.0.0.1:notaport");
    await p.page.keyboard.press("Control+Enter");
    await p.page.getByRole("alert").getByText(/InvalidURL|nonnumeric port/).first().waitFor();
    await stillWorks(p);
    await p.close();
  });
});

describe("what the server answers", () => {
  test("a bad status line: named, its bytes marked", async () => {
    const p = await openPage(browser, server.url);
    await p.demo("status-line");
    await p.page.keyboard.press("Control+Enter");
    await p.hears("Step 4 of 5: getresponse raised BadStatusLine. Request-sent.");
    const of = await explained(p, "BadStatusLine", { party: "the server", fix: /HTTP\/1\.x/, state: "Request-sent" });
    assert.match(of["Failing bytes"], /^received 0–/);
    await p.page.getByRole("button", { name: /^received 0–/ }).click();
    await p.page.getByRole("group", { name: "Selection" }).getByText(/^bytes 0–/).waitFor();
    await p.page.getByRole("link", { name: "RFC 9112 §4" }).first().waitFor();
    await stillWorks(p);
    await p.close();
  });

  test("a bad chunk: what was parsed so far is kept", async () => {
    const p = await openPage(browser, server.url);
    await p.demo("chunk-size");
    await p.page.keyboard.press("Control+Enter");
    await p.hears(/read raised IncompleteRead/);
    await explained(p, "IncompleteRead", { party: "the server", fix: /partial/, state: "Idle" });
    // What the call met in the bytes, with its own section.
    const remark = p.page.getByRole("region", { name: "Explanation" }).getByRole("list", { name: "Remarks" }).getByRole("listitem");
    await remark.filter({ hasText: /^Not valid: The chunk size is not a hexadecimal number\. received 107–109/ }).getByRole("link", { name: "RFC 9112 §7.1" }).waitFor();
    await p.page.getByRole("tab", { name: /^Response 200/ }).click();
    await p.page.getByRole("region", { name: "Body as text" }).getByText("A good chunk.").waitFor();
    await p.page.getByRole("treeitem", { name: /^Transfer-Encoding/ }).waitFor();
    // What no call fails for is remarked as well: once, with all the places where it is.
    await p.demo("bare-lf");
    for (let i = 0; i < 4; i++) await p.page.keyboard.press("F10");
    await remark.filter({ hasText: /^Lenient: The line ends in a bare LF; .* received 15, 40, 58, 59 RFC 9112 §2\.2$/ }).getByRole("button", { name: "58" }).click();
    await p.page.getByRole("group", { name: "Selection" }).getByText(/^byte 58$/).waitFor();
    await p.close();
  });

  test("every faulty demo is told from the others", async () => {
    const p = await openPage(browser, server.url);
    for (const [id, name, bytes] of /** @type {[string, string, RegExp?][]} */ ([["short-body", "IncompleteRead", /^received \d+, the last that came$/], ["status-code", "BadStatusLine", /^received 0–/], ["no-response", "RemoteDisconnected"], ["long-line", "LineTooLong", /^received \d+–\d{5}$/], ["header-flood", "HTTPException", /^received 1\d{3}–/], ["reset", "ConnectionResetError"]])) {
      await p.demo(id);
      await p.page.keyboard.press("Control+Enter");
      await p.hears(`raised ${name}.`);
      const card = p.page.getByRole("region", { name: "Explanation" });
      await card.getByRole("heading", { name: new RegExp("^" + name) }).waitFor();
      if (bytes) await card.getByRole("definition").filter({ hasText: bytes }).waitFor();
    }
    await p.close();
  });

  test("a server that never answers: the call can be stopped", async () => {
    const p = await openPage(browser, server.url);
    await p.demo("silent");
    await p.page.keyboard.press("Control+Enter");
    await p.page.getByText("Under way: waiting for the network.").waitFor();
    // The run is paused, yet the call waits on: it is stopped by the second press.
    await p.page.getByRole("button", { name: "Pause" }).click();
    await p.hears("Paused after the call under way.");
    await p.page.getByRole("button", { name: "Stop" }).click();
    await p.page.getByRole("button", { name: "Run all" }).waitFor();
    await stillWorks(p);
    await p.close();
  });
});

describe("loading", () => {
  test("the wasm does not load: said so, and tried again", async () => {
    let broken = true;
    const p = await openPage(browser, server.url, {
      expectReady: false, tolerate: /503|Failed to load/,
      before: (page) => page.context().route("**/*.wasm", (r) => (broken ? r.fulfill({ status: 503, body: "" }) : r.continue())),
    });
    await p.page.getByRole("alert").getByText("The client could not be loaded.").waitFor();
    await p.page.getByRole("alert").getByText(/503/).waitFor();
    // The composer and the diagram are there all the same.
    await p.page.getByRole("textbox", { name: "Target" }).fill("/x");
    await p.page.getByText('conn.putrequest("GET", "/x")', { exact: true }).waitFor();
    broken = false;
    await p.page.getByRole("button", { name: "Try again" }).click();
    await p.hears("The client is ready.");
    await stillWorks(p);
    await p.close();
  });

  test("the client module is not there", async () => {
    const p = await openPage(browser, server.url, {
      expectReady: false, tolerate: /404|Failed to load/,
      before: (page) => page.route("**/client/index.js*", (r) => r.fulfill({ status: 404, body: "" })),
    });
    await p.page.getByRole("alert").getByText("The client could not be loaded.").waitFor();
    await p.close();
  });

  test("no WebAssembly and no Worker", async () => {
    const p = await openPage(browser, server.url, {
      expectReady: false,
      before: (page) => page.addInitScript(() => { delete (/** @type {any} */ (globalThis)).Worker; }),
    });
    await p.page.getByRole("alert").getByText(/no module Workers or no WebAssembly/).waitFor();
    await p.close();
  });

  test("no WebSocket: the call says so", async () => {
    const p = await openPage(browser, server.url, {
      before: (page) => page.context().route("**/client/worker*.js", async (r) => {
        const response = await r.fetch();
        await r.fulfill({ response, body: `delete globalThis.WebSocket;\n${await response.text()}` });
      }),
    });
    await p.page.keyboard.press("Control+Enter");
    await p.hears(/connect raised/);
    await p.page.getByRole("region", { name: "Explanation" }).getByText(/WebSocket/).waitFor();
    await p.close();
  });

  test("no demonstrations: one's own server still works", async () => {
    const p = await openPage(browser, server.url, {
      tolerate: /404|Failed to load/,
      before: (page) => page.route("**/demo.json", (r) => r.fulfill({ status: 404, body: "" })),
    });
    await p.page.getByLabel("Network").selectOption("relay");
    await p.page.getByRole("textbox", { name: "Server" }).fill(server.demo);
    await p.page.getByRole("textbox", { name: "Target" }).fill("/fixed");
    await p.page.keyboard.press("Control+Enter");
    await p.hears("Step 5 of 5: read. Idle.");
    await p.close();
  });

  test("the shell is painted before the client arrives", async () => {
    /** @type {() => void} */
    let arrive = () => {};
    const held = new Promise((/** @type {(v?: any) => void} */ r) => { arrive = r; });
    const p = await openPage(browser, server.url, {
      expectReady: false,
      before: (page) => page.context().route("**/*.wasm", async (r) => { await held; await r.continue(); }),
    });
    await p.page.getByRole("progressbar", { name: "Loading the client" }).waitFor();
    await p.page.getByText("conn.connect()", { exact: true }).waitFor();
    await p.page.getByRole("button", { name: /^Idle, current state/ }).waitFor();
    arrive();
    await p.hears("The client is ready.");
    await p.close();
  });
});
