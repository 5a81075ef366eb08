// @ts-check
/** What a view says where the log has no more of what it shows. */
import { sizeText } from "../model/bytes.js";

/** @import { Left } from "../model/left-out.js" */

/** @param {number} n @param {string} one @param {string} many */
const count = (n, one, many) => `${n.toLocaleString("en")} ${n === 1 ? one : many}`;

/** In a sentence, or "" when nothing is missing. @param {Left} left */
export function leftOutText({ events, sent, received }) {
  const parts = [];
  if (events) parts.push(count(events, "field or event", "fields and events"));
  if (sent) parts.push(`${sizeText(sent)} sent`);
  if (received) parts.push(`${sizeText(received)} received`);
  if (!parts.length) return "";
  const list = parts.length > 1 ? `${parts.slice(0, -1).join(", ")} and ${parts[parts.length - 1]}` : parts[0];
  return `Not recorded: ${list}. The log keeps only so much of each direction; offsets and sizes stay true.`;
}

/** Of the buffer. @param {number} bytes that are missing */
export const unrecordedText = (bytes) => `${sizeText(bytes)} of it ${bytes === 1 ? "is" : "are"} not shown: the log keeps only the beginning of a long line.`;
