// @ts-check
/** Keys pressed while calls are under way: what is made, in which run, and where the cursor ends. */
import { expect, test } from "vitest";
import { Session } from "./session.js";

/**
 * A session with two demonstrations. Its client makes each call at once, but for those of `slow`, which wait until they are answered or aborted.
 * @param {string[]} slow
 */
async function session(slow) {
  /** @type {Map<string, (() => void)[]>} */
  const waiting = new Map();
  let connections = 0;
  const connect = async () => {
    const conn = ++connections;
    /** @type {any[]} */
    const events = [];
    let wake = () => {}, seq = 0, calls = 0;
    const push = (/** @type {any} */ e) => { events.push({ seq: seq++, t: 0, conn, exchange: 1, ...e }); wake(); };
    const call = (/** @type {string} */ name) => async (/** @type {any[]} */ ...args) => {
      const number = ++calls, signal = args.findLast((a) => a?.signal)?.signal;
      push({ type: "call", call: number, name, args: {} });
      let error;
      if (slow.includes(name)) {
        error = await new Promise((answered) => {
          waiting.set(name, [...(waiting.get(name) ?? []), () => answered(undefined)]);
          signal?.addEventListener("abort", () => answered({ name: "CancelledError", bases: [], message: "", party: "caller" }));
        });
      }
      push({ type: "return", call: number, name, state: "Idle", unread: false, legal: ["putrequest"], stdout: "", ...(error ? { error } : { result: null }) });
      if (error) throw error;
      return { read: call("read") };
    };
    return {
      connect: call("connect"), putRequest: call("putrequest"), endHeaders: call("endheaders"), getResponse: call("getresponse"),
      async *trace() {
        for (let i = 0; ; i++) {
          while (i === events.length) await new Promise((/** @type {(v?: any) => void} */ r) => { wake = r; });
          yield events[i];
        }
      },
    };
  };
  const client = { version: "test", machine: { states: [], inputs: [], transitions: [], refusals: [] }, httpConnection: connect, close() {} };
  const demos = ["one", "two"].map((id) => ({ id, title: id, method: "GET", target: `/${id}`, shows: "" }));
  const s = new Session(/** @type {any} */ ({ importClient: async () => ({ load: async () => client }), fetchDemos: async () => ({ origin: "192.0.2.1:80", demos }) }));
  await s.start();
  return {
    s,
    /** Lets the calls of a name that wait go on. @param {string} name */
    answer: (name) => { for (const go of waiting.get(name)?.splice(0) ?? []) go(); },
    /** Until a call of that name waits. @param {string} name */
    waits: (name) => expect.poll(() => waiting.get(name)?.length).toBeGreaterThan(0),
  };
}

/** A session whose program was run, with getresponse() waiting for its answer once more. */
async function answered() {
  const { s, answer, waits } = await session(["getresponse"]);
  const run = s.run();
  await waits("getresponse");
  answer("getresponse");
  await run;
  return { s, waits };
}

const made = (/** @type {Session} */ s) => s.current.log.steps.map((x) => x.name);
const ALL = ["connect", "putrequest", "endheaders", "getresponse", "read"];

test("another demonstration runs at once, whatever the one before it still waits for", async () => {
  const { s, waits } = await session(["getresponse"]);
  const first = s.run();
  await waits("getresponse");
  const was = s.current;
  s.chooseDemo("two");
  expect([s.busy, s.running]).toEqual([false, false]);
  void s.run();
  await first;
  expect(s.running).toBe(true);
  await expect.poll(() => made(s)).toEqual(ALL.slice(0, 4));
  expect([was.log.steps.length, was.busy, s.busy]).toEqual([4, false, true]);
  s.stop();
});

test("a fork that is left makes no more of its calls, neither there nor in what is shown instead", async () => {
  const { s, waits } = await answered();
  s.seek(3);
  const forked = s.call({ name: "read", args: {} });
  await waits("getresponse");
  const fork = s.current;
  s.chooseDemo("two");
  expect(await forked).toBe(false);
  expect([made(s), s.current.plan.length]).toEqual([[], 5]);
  expect([fork.log.steps.map((x) => x.name), fork.busy]).toEqual([ALL.slice(0, 4), false]);
});

test("a fork that is stopped stops", async () => {
  const { s, waits } = await answered();
  s.seek(3);
  const forked = s.call({ name: "read", args: {} });
  await waits("getresponse");
  s.stop();
  expect(await forked).toBe(false);
  expect([made(s), s.busy]).toEqual([ALL.slice(0, 4), false]);
  // What is pressed then is made.
  expect(await s.call({ name: "connect", args: {} })).toBe(true);
  expect(s.announcement).toMatch(/^Step 5 of 5: connect\./);
  // That there is a new run, and which calls were made anew, is heard.
  s.seek(1);
  expect(await s.call({ name: "connect", args: {} })).toBe(true);
  expect(s.announcement).toMatch(/^Run 3, a fork of run 2\. Step 3 of 3: connect\./);
  s.showRun(2);
  expect(made(s)).toEqual([...ALL.slice(0, 4), "connect"]);
});

test("going back while a call is under way sends nothing further, and Step leads forward again", async () => {
  for (const begin of [(/** @type {Session} */ s) => s.run(), async (/** @type {Session} */ s) => { for (let i = 0; i < 5; i++) void s.step(); }]) {
    const { s, answer, waits } = await session(["getresponse"]);
    const begun = begin(s);
    await waits("getresponse");
    s.seek(1);
    await s.step();
    expect([s.view.steps, s.inPast]).toEqual([3, true]);
    answer("getresponse");
    await begun;
    await expect.poll(() => s.busy).toBe(false);
    expect([s.runs.length, made(s), s.current.plan.length, s.view.steps]).toEqual([1, ALL.slice(0, 4), 1, 3]);
    await s.step();
    expect(s.inPast).toBe(false);
    await s.step();
    expect(made(s)).toEqual(ALL);
  }
});

test("what is pointed at gives way to the next call, made or recorded", async () => {
  const { s } = await session([]);
  const pointed = () => s.preview({ conn: 1, dir: "sent", ranges: [[0, 1]], node: null, from: "tree" });
  for (const next of [() => s.step(), () => s.step(), async () => s.back()]) {
    pointed();
    await next();
    expect(s.selection).toBeNull();
  }
});
