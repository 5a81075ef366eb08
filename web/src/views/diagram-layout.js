// @ts-check
/**
 * Where the states stand and how the edges run. Positions are laid by hand; which
 * edges exist comes from the core's table. An edge the layout does not know is
 * drawn as a straight line, so that no row of the table is ever left out.
 */

/** @typedef {{ x: number, y: number, w: number, h: number, lines: string[] }} Box */
/** @typedef {{ d: string, label: [x: number, y: number, anchor: "start" | "middle" | "end"] }} Route */
/** @typedef {{ width: number, height: number, boxes: Record<string, Box>, routes: Record<string, Route>, bus: (from: string) => string, busLabel: Route["label"] }} Layout */

const W = 126, H = 46;

/** @param {string} s */
const lines = (s) =>
  s === "Req-started-unread-response" ? ["Req-started-", "unread-response"] : s === "Req-sent-unread-response" ? ["Req-sent-", "unread-response"] : [s];

/** @param {string} state @param {number} x @param {number} y @returns {[string, Box]} */
const box = (state, x, y) => [state, { x, y, w: W, h: H, lines: lines(state) }];

/** Two rows of three, for panes wider than tall. @type {Layout} */
export const WIDE = (() => {
  const X = [24, 237, 450], Y = [74, 236];
  const mid = (/** @type {number} */ i) => X[i] + W / 2;
  const cy = (/** @type {number} */ r) => Y[r] + H / 2;
  /** @type {Record<string, Route>} */
  const routes = {
    "Idle|putrequest": { d: `M${X[0] + W} ${cy(0)}H${X[1]}`, label: [(X[0] + W + X[1]) / 2, cy(0) - 8, "middle"] },
    "Request-started|endheaders": { d: `M${X[1] + W} ${cy(0)}H${X[2]}`, label: [(X[1] + W + X[2]) / 2, cy(0) - 8, "middle"] },
    "Request-started|putheader": { d: `M${mid(1) - 20} ${Y[0]}v-8a10 10 0 0 1 10 -10h20a10 10 0 0 1 10 10v8`, label: [mid(1), Y[0] - 25, "middle"] },
    "Request-sent|other failure while waiting": { d: `M${X[2] + W} ${cy(0) - 12}h10a10 10 0 0 1 10 10v4a10 10 0 0 1 -10 10h-10`, label: [X[2] + W + 26, cy(0) - 32, "end"] },
    "Request-sent|response, will close": { d: `M${mid(2)} ${Y[0]}V${Y[0] - 34}a10 10 0 0 0 -10 -10H${mid(0) + 22}a10 10 0 0 0 -10 10V${Y[0]}`, label: [mid(2) - 16, Y[0] - 50, "end"] },
    "Request-sent|connection error while waiting": { d: `M${mid(2) + 22} ${Y[0]}V${Y[0] - 52}a10 10 0 0 0 -10 -10H${mid(0) - 2}a10 10 0 0 0 -10 10V${Y[0]}`, label: [mid(0) + 2, Y[0] - 67, "start"] },
    "Request-sent|response, keep-alive": { d: `M${X[2] + W - 18} ${Y[0] + H}V${Y[0] + H + 14}a10 10 0 0 0 10 10h18a10 10 0 0 1 10 10V${Y[1] + H + 30}a10 10 0 0 1 -10 10H${mid(0) + 10}a10 10 0 0 1 -10 -10V${Y[1] + H}`, label: [mid(0) + 16, Y[1] + H + 34, "start"] },
    "Unread-response|putrequest": { d: `M${X[0] + W} ${cy(1)}H${X[1]}`, label: [(X[0] + W + X[1]) / 2, cy(1) - 8, "middle"] },
    "Req-started-unread-response|endheaders": { d: `M${X[1] + W} ${cy(1)}H${X[2]}`, label: [(X[1] + W + X[2]) / 2, cy(1) - 8, "middle"] },
    "Req-started-unread-response|putheader": { d: `M${mid(1) - 20} ${Y[1] + H}v6a10 10 0 0 0 10 10h20a10 10 0 0 0 10 -10v-6`, label: [mid(1) + 28, Y[1] + H + 17, "start"] },
    "Unread-response|response closed": { d: `M${mid(0)} ${Y[1]}V${Y[0] + H}`, label: [mid(0) + 8, (Y[0] + H + Y[1]) / 2 - 18, "start"] },
    "Req-started-unread-response|response closed": { d: `M${mid(1)} ${Y[1]}V${Y[0] + H}`, label: [mid(1) + 8, (Y[0] + H + Y[1]) / 2 - 18, "start"] },
    "Req-sent-unread-response|response closed": { d: `M${mid(2) - 24} ${Y[1]}V${Y[0] + H}`, label: [mid(2) - 32, (Y[0] + H + Y[1]) / 2 - 18, "end"] },
  };
  const lane = (Y[0] + H + Y[1]) / 2 + 8;
  const into = X[0] + 18;
  return {
    width: 624, height: 332,
    boxes: Object.fromEntries([box("Idle", X[0], Y[0]), box("Request-started", X[1], Y[0]), box("Request-sent", X[2], Y[0]), box("Unread-response", X[0], Y[1]), box("Req-started-unread-response", X[1], Y[1]), box("Req-sent-unread-response", X[2], Y[1])]),
    routes,
    bus: (from) => {
      const b = WIDE.boxes[from];
      if (from === "Idle") return `M${X[0]} ${cy(0) - 8}h-6a8 8 0 0 0 -8 8a8 8 0 0 0 8 8h6`;
      if (from === "Unread-response") return `M${into} ${Y[1]}V${Y[0] + H}`;
      const x = b.x + 18, edge = b.y < lane ? b.y + b.h : b.y, sweep = b.y < lane ? 1 : 0;
      return `M${x} ${edge}V${b.y < lane ? lane - 8 : lane + 8}a8 8 0 0 ${sweep} -8 ${b.y < lane ? 8 : -8}H${into + 8}a8 8 0 0 1 -8 -8V${Y[0] + H}`;
    },
    busLabel: [into + 14, lane - 5, "start"],
  };
})();

