// @ts-check
/** What text that was pasted or dropped looks like; a text box keeps no CR, so the head of a message gets its line ends back. */

const MESSAGE = /^(HTTP\/\d|[!#$%&'*+.^_`|~0-9A-Za-z-]+ \S+ HTTP\/\d)/;

/** Whether a text looks like a message, rather than a dump or a file. @param {string} text */
export const isMessage = (text) => MESSAGE.test(text);

/** CRLF for the line ends of the head, the body left as it is. @param {string} text */
export function withCRLF(text) {
  const head = /\n\r?\n/.exec(text), end = head ? head.index + head[0].length : text.length;
  return text.slice(0, end).replace(/\r?\n/g, "\r\n") + text.slice(end);
}

/** Whether a file that begins so is a key log (RFC 9850), which is read with a capture and not by itself. @param {string} text */
export const isKeyLog = (text) => /^(\s|#.*\n)*[A-Z][A-Z0-9_]+ [0-9A-Fa-f]{16,} [0-9A-Fa-f]{16,}/.test(text);
