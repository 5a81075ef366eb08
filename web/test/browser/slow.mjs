// @ts-check
/**
 * A slow machine, on request: `SLOW=4 make test-browser` gives each page a quarter of the CPU, and lets what it draws come later by four
 * times 50 ms. A test that reads the page before it shows the effect of a click fails then every time, and not once in a hundred times.
 */

const FACTOR = Number(process.env.SLOW || 1);
if (!(FACTOR >= 1)) throw new Error(`SLOW=${process.env.SLOW}: a number of at least 1 was expected`);

/** How long a test waits for what the page is to show, ms: the machine may be slow without being asked. */
export const PATIENCE = 15_000 * Math.max(4, FACTOR);

/** @param {import("playwright-core").Page} page */
export async function slowDown(page) {
  if (FACTOR === 1) return;
  const session = await page.context().newCDPSession(page);
  await session.send("Emulation.setCPUThrottlingRate", { rate: FACTOR });
  await page.addInitScript((late) => {
    const { requestAnimationFrame, setTimeout } = globalThis;
    globalThis.requestAnimationFrame = (f) => requestAnimationFrame(() => setTimeout(() => requestAnimationFrame(f), late));
    // Only what is due at once comes from drawing; the others are times that somebody chose.
    globalThis.setTimeout = /** @type {any} */ ((/** @type {any} */ f, /** @type {number | undefined} */ ms, /** @type {any[]} */ ...args) => setTimeout(f, ms || late, ...args));
  }, 50 * FACTOR);
}
