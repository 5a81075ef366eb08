// @ts-check
/** One request with the keyboard alone. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { demo, has, keys, pane, reach, type } from "./by-key.mjs";
import { start } from "./fixture.mjs";
import { DESKTOP, DEVICES, PHONE, eventually, inSight, openPage } from "./page.mjs";

/** @typedef {Awaited<ReturnType<typeof openPage>>} Opened */

const { browser, server } = await start();

for (const [device, options] of DEVICES) {
  describe(`${device}, by keys alone`, () => {
    const phone = device === "phone";
    /** @param {Opened} p @param {string | RegExp} name */
    const button = (p, name) => p.page.getByRole("button", { name, exact: true });

    test("steps, what each changed, what is not sent yet, back and the timeline", async () => {
      const p = await openPage(browser, server.url, options);
      await demo(p, "chunked");
      await keys(p, "Shift+F6");
      await has(button(p, "Step"));
      await keys(p, "Enter");
      await p.hears("Step 1 of 5: connect. Idle.");
      await keys(p, "Enter");
      await p.hears("Step 2 of 5: putrequest. Request-started.");
      await has(button(p, "Step"));
      const state = await pane(p, "State and exchange");
      await reach(p, state.getByRole("tab", { name: /^Buffer/, selected: true }));
      await inSight(state.getByText(/^\d+ bytes not sent yet\.$/));
      await keys(p, "F10");
      await p.hears("Step 3 of 5: endheaders. Request-sent.");
      await inSight(state.getByRole("button", { name: /^sent 75 bytes, at .*: show the bytes$/ }));
      await keys(p, "End", "ArrowLeft", "ArrowLeft");
      await has(state.getByRole("tab", { name: "Changes", selected: true }));
      await inSight(state.getByText("State: Request-started → Request-sent."));
      await keys(p, "ArrowLeft");
      await has(state.getByRole("tab", { name: "Buffer", selected: true }));
      await inSight(state.getByText("The client’s buffer is empty."));
      await keys(p, "F10");
      await p.hears("Step 4 of 5: getresponse. Unread-response.");
      await keys(p, "F10");
      await p.hears("Step 5 of 5: read. Idle.");
      await keys(p, "F9");
      await p.hears("Recorded. Step 4 of 5: getresponse. Unread-response.");
      // The last press of Step takes away its use, and not the focus.
      for (let i = 0; i < 2; i++) await keys(p, "Shift+F6");
      await has(button(p, "Step"));
      await keys(p, "Enter");
      await p.hears("Step 5 of 5: read. Idle.");
      await has(p.page.getByRole("button", { name: "Step", exact: true, disabled: true }));
      const timeline = p.page.getByRole("slider", { name: "Timeline" });
      await reach(p, timeline);
      for (const [key, said] of [["Home", "Recorded. Before the first call. Idle."], ["ArrowRight", "Recorded. Step 1 of 5: connect."], ["ArrowRight", "Recorded. Step 2 of 5: putrequest."], ["End", "Step 5 of 5: read. Idle."]]) {
        await keys(p, key);
        await p.hears(said);
      }
      await timeline.and(p.page.locator("[aria-valuetext='5 of 5: read, Idle']")).waitFor();
      // A line of the program is its step.
      await pane(p, "Code");
      await reach(p, button(p, /^Step 3 conn\.endheaders/));
      await keys(p, "Enter");
      await p.hears("Recorded. Step 3 of 5: endheaders. Request-sent.");
      await has(button(p, /^Step 3 conn\.endheaders/));
      await p.close();
    });

    test("a run stops at a breakpoint, goes on, pauses, and its last call is stopped", async () => {
      const p = await openPage(browser, server.url, options);
      await demo(p, "silent");
      await reach(p, p.page.getByRole("group", { name: "Program as" }).getByRole("button", { name: "code" }));
      await keys(p, "Enter");
      await p.page.getByRole("textbox", { name: "Program code" }).waitFor();
      await reach(p, p.page.getByRole("textbox", { name: "Program code" }));
      await keys(p, "Control+End");
      await keys(p, "ArrowUp", "Control+b");
      await p.hears("Breakpoint set at step 4.");
      await keys(p, "F8");
      await p.hears("Breakpoint before step 4.");
      await reach(p, button(p, "Go on"));
      await keys(p, "Enter");
      // The notice is gone: its place is taken by the button for what it set going, which never ends by itself.
      await has(button(p, "Pause"));
      await keys(p, "Enter");
      await p.hears("Paused after the call under way.");
      await has(button(p, "Stop"));
      await keys(p, "Enter");
      await p.hears(/^Step 4 of 5: getresponse raised /);
      await has(button(p, "Run all"));
      await p.close();
    });

    test("fields, bytes and what explains them; the body in its layers", async () => {
      const p = await openPage(browser, server.url, options);
      const readout = p.page.getByRole("group", { name: "Selection" });
      await demo(p, "chunked");
      await keys(p, "Control+Enter");
      await p.hears("Step 5 of 5: read. Idle.");
      if (phone) {
        await reach(p, p.page.getByRole("tab", { name: "Code", exact: true }));
        await keys(p, "ArrowRight");
        await has(p.page.getByRole("tab", { name: "State", exact: true, selected: true }));
        await keys(p, "ArrowRight");
        await has(p.page.getByRole("tab", { name: "Bytes", exact: true, selected: true }));
        await keys(p, "Tab");
      } else await pane(p, "Bytes and fields");
      await has(p.page.getByRole("treeitem"));
      await type(p, "transfer");
      await has(p.page.getByRole("treeitem", { name: /^Transfer-Encoding/ }));
      await keys(p, "Enter");
      await readout.getByText("Transfer-Encoding", { exact: true }).waitFor();
      await inSight(p.page.getByRole("gridcell", { name: /, 54, T, name of Transfer-Encoding$/, selected: true }));
      // From the field on to its bytes.
      await keys(p, "Tab");
      await has(p.page.getByRole("gridcell", { name: /, 54, T, name of Transfer-Encoding$/, selected: true }));
      await keys(p, "Control+Home");
      await has(p.page.getByRole("gridcell", { name: "offset 0x0, 47, G, method of request line" }));
      await keys(p, "Shift+ArrowRight");
      await p.hears("Selected: sent bytes 0–1, request line › method.");
      await keys(p, "Enter");
      await p.hears("Selected: sent bytes 0–2, request line › method.");
      await eventually(async () => assert.equal((await readout.textContent())?.replace(/\s+/g, " ").trim(), "→sentbytes 0–2·3 (0x3)·request line › method"));
      // And back from the bytes to their field.
      await keys(p, "Shift+Tab");
      await has(p.page.getByRole("treeitem", { name: /^method GET/, level: 3, selected: true }));
      const explanation = await pane(p, "Explain");
      await inSight(explanation.getByRole("heading", { name: /request › request line › method/ }));
      await reach(p, explanation.getByRole("link", { name: "RFC 9110 §9.1" }));
      await reach(p, explanation.getByRole("button", { name: /^step 3, conn\.endheaders/ }));
      await keys(p, "Enter");
      await p.hears("Recorded. Step 3 of 5: endheaders. Request-sent.");
      // What had the focus in a pane has it again.
      await keys(p, "Shift+F6");
      await has(p.page.getByRole("treeitem", { name: /^method GET/, level: 3, selected: true }));
      await keys(p, "Escape");
      await readout.getByText("Point at a byte").waitFor();
      // What the keys only point at is shown as long as the focus is there, or reads of it.
      await keys(p, "ArrowDown");
      await readout.getByText("request line › space").waitFor();
      await keys(p, "Tab");
      await readout.getByText("Point at a byte").waitFor();
      await keys(p, "Control+Home", "ArrowRight");
      await readout.getByText("request line › method").waitFor();
      await inSight((await pane(p, "Explain")).getByRole("heading", { name: /request › request line › method/ }));
      await keys(p, "F6");
      await has(button(p, "Step"));
      await pane(p, "Bytes and fields");
      await readout.getByText("Point at a byte").waitFor();

      const state = await pane(p, "State and exchange");
      await reach(p, state.getByRole("button", { name: /^sent 75 bytes/ }));
      await keys(p, "Enter");
      await p.hears("Selected: sent bytes 0–74, request.");
      if (phone) await has(p.page.getByRole("gridcell", { name: /^offset 0x0, 47, G/, selected: true }));
      else await has(state.getByRole("button", { name: /^sent 75 bytes/ }));
      await keys(p, "F10", "F10");
      await p.hears("Step 5 of 5: read. Idle.");
      const body = (await pane(p, "State and exchange")).getByRole("region", { name: "Body", exact: true }), shown = body.getByRole("region", { name: /^Body as/ });
      const look = async (/** @type {string} */ name, /** @type {RegExp} */ text) => {
        await reach(p, body.getByRole("button", { name, exact: true }));
        await keys(p, "Enter");
        await shown.getByText(text).first().waitFor();
        await has(body.getByRole("button", { name, exact: true, pressed: true }));
      };
      await look("raw", /^d\s+First chunk\./);
      await look("dechunked", /^First chunk\./);
      await look("hex", /^0000 {2}46 69 72 73 74/);
      await demo(p, "gzip");
      await keys(p, "Control+Enter");
      await p.hears(/^Step 6 of 6: read/);
      await pane(p, "State and exchange");
      await look("decompressed", /compress/i);
      await look("hex", /^0000 {2}/);
      await p.close();
    });

    test("at another width what has the focus is there, and has it", async () => {
      const p = await openPage(browser, server.url, options), widths = phone ? [DESKTOP, PHONE] : [PHONE, DESKTOP];
      await demo(p, "fixed");
      await keys(p, "Control+Enter");
      await p.hears("Step 5 of 5: read. Idle.");
      for (const viewport of widths) {
        await reach(p, button(p, "Step back"));
        await p.page.setViewportSize(viewport);
        await has(button(p, "Step back"));
      }
      await pane(p, "Bytes and fields");
      await reach(p, p.page.getByRole("treeitem", { selected: false, level: 1 }));
      await type(p, "content-l");
      await keys(p, "Enter", "Tab");
      const byte = p.page.getByRole("gridcell", { name: /, 43, C, name of Content-Length$/, selected: true });
      for (const viewport of widths) {
        await has(byte);
        await p.page.setViewportSize(viewport);
      }
      await has(byte);
      await p.close();
    });

    test("states, legal calls and one that is not", async () => {
      const p = await openPage(browser, server.url, options);
      const state = await pane(p, "State and exchange"), explanation = p.page.getByRole("region", { name: "Explanation" });
      await reach(p, state.getByRole("button", { name: /^Unread-response\./ }));
      await keys(p, "Enter");
      await inSight(explanation.getByRole("heading", { name: "Unread-response" }));
      const code = await pane(p, "Code"), calls = code.getByRole("region", { name: "Calls" });
      await reach(p, button(p, "getresponse"));
      await inSight(calls.getByText("getresponse is not legal in Idle: it would raise ResponseNotReady."));
      await keys(p, "Enter");
      await p.hears("Step 1 of 6: getresponse raised ResponseNotReady. Idle.");
      await has(button(p, "getresponse"));
      await pane(p, "Explain");
      await inSight(explanation.getByRole("heading", { name: /ResponseNotReady/ }));
      await explanation.getByText("Send a request first").waitFor();
      await pane(p, "Code");
      await has(button(p, "getresponse"));
      /** @param {string} name @param {string} said */
      const call = async (name, said) => {
        await reach(p, button(p, name));
        await keys(p, "Enter");
        await p.hears(said);
        await has(button(p, name));
      };
      await call("putrequest", "putrequest. Request-started.");
      await reach(p, calls.getByRole("textbox", { name: "putheader: Header name" }));
      await keys(p, "Control+a");
      await p.page.keyboard.type("X-Note");
      await keys(p, "Enter");
      await p.hears("putheader. Request-started.");
      await call("endheaders", "endheaders. Request-sent.");
      await call("getresponse", "getresponse. Unread-response.");
      await call("read", "read. Idle.");
      await pane(p, "Bytes and fields");
      await type(p, "x-note");
      await has(p.page.getByRole("treeitem", { name: /^X-Note/ }));
      await p.close();
    });
  });
}
