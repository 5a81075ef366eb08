// @ts-check
/**
 * Where the states stand and how the edges run. Positions are laid by hand; which
 * edges exist comes from the core's table. An edge the layout does not know is
 * drawn as a straight line, so that no row of the table is ever left out.
 */

/** @typedef {{ x: number, y: number, w: number, h: number, lines: string[] }} Box */
/** @typedef {{ d: string, label: [x: number, y: number, anchor: "start" | "middle" | "end", ...lines: string[]] }} Route */
/** @typedef {{ width: number, height: number, boxes: Record<string, Box>, routes: Record<string, Route>, bus: (from: string) => string, busLabel: Route["label"] }} Layout */

/** @param {string} s */
const lines = (s) =>
  s === "Req-started-unread-response" ? ["Req-started-", "unread-response"] : s === "Req-sent-unread-response" ? ["Req-sent-", "unread-response"] : [s];

/** @param {string} state @param {number} x @param {number} y @param {number} w @param {number} h @returns {[string, Box]} */
const box = (state, x, y, w, h) => [state, { x, y, w, h, lines: lines(state) }];

/** Two rows of three, for panes wider than tall: no wider than its words need, as it is drawn smaller than this on most desktops. @type {Layout} */
export const WIDE = (() => {
  const W = 118, H = 42, X = [18, 208, 398], Y = [80, 224];
  const mid = (/** @type {number} */ i) => X[i] + W / 2;
  const cy = (/** @type {number} */ r) => Y[r] + H / 2;
  // Beside Request-sent run the way round to Unread-response and, higher, its own loop; between the rows, below the words at the edges, what close takes.
  const right = X[2] + W, read = Y[0] + H + 44, lane = Y[0] + H + 74, into = X[0] + 18;
  /** @type {Record<string, Route>} */
  const routes = {
    "Idle|putrequest": { d: `M${X[0] + W} ${cy(0)}H${X[1]}`, label: [(X[0] + W + X[1]) / 2, cy(0) - 8, "middle"] },
    "Request-started|endheaders": { d: `M${X[1] + W} ${cy(0)}H${X[2]}`, label: [(X[1] + W + X[2]) / 2, cy(0) - 8, "middle"] },
    "Request-started|putheader": { d: `M${mid(1) - 20} ${Y[0]}v-6a10 10 0 0 1 10 -10h20a10 10 0 0 1 10 10v6`, label: [mid(1), Y[0] - 22, "middle"] },
    "Request-sent|other failure while waiting": { d: `M${right} ${cy(0) - 12}h10a10 10 0 0 1 10 10v4a10 10 0 0 1 -10 10h-10`, label: [right + 28, Y[0] - 8, "end"] },
    "Request-sent|response, will close": { d: `M${mid(2) - 18} ${Y[0]}V${Y[0] - 34}a10 10 0 0 0 -10 -10H${mid(0) + 22}a10 10 0 0 0 -10 10V${Y[0]}`, label: [mid(2) - 32, Y[0] - 49, "end"] },
    "Request-sent|connection error while waiting": { d: `M${mid(2) + 2} ${Y[0]}V${Y[0] - 54}a10 10 0 0 0 -10 -10H${mid(0) - 2}a10 10 0 0 0 -10 10V${Y[0]}`, label: [mid(0), Y[0] - 69, "start"] },
    "Request-sent|response, keep-alive": { d: `M${right - 16} ${Y[0] + H}V${Y[0] + H + 12}a10 10 0 0 0 10 10h20a10 10 0 0 1 10 10V${Y[1] + H + 28}a10 10 0 0 1 -10 10H${mid(0) + 10}a10 10 0 0 1 -10 -10V${Y[1] + H}`, label: [mid(0) + 14, Y[1] + H + 32, "start"] },
    "Unread-response|putrequest": { d: `M${X[0] + W} ${cy(1)}H${X[1]}`, label: [(X[0] + W + X[1]) / 2, cy(1) - 8, "middle"] },
    "Req-started-unread-response|endheaders": { d: `M${X[1] + W} ${cy(1)}H${X[2]}`, label: [(X[1] + W + X[2]) / 2, cy(1) - 8, "middle"] },
    "Req-started-unread-response|putheader": { d: `M${mid(1) - 20} ${Y[1] + H}v5a10 10 0 0 0 10 10h20a10 10 0 0 0 10 -10v-5`, label: [mid(1) + 27, Y[1] + H + 15, "start"] },
    "Unread-response|response closed": { d: `M${mid(0)} ${Y[1]}V${Y[0] + H}`, label: [mid(0) + 7, read, "start"] },
    "Req-started-unread-response|response closed": { d: `M${mid(1)} ${Y[1]}V${Y[0] + H}`, label: [mid(1) + 7, read, "start"] },
    "Req-sent-unread-response|response closed": { d: `M${mid(2) - 18} ${Y[1]}V${Y[0] + H}`, label: [mid(2) - 11, read, "start"] },
  };
  return {
    width: right + 28, height: Y[1] + H + 42,
    boxes: Object.fromEntries([box("Idle", X[0], Y[0], W, H), box("Request-started", X[1], Y[0], W, H), box("Request-sent", X[2], Y[0], W, H), box("Unread-response", X[0], Y[1], W, H), box("Req-started-unread-response", X[1], Y[1], W, H), box("Req-sent-unread-response", X[2], Y[1], W, H)]),
    routes,
    bus: (from) => {
      const b = WIDE.boxes[from];
      if (from === "Idle") return `M${X[0]} ${cy(0) - 8}h-6a8 8 0 0 0 -8 8a8 8 0 0 0 8 8h6`;
      if (from === "Unread-response") return `M${into} ${Y[1]}V${Y[0] + H}`;
      const x = b.x + 18, edge = b.y < lane ? b.y + b.h : b.y, sweep = b.y < lane ? 1 : 0;
      return `M${x} ${edge}V${b.y < lane ? lane - 8 : lane + 8}a8 8 0 0 ${sweep} -8 ${b.y < lane ? 8 : -8}H${into + 8}a8 8 0 0 1 -8 -8V${Y[0] + H}`;
    },
    busLabel: [mid(0) + 7, lane - 5, "start", "close, from any"],
  };
})();

