// The page in Chromium, with the Worker on workerd as its relay, pointed at it as
// a person does that. What the page says was sent and received is compared with
// what the Worker carried.
// Run by: node --test netshim/worker/page.test.mjs, after make build worker.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { refusingPort } from "../../wasm/js/browser/harness.mjs";
import { clean } from "../../web/test/browser/axe.mjs";
import { start } from "../../web/test/browser/fixture.mjs";
import { PHONE, eventually, fits, holds, openPage, texts } from "../../web/test/browser/page.mjs";
import { PATIENCE } from "../../web/test/browser/slow.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));

/**
 * Serves the Worker as make worker-run does, on a free port.
 * @param {Record<string, string>} env its settings
 * @param {string[]} [args]
 */
async function startWorker(env, args = []) {
  const child = spawn(process.execPath, [path.join(root, "netshim/worker/local/run.mjs"), ...args], {
    env: { ...process.env, WORKER_ADDR: "127.0.0.1:0", ...env }, stdio: ["ignore", "pipe", "pipe"],
  });
  const kill = () => child.kill();
  process.on("exit", kill);
  const ended = new Promise((resolve) => child.once("exit", resolve));
  /** @type {any[]} */
  const log = [];
  let more = () => {};
  let said = "";
  const relay = await new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", (line) => {
        said += `${line}\n`;
        if (line.startsWith("{")) log.push(JSON.parse(line));
        const found = /(ws:\S+)$/.exec(line);
        if (found) resolve(found[1]);
        more();
      });
    }
    ended.then((code) => reject(new Error(`the Worker ended with ${code}: ${said}`)));
  });
  return {
    relay,
    /** How many streams it has carried so far. */
    get streams() { return log.filter((line) => line.msg === "stream ended").length; },
    /**
     * The end of a stream after the first `n`, as its log tells; one that ended late may come before the one that is meant.
     * @param {number} n @param {(line: any) => boolean} [meant]
     */
    async stream(n, meant = () => true) {
      for (const late = Date.now() + PATIENCE; ;) {
        const found = log.filter((line) => line.msg === "stream ended").slice(n).find(meant);
        if (found) return found;
        await new Promise((resolve, reject) => {
          more = () => resolve(undefined);
          setTimeout(() => reject(new Error(`the Worker carried no such stream after ${n}:\n${said}`)), late - Date.now()).unref();
        });
      }
    },
    stop() {
      process.off("exit", kill);
      child.kill();
      return ended;
    },
  };
}

/** @typedef {Awaited<ReturnType<typeof startWorker>>} Worker */
/** @typedef {Awaited<ReturnType<typeof openPage>>} Opened */

/** Points the page at a relay, in its own field. @param {Opened} p @param {string} address */
async function useRelay(p, address) {
  const field = p.page.getByRole("textbox", { name: "Address of another relay" });
  if (!await field.isVisible()) await p.page.getByText(/^Relay/).click();
  await field.fill(address);
  await p.page.getByRole("button", { name: "Use it" }).click();
}

/** The same, and waits until the client uses it. @param {Opened} p @param {string} address */
async function pointedAt(p, address) {
  await useRelay(p, address);
  await p.hears(`The client is ready. Relay: ${new URL(address).host}.`);
}

/** How many bytes the page shows for the directions. @param {Opened} p */
async function shown(p) {
  const text = await p.page.getByText(/→ \d+ sent/).first().textContent() ?? "";
  return { sent: Number(/→ (\d+) sent/.exec(text)?.[1]), received: Number(/← (\d+) received/.exec(text)?.[1]) };
}

/** A demonstration to its end, and the connection closed. @param {Opened} p @param {string} id @param {RegExp} end */
async function play(p, id, end) {
  await p.demo(id);
  await p.page.keyboard.press("Control+Enter");
  await p.hears(end);
  await p.page.getByRole("button", { name: "close", exact: true }).click();
  await p.hears(/: close\. Idle\.$/);
}