/** Two columns of three, for phones. @type {Layout} */
export const TALL = (() => {
  const X = [30, 204], Y = [30, 164, 298];
  const mid = (/** @type {number} */ i) => X[i] + W / 2;
  const cy = (/** @type {number} */ r) => Y[r] + H / 2;
  const lane = (X[0] + W + X[1]) / 2;
  /** @type {Record<string, Route>} */
  const routes = {
    "Idle|putrequest": { d: `M${mid(0)} ${Y[0] + H}V${Y[1]}`, label: [mid(0) + 7, (Y[0] + H + Y[1]) / 2 + 4, "start"] },
    "Request-started|endheaders": { d: `M${mid(0)} ${Y[1] + H}V${Y[2]}`, label: [mid(0) + 7, (Y[1] + H + Y[2]) / 2 + 4, "start"] },
    "Request-started|putheader": { d: `M${X[0] + 84} ${Y[1]}v-6a8 8 0 0 1 8 -8h14a8 8 0 0 1 8 8v6`, label: [X[0] + 99, Y[1] - 19, "middle"] },
    "Request-sent|other failure while waiting": { d: `M${X[0] + 74} ${Y[2] + H}v6a8 8 0 0 0 8 8h14a8 8 0 0 0 8 -8v-6`, label: [X[0] + 110, Y[2] + H + 16, "start"] },
    "Request-sent|response, will close": { d: `M${X[0]} ${cy(2) - 8}h-4a8 8 0 0 1 -8 -8V${cy(0) + 18}a8 8 0 0 1 8 -8h4`, label: [X[0] - 4, cy(2) - 38, "start"] },
    "Request-sent|connection error while waiting": { d: `M${X[0]} ${cy(2) + 8}h-12a8 8 0 0 1 -8 -8V${cy(0) + 8}a8 8 0 0 1 8 -8h12`, label: [X[0] - 4, cy(1) + 42, "start"] },
    "Request-sent|response, keep-alive": { d: `M${X[0] + 30} ${Y[2] + H}V${Y[2] + H + 34}a8 8 0 0 0 8 8H${X[1] + W + 8}a8 8 0 0 0 8 -8V${cy(0) + 8}a8 8 0 0 0 -8 -8H${X[1] + W}`, label: [X[0] + 42, Y[2] + H + 37, "start"] },
    "Unread-response|putrequest": { d: `M${mid(1)} ${Y[0] + H}V${Y[1]}`, label: [mid(1) + 7, (Y[0] + H + Y[1]) / 2 + 4, "start"] },
    "Req-started-unread-response|endheaders": { d: `M${mid(1)} ${Y[1] + H}V${Y[2]}`, label: [mid(1) + 7, (Y[1] + H + Y[2]) / 2 + 4, "start"] },
    "Req-started-unread-response|putheader": { d: `M${X[1] + 84} ${Y[1]}v-6a8 8 0 0 1 8 -8h14a8 8 0 0 1 8 8v6`, label: [X[1] + 99, Y[1] - 19, "middle"] },
    "Unread-response|response closed": { d: `M${X[1]} ${cy(0)}H${X[0] + W}`, label: [lane, cy(0) - 26, "middle"] },
    "Req-started-unread-response|response closed": { d: `M${X[1]} ${cy(1)}H${X[0] + W}`, label: [lane, cy(1) - 26, "middle"] },
    "Req-sent-unread-response|response closed": { d: `M${X[1]} ${cy(2)}H${X[0] + W}`, label: [lane, cy(2) - 26, "middle"] },
  };
  const up = cy(0) + 14;
  return {
    width: 360, height: 392,
    boxes: Object.fromEntries([box("Idle", X[0], Y[0]), box("Request-started", X[0], Y[1]), box("Request-sent", X[0], Y[2]), box("Unread-response", X[1], Y[0]), box("Req-started-unread-response", X[1], Y[1]), box("Req-sent-unread-response", X[1], Y[2])]),
    routes,
    bus: (from) => {
      const b = TALL.boxes[from];
      if (from === "Idle") return `M${X[0] + 40} ${Y[0]}v-4a8 8 0 0 1 8 -8h14a8 8 0 0 1 8 8v4`;
      if (from === "Unread-response") return `M${X[1]} ${up}H${X[0] + W}`;
      const left = b.x < lane, y = b.y + b.h - 9, sweep = left ? 0 : 1;
      return `M${left ? b.x + b.w : b.x} ${y}H${left ? lane - 8 : lane + 8}a8 8 0 0 ${sweep} ${left ? 8 : -8} -8V${up + 8}a8 8 0 0 0 -8 -8H${X[0] + W}`;
    },
    busLabel: [lane, Y[0] + H + 30, "middle"],
  };
})();
