// @ts-check
/**
 * What the views draw comes a piece a frame, each in a task of its own before it: no
 * task is longer then than one piece, or than its layout and painting.
 */

/** @type {(() => void)[]} */
const waiting = [];
/** Whether a piece is being drawn that is not painted yet. */
let drawn = false;

/** Runs `f` before a frame for which nothing else is drawn. @param {() => void} f */
export function nextFrame(f) {
  // A page out of sight has no frames.
  if (globalThis.document?.visibilityState !== "visible") {
    setTimeout(f);
    return;
  }
  waiting.push(f);
  draw();
}

function draw() {
  const f = drawn ? undefined : waiting.shift();
  if (!f) return;
  drawn = true;
  setTimeout(() => {
    requestAnimationFrame(() => {
      drawn = false;
      draw();
    });
    f();
  });
}