/** Waits until the card explains an exception so. @param {Opened} p @param {string} name @param {string} party @param {...(string | RegExp)} said */
async function explains(p, name, party, ...said) {
  const card = p.page.getByRole("region", { name: "Explanation" });
  await card.getByRole("heading", { name: new RegExp(`^${name}`) }).waitFor();
  await eventually(async () => {
    const terms = await texts(card.getByRole("term")), facts = await texts(card.getByRole("definition"));
    const fault = facts[terms.indexOf("At fault")] ?? "", [all = ""] = await texts(card);
    assert.ok(fault.startsWith(party), `at fault: ${fault}`);
    for (const words of said) assert.match(all, typeof words === "string" ? new RegExp(words.replaceAll(".", "\\.")) : words);
  });
}

const { browser, server } = await start();
const secure = /** @type {any} */ (await (await fetch(`${server.url}demo.json`)).json()).secure.origin;
const closed = await refusingPort();
after(() => closed.close());
const refusing = `127.0.0.1:${closed.port}`;

// Answers as a DNS-over-HTTPS resolver does, in JSON.
const names = { "private.test": "10.0.0.1", "platform.test": "104.16.1.1", "refused.test": "93.184.216.34" };
const resolver = http.createServer((request, response) => {
  const query = new URL(request.url ?? "", "http://x").searchParams;
  const address = names[/** @type {keyof typeof names} */ (query.get("name"))];
  response.setHeader("content-type", "application/dns-json");
  response.end(JSON.stringify(address && query.get("type") === "A" ? { Status: 0, Answer: [{ type: 1, data: address }] } : { Status: 3 }));
});
await new Promise((resolve) => resolver.listen(0, "127.0.0.1", () => resolve(undefined)));
after(() => resolver.close());

const env = {
  ORIGIN: new URL(server.url).origin,
  RESOLVER: `http://127.0.0.1:${/** @type {import("node:net").AddressInfo} */ (resolver.address()).port}/dns-query`,
};
const worker = await startWorker({ ...env, ALLOW: `${server.demo} ${secure} ${refusing} no-such-host.invalid:80` });
after(() => worker.stop());

