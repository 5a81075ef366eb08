// @ts-check
/** The page by its keys alone: nothing is pressed that was not reached, and nothing reached that cannot be seen. */
import assert from "node:assert/strict";
import { eventually } from "./page.mjs";

/** @import { Locator } from "playwright-core" */
/** @typedef {Awaited<ReturnType<typeof import("./page.mjs").openPage>>} Opened */

/** @param {Opened} p @param {string[]} list */
export async function keys(p, ...list) {
  for (const k of list) await p.page.keyboard.press(k);
}

/** Types letters one right after the other, however long the page takes for each. @param {Opened} p @param {string} text */
export async function type(p, text) {
  await Promise.all([...text].map((letter) => p.page.keyboard.press(letter)));
}

/** Waits until it has the focus, in sight, with a ring around it. @param {Locator} what */
export async function has(what) {
  const at = what.and(what.page().locator(":focus"));
  await at.waitFor();
  // It may be drawn anew meanwhile.
  await eventually(async () => assert.deepEqual(await at.evaluate((e) => {
    const { left, top, width, height } = e.getBoundingClientRect();
    const there = /** @type {Document | ShadowRoot} */ (e.getRootNode()).elementFromPoint(left + width / 2, top + height / 2);
    const around = [e, e.closest("label, .cm-editor") ?? e], shape = e.querySelector("rect");
    return {
      seen: there !== null && (e.contains(there) || there.contains(e)),
      ring: e.matches(":focus-visible") && (around.some((box) => getComputedStyle(box).outlineStyle !== "none") || (shape !== null && parseFloat(getComputedStyle(shape).strokeWidth) >= 3)),
    };
  }), { seen: true, ring: true }, `${what} has the focus`));
}

/** Goes to a control by Tab, or back to it, whichever way it lies. @param {Opened} p @param {Locator} what */
export async function reach(p, what) {
  await what.first().waitFor();
  const met = [];
  for (let i = 0; i < 120; i++) {
    const way = await what.evaluateAll((/** @type {Element[]} */ list) => {
      if (list.some((e) => e.matches(":focus"))) return null;
      // The editor is in a tree of its own.
      const at = document.activeElement ?? document.body, root = list[0]?.getRootNode(), first = root instanceof ShadowRoot ? root.host : list[0];
      const preceding = first !== undefined && (at.compareDocumentPosition(first) & (Node.DOCUMENT_POSITION_PRECEDING | Node.DOCUMENT_POSITION_CONTAINED_BY)) === Node.DOCUMENT_POSITION_PRECEDING;
      return { key: preceding ? "Shift+Tab" : "Tab", at: (at.getAttribute("aria-label") ?? at.textContent ?? "").trim().slice(0, 24) };
    });
    if (!way) return has(what);
    met.push(way.at);
    await p.page.keyboard.press(way.key);
  }
  assert.fail(`${what} was not reached by Tab, but ${met.join(" · ")}`);
}

/**
 * Presses a key until something is so. Each time the key has to move something first, the focus or what a list shows: the page may take a frame for it.
 * @param {Opened} p @param {string} key @param {number} most @param {() => Promise<boolean>} so @param {string} what
 */
export async function until(p, key, most, so, what) {
  for (let i = 0; !(await so()); i++) {
    if (i === most) assert.fail(`${key} does not lead to ${what}`);
    const was = await p.page.evaluateHandle(() => ({ at: document.activeElement, value: /** @type {any} */ (document.activeElement)?.value }));
    await p.page.keyboard.press(key);
    await p.page.waitForFunction(({ at, value }) => document.activeElement !== at || /** @type {any} */ (at)?.value !== value, was).catch((e) => assert.fail(`${key} moves nothing on the way to ${what}: ${e}`));
  }
}

/** @param {Locator} what */
const focused = (what) => what.evaluateAll((list) => list.some((e) => e.matches(":focus")));

/** Goes by F6 to a part of the page, unless the focus is there. @param {Opened} p @param {"Code" | "State and exchange" | "Bytes and fields" | "Explain"} name */
export async function pane(p, name) {
  const it = p.page.getByRole("region", { name, exact: true }).or(p.page.getByRole("tabpanel", { name, exact: true }));
  await until(p, "F6", 5, () => it.evaluateAll((list) => list.some((e) => e.contains(document.activeElement))), name);
  return it;
}

/** Goes by the arrow keys to one of the details of an exchange. @param {Opened} p @param {string} name */
export async function details(p, name) {
  await pane(p, "State and exchange");
  const tabs = p.page.getByRole("tablist", { name: "Details" }), tab = tabs.getByRole("tab", { name: new RegExp(`^${name}`) });
  await reach(p, tabs.getByRole("tab", { selected: true }));
  await until(p, "ArrowRight", 8, () => focused(tab), name);
  await has(tab);
  // However many tabs there are, the one that is shown is in sight, whole.
  await eventually(async () => assert.ok(await tab.evaluate((t) => {
    const a = t.getBoundingClientRect(), b = /** @type {Element} */ (t.parentElement).getBoundingClientRect();
    return a.left >= b.left - 1 && a.right <= b.right + 1;
  }), `the tab ${name} is cut off`));
  return p.page.getByRole("tabpanel", { name: new RegExp(`^${name}`) });
}

/** Chooses in a list by the first letter of what is wanted, as often as it takes. @param {Opened} p @param {Locator} list @param {string} value */
export async function choose(p, list, value) {
  await reach(p, list);
  const [letter] = (await list.locator(`option[value="${value}"]`).innerText()).trim();
  await until(p, letter, 20, async () => (await list.inputValue()) === value, value);
}

/** Chooses a demonstration. @param {Opened} p @param {string} id */
export async function demo(p, id) {
  await pane(p, "Code");
  await choose(p, p.page.getByLabel("Demonstration"), id);
}

/** Chooses in a group of radio buttons. @param {Opened} p @param {Locator} group @param {string | RegExp} name */
export async function pick(p, group, name) {
  await reach(p, group.getByRole("radio", { checked: true }));
  await until(p, "ArrowDown", 12, () => group.getByRole("radio", { name }).isChecked(), String(name));
}

/** Replaces what is in a field. @param {Opened} p @param {Locator} field @param {string} text */
export async function write(p, field, text) {
  await reach(p, field);
  await keys(p, "Control+a");
  await p.page.keyboard.insertText(text);
}

/** @param {Opened} p @param {Locator} button @param {string} [key] */
export async function press(p, button, key = "Enter") {
  await reach(p, button);
  await keys(p, key);
}
