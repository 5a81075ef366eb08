// @ts-check
import { expect, test } from "vitest";
import { Session } from "./session.js";
import { IN_PAGE } from "./model/line.js";

const beside = { origin: "127.0.0.1:8081", secure: { origin: "127.0.0.1:8082", ca: "PEM" }, demos: [{ id: "fixed", title: "Fixed", method: "GET", target: "/fixed", shows: "A length." }] };

/** A session whose client only notes what it is asked for. @param {() => Promise<any>} fetchDemos */
function session(fetchDemos) {
  /** @type {{ opened: any[], loaded: number }} */
  const noted = { opened: [], loaded: 0 };
  const open = (/** @type {string} */ kind) => async (/** @type {string} */ host, /** @type {any} */ options) => {
    noted.opened.push([kind, host, options.port, options.peer, options.timeout]);
    throw Object.assign(new Error("none here"), { party: "caller" });
  };
  const client = {
    version: "test", machine: { states: [], inputs: [], transitions: [], refusals: [] },
    httpConnection: open("http"), httpsConnection: open("https"),
    loadTLS: async () => {}, loadInPage: async () => { noted.loaded++; }, close() {},
  };
  const s = new Session({ importClient: async () => ({ load: async () => client, loadTools: async () => ({}) }), fetchDemos });
  return { s, noted };
}

test("where nothing beside the page has demonstrations, the page has them", async () => {
  for (const fetchDemos of [async () => { throw new TypeError("no network"); }, async () => ({ origin: "", demos: [] }), async () => "a page that says it has moved"]) {
    const { s, noted } = session(/** @type {any} */ (fetchDemos));
    await s.start();
    expect(s.inPage.standsIn && s.inPage.chosen && s.inPage.news).toBe(true);
    expect(s.demos.list.length).toBeGreaterThan(30);
    expect([s.composer.origin, s.composer.demo, s.current.host]).toEqual([IN_PAGE, s.demos.list[0].id, IN_PAGE]);
    expect([noted.loaded, s.notice]).toEqual([1, null]);
    s.setScheme(true);
    await s.step();
    expect(noted.opened).toEqual([["https", IN_PAGE, null, { demo: true }, undefined]]);
    // There is nothing to go back to but what a person types.
    s.inPage.choose(false);
    expect([s.composer.origin, s.composer.demo]).toEqual(["", ""]);
  }
});

test("what is composed before the demonstrations come stays, and gets their server", async () => {
  let come = (/** @type {any} */ _) => {};
  const { s } = session(() => new Promise((resolve) => { come = resolve; }));
  const started = s.start();
  s.compose({ target: "/mine" });
  s.setScheme(true);
  come(beside);
  await started;
  expect([s.composer.target, s.composer.demo, s.composer.origin, s.composer.tls]).toEqual(["/mine", "", beside.secure.origin, true]);
});

test("where a server has them, the page's own is a choice, and the way back leads there", async () => {
  const { s, noted } = session(async () => beside);
  await s.start();
  expect([s.inPage.chosen, s.composer.origin, noted.loaded]).toEqual([false, beside.origin, 0]);
  s.setScheme(true);
  s.inPage.choose(true);
  expect([s.composer.origin, s.composer.tls, s.composer.demo, noted.loaded]).toEqual([IN_PAGE, true, "fixed", 1]);
  s.chooseDemo("fixed");
  expect(s.composer.origin).toBe(IN_PAGE);
  s.inPage.choose(false);
  expect([s.composer.origin, s.composer.tls, s.composer.demo]).toEqual([beside.secure.origin, true, "fixed"]);
});

test("faults go with the next run of the same program, and to no other server", async () => {
  const { s, noted } = session(async () => beside);
  await s.start();
  s.inPage.choose(true);
  s.setProgram({ host: IN_PAGE, port: null, tls: false, options: { timeout: 5 } }, [{ name: "connect", args: {} }], new Set());
  s.setFaults({ pieceSize: 3 });
  expect([s.current.faults.pieceSize, s.current.options, s.current.plan.map((c) => c.name)]).toEqual([3, { timeout: 5 }, ["connect"]]);
  await s.step();
  s.inPage.choose(false);
  await s.step();
  expect(noted.opened.map(([, host, , peer, timeout]) => [host, peer, timeout])).toEqual([[IN_PAGE, { demo: true, pieceSize: 3 }, 5], ["127.0.0.1", undefined, undefined]]);
});