describe("the page through the Worker", () => {
  test("pointed at it by the field for the relay, which is remembered, and back", async () => {
    const p = await openPage(browser, server.url);
    await useRelay(p, "relay.example/TOKEN");
    await p.page.getByRole("alert").getByText("“relay.example/TOKEN” is no address").waitFor();
    await clean(p.page, "relay");
    // What was recorded before stays, and goes on over the new relay.
    await play(p, "fixed", /^Step 5 of 5: read/);
    const before = worker.streams;
    await pointedAt(p, worker.relay);
    await p.page.getByRole("button", { name: /^Step 5 resp.read/ }).waitFor();
    await p.page.getByRole("button", { name: "connect", exact: true }).click();
    await p.page.getByText("fork of run 1 after step 6").waitFor();
    await p.hears(/: connect\. Idle\.$/);
    await p.page.getByRole("button", { name: "close", exact: true }).click();
    await worker.stream(before);
    // The next visit is the same.
    await p.page.reload();
    await p.hears("The client is ready.");
    const visit = worker.streams;
    await play(p, "fixed", /^Step 5 of 5: read/);
    await worker.stream(visit);
    await p.page.getByText(/^Relay/).click();
    await holds(p.page.getByRole("textbox", { name: "Address of another relay" }), worker.relay);
    await p.page.getByRole("button", { name: "Back to this page’s own" }).click();
    await p.hears("The client is ready.");
    const own = worker.streams;
    await play(p, "fixed", /^Step 5 of 5: read/);
    assert.equal(worker.streams, own, "the page’s own relay carried it");
    await p.close();
  });

  test("a GET, step by step: states, bytes and the end are the same on both sides", async () => {
    const p = await openPage(browser, server.url);
    await pointedAt(p, worker.relay);
    const before = worker.streams;
    await p.demo("chunked");
    const step = p.page.getByRole("button", { name: "Step", exact: true });
    for (const said of ["connect. Idle.", "putrequest. Request-started.", "endheaders. Request-sent.", "getresponse. Unread-response.", "read. Idle."]) {
      await step.click();
      await p.hears(said);
    }
    await p.page.getByRole("tab", { name: /^Response/ }).click();
    await p.page.getByRole("region", { name: "Body as text" }).getByText("First chunk.").waitFor();
    await p.page.getByRole("gridcell", { name: "offset 0x0, 47, G, method of request line" }).waitFor();
    await p.page.getByRole("button", { name: "close", exact: true }).click();
    await p.hears(/: close\. Idle\.$/);
    const { sent, received } = await shown(p);
    await worker.stream(before, (line) => line.bytes_up === sent && line.bytes_down === received);
    assert.ok(sent > 50 && received > 100, `${sent} and ${received} bytes`);
    await p.close();
  });

  test("a POST with a body of one's own", async () => {
    const p = await openPage(browser, server.url);
    await pointedAt(p, worker.relay);
    const before = worker.streams;
    await p.demo("echo");
    await p.page.getByRole("textbox", { name: "Body", exact: true }).fill("carried by a Worker");
    await p.page.keyboard.press("Control+Enter");
    await p.hears(/: read\. Idle\.$/);
    await p.page.getByRole("tab", { name: /^Response 200/ }).click();
    await p.page.getByRole("region", { name: "Body as text" }).getByText("carried by a Worker").waitFor();
    await p.page.getByRole("button", { name: "close", exact: true }).click();
    await p.hears(/: close\. Idle\.$/);
    const { sent, received } = await shown(p);
    await worker.stream(before, (line) => line.bytes_up === sent && line.bytes_down === received);
    await p.close();
  });

  test("https: the Worker carries ciphertext", async () => {
    const p = await openPage(browser, server.url);
    await pointedAt(p, worker.relay);
    const before = worker.streams;
    await p.demo("fixed");
    await p.page.getByLabel("Scheme").selectOption("https");
    await p.hears("TLS is ready.");
    await p.page.keyboard.press("Control+Enter");
    await p.hears("Step 5 of 5: read. Idle.");
    await p.page.getByRole("tab", { name: "TLS" }).click();
    await p.page.getByRole("tabpanel", { name: "TLS" }).getByText(/^TLS 1\.3/).waitFor();
    const { sent, received } = await shown(p);
    await p.page.getByRole("button", { name: "close", exact: true }).click();
    await p.hears(/: close\. Idle\.$/);
    // Records and a handshake are more than what is in them.
    await worker.stream(before, (line) => line.bytes_up > sent && line.bytes_down > received);
    await p.close();
  });

  test("on a phone", async () => {
    const p = await openPage(browser, server.url, { viewport: PHONE });
    await pointedAt(p, worker.relay);
    await fits(p.page);
    const before = worker.streams;
    await play(p, "fixed", /^Step 5 of 5: read/);
    await worker.stream(before);
    await p.close();
  });
});

describe("what goes wrong beyond the Worker", () => {
  for (const [what, target, name, party, said] of /** @type {[string, string, string, string, RegExp][]} */ ([
    ["a refused connection", refusing, "ConnectionRefusedError", "the network", /Connection refused/i],
    ["a target that is not listed", "10.0.0.1:80", "OSError", "the relay", /policy does not allow 10\.0\.0\.1:80.*ALLOW/],
    ["an unknown host", "no-such-host.invalid:80", "gaierror", "the network", /./],
  ])) {
    test(what, async () => {
      const p = await openPage(browser, server.url);
      await pointedAt(p, worker.relay);
      await p.page.getByRole("textbox", { name: "Server" }).fill(target);
      await p.page.keyboard.press("Control+Enter");
      await p.hears(`Step 1 of 5: connect raised ${name}. Idle.`);
      await explains(p, name, party, said);
      // The page goes on.
      await play(p, "fixed", /^Step 5 of 5: read/);
      await p.close();
    });
  }

  for (const [demo, name, party] of [["reset", "ConnectionResetError", "the network"], ["short-body", "IncompleteRead", "the server"]]) {
    test(`${demo}: cut inside the body`, async () => {
      const p = await openPage(browser, server.url);
      await pointedAt(p, worker.relay);
      const before = worker.streams;
      await p.demo(demo);
      await p.page.keyboard.press("Control+Enter");
      await p.hears(`raised ${name}.`);
      await explains(p, name, party);
      await p.page.getByRole("tab", { name: /^Response 200/ }).click();
      await p.page.getByRole("button", { name: "close", exact: true }).click();
      await p.hears(/: close\. Idle\.$/);
      const { received } = await shown(p);
      await worker.stream(before, (line) => line.bytes_down === received);
      await p.close();
    });
  }

  test("a token that is wrong, and a Worker that is gone", async (t) => {
    const other = await startWorker({ ...env, ALLOW: server.demo });
    t.after(() => other.stop());
    const p = await openPage(browser, server.url, { tolerate: /WebSocket/ });
    await pointedAt(p, other.relay.replace(/\w{8}\/$/, "00000000/"));
    await p.demo("fixed");
    const step = p.page.getByRole("button", { name: "Step", exact: true });
    await step.click();
    await p.hears(/^Step 1 of 5: connect raised/);
    await explains(p, "", "", new RegExp(`cannot reach the relay at ws://${new URL(other.relay).host}.*origin`));
    await pointedAt(p, other.relay);
    await play(p, "chunked", /^Step 5 of 5: read/);
    await other.stop();
    await p.demo("fixed");
    await step.click();
    await p.hears(/^Step 1 of 5: connect raised/);
    await explains(p, "", "the relay");
    await p.close();
  });
});