/** Two columns of three, for phones. @type {Layout} */
export const TALL = (() => {
  const W = 126, H = 46, X = [30, 204], Y = [30, 164, 298];
  const mid = (/** @type {number} */ i) => X[i] + W / 2;
  const cy = (/** @type {number} */ r) => Y[r] + H / 2;
  const lane = (X[0] + W + X[1]) / 2;
  /** @type {Record<string, Route>} */
  const routes = {
    "Idle|putrequest": { d: `M${mid(0)} ${Y[0] + H}V${Y[1]}`, label: [mid(0) + 7, (Y[0] + H + Y[1]) / 2 + 4, "start"] },
    "Request-started|endheaders": { d: `M${mid(0)} ${Y[1] + H}V${Y[2]}`, label: [mid(0) + 7, (Y[1] + H + Y[2]) / 2 + 4, "start"] },
    "Request-started|putheader": { d: `M${X[0] + 76} ${Y[1]}v-6a8 8 0 0 1 8 -8h14a8 8 0 0 1 8 8v6`, label: [X[0] + 91, Y[1] - 19, "middle"] },
    "Request-sent|other failure while waiting": { d: `M${X[0] + 74} ${Y[2] + H}v6a8 8 0 0 0 8 8h14a8 8 0 0 0 8 -8v-6`, label: [X[0] + 110, Y[2] + H + 16, "start"] },
    "Request-sent|response, will close": { d: `M${X[0]} ${cy(2) - 8}h-4a8 8 0 0 1 -8 -8V${cy(0) + 18}a8 8 0 0 1 8 -8h4`, label: [X[0] - 5, cy(2) - 48, "start", "response,", "will close"] },
    "Request-sent|connection error while waiting": { d: `M${X[0]} ${cy(2) + 8}h-12a8 8 0 0 1 -8 -8V${cy(0) + 8}a8 8 0 0 1 8 -8h12`, label: [X[0] - 5, cy(1) + 40, "start", "connection", "error"] },
    "Request-sent|response, keep-alive": { d: `M${X[0] + 30} ${Y[2] + H}V${Y[2] + H + 34}a8 8 0 0 0 8 8H${X[1] + W + 8}a8 8 0 0 0 8 -8V${cy(0) + 8}a8 8 0 0 0 -8 -8H${X[1] + W}`, label: [X[0] + 42, Y[2] + H + 37, "start"] },
    "Unread-response|putrequest": { d: `M${mid(1)} ${Y[0] + H}V${Y[1]}`, label: [mid(1) + 7, (Y[0] + H + Y[1]) / 2 + 4, "start"] },
    "Req-started-unread-response|endheaders": { d: `M${mid(1)} ${Y[1] + H}V${Y[2]}`, label: [mid(1) + 7, (Y[1] + H + Y[2]) / 2 + 4, "start"] },
    "Req-started-unread-response|putheader": { d: `M${X[1] + 76} ${Y[1]}v-6a8 8 0 0 1 8 -8h14a8 8 0 0 1 8 8v6`, label: [X[1] + 91, Y[1] - 19, "middle"] },
    "Unread-response|response closed": { d: `M${X[1]} ${cy(0)}H${X[0] + W}`, label: [lane, cy(0) - 21, "middle", "response", "read"] },
    "Req-started-unread-response|response closed": { d: `M${X[1]} ${cy(1)}H${X[0] + W}`, label: [lane, cy(1) - 21, "middle", "response", "read"] },
    "Req-sent-unread-response|response closed": { d: `M${X[1]} ${cy(2)}H${X[0] + W}`, label: [lane, cy(2) - 21, "middle", "response", "read"] },
  };
  const up = cy(0) + 14;
  return {
    width: 360, height: 392,
    boxes: Object.fromEntries([box("Idle", X[0], Y[0], W, H), box("Request-started", X[0], Y[1], W, H), box("Request-sent", X[0], Y[2], W, H), box("Unread-response", X[1], Y[0], W, H), box("Req-started-unread-response", X[1], Y[1], W, H), box("Req-sent-unread-response", X[1], Y[2], W, H)]),
    routes,
    bus: (from) => {
      const b = TALL.boxes[from];
      if (from === "Idle") return `M${X[0] + 40} ${Y[0]}v-4a8 8 0 0 1 8 -8h14a8 8 0 0 1 8 8v4`;
      if (from === "Unread-response") return `M${X[1]} ${up}H${X[0] + W}`;
      const left = b.x < lane, y = b.y + b.h - 9, sweep = left ? 0 : 1;
      return `M${left ? b.x + b.w : b.x} ${y}H${left ? lane - 8 : lane + 8}a8 8 0 0 ${sweep} ${left ? 8 : -8} -8V${up + 8}a8 8 0 0 0 -8 -8H${X[0] + W}`;
    },
    busLabel: [lane + 6, Y[0] + H + 27, "start", "close,", "from any"],
  };
})();