// The runtime on one machine refuses nothing of this: connect() fails here with
// the platform's sentences (testdata/platform.mjs); all else is the real Worker,
// without the leave to reach private addresses that it has on a machine of one's own.
test("what the platform refuses comes back as its reason", async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), "stepwire-worker-"));
  t.after(() => rmSync(folder, { recursive: true }));
  cpSync(path.join(root, "bin/worker"), path.join(folder, "bin/worker"), { recursive: true });
  cpSync(path.join(root, "netshim/worker/testdata/platform.mjs"), path.join(folder, "bin/worker/platform.mjs"));
  const entry = path.join(folder, "bin/worker/worker.mjs");
  const code = readFileSync(entry, "utf8");
  const replaced = code.replace('from "cloudflare:sockets"', 'from "./platform.mjs"');
  assert.notEqual(replaced, code);
  writeFileSync(entry, replaced);
  const config = readFileSync(path.join(root, "netshim/worker/workerd.capnp"), "utf8")
    .replaceAll("../../bin/worker/", "bin/worker/")
    .replace("modules = [", 'modules = [\n    (name = "platform.mjs", esModule = embed "bin/worker/platform.mjs"),')
    .replace(/.*"LOCAL".*\n/, "");
  // The entry is the first module.
  const lines = config.split("\n"), at = lines.findIndex((line) => line.includes('"platform.mjs"'));
  lines.splice(at + 1, 0, ...lines.splice(at, 1));
  writeFileSync(path.join(folder, "workerd.capnp"), lines.join("\n"));

  const hosts = ["private", "platform", "refused", "nowhere", "loop", "busy"].map((name) => `${name}.test:80`);
  const platform = await startWorker({ ...env, ALLOW: [...hosts, "mail.test:20-30"].join(" ") }, ["--config", path.join(folder, "workerd.capnp")]);
  t.after(() => platform.stop());
  const p = await openPage(browser, server.url);
  await pointedAt(p, platform.relay);
  const blocked = /the relay's policy does not allow .*A Worker reaches no private address/;
  for (const [target, name, party, said] of /** @type {[string, string, string, RegExp][]} */ ([
    ["private.test:80", "OSError", "the relay", blocked],
    ["platform.test:80", "OSError", "the relay", blocked],
    ["loop.test:80", "OSError", "the relay", blocked],
    ["mail.test:25", "OSError", "the relay", blocked],
    ["mail.test:26", "OSError", "the relay", blocked],
    ["busy.test:80", "OSError", "the relay", /the relay refuses more connections or data for now/],
    ["refused.test:80", "ConnectionRefusedError", "the network", /refused/],
    ["nowhere.test:80", "gaierror", "the network", /./],
  ])) {
    await p.page.getByRole("textbox", { name: "Server" }).fill(target);
    await p.page.getByRole("button", { name: "connect", exact: true }).click();
    await p.hears(new RegExp(`: connect raised ${name}\\. Idle\\.$`));
    await explains(p, name, party, said, name === "OSError" && !said.source.includes("more") ? target : name);
  }
  await p.close();
});
