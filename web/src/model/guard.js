// @ts-check
/**
 * Calls and events that come from a link or a file, held to the shapes that the
 * views and the client count on. They may have been written by anyone.
 */

/** @import { Call, TraceEvent } from "../types.d.ts" */

/** @typedef {(v: any) => boolean} Check */

/** @type {Check} */
const isText = (v) => typeof v === "string";
/** @type {Check} */
const isFlag = (v) => typeof v === "boolean";
/** @type {Check} */
const isInt = (v) => Number.isSafeInteger(v);
/** @type {Check} */
const isObject = (v) => typeof v === "object" && v !== null && !Array.isArray(v);

/** @type {Check} */
const isBytes = (v) => isObject(v) && (isText(v.latin1) || (isText(v.b64) && isBase64(v.b64)));

/** @param {string} s */
const isBase64 = (s) => s.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(s);

/** @type {Check} */
const isValue = (v) => isText(v) || isInt(v) || isBytes(v);

/** @type {Check} */
const isBody = (v) => isText(v) || isBytes(v) ||
  (isObject(v) && (isText(v.text) || isText(v.textfile) || isBytes(v.file) || (Array.isArray(v.iterable) && v.iterable.every(isBytes))));

/** @type {Check} */
const isHeaders = (v) => Array.isArray(v) && v.every((h) => Array.isArray(h) && h.length === 2 && isText(h[0]) && isValue(h[1]));

/** What each argument must be; a `?` after the name: it may be left out. @type {Record<string, Record<string, Check>>} */
const ARGS = {
  connect: {}, close: {}, getresponse: {}, attributes: {}, begin: { "method?": isText },
  putrequest: { method: isText, url: isText, "skip_host?": isFlag, "skip_accept_encoding?": isFlag },
  putheader: { header: isText, "values?": (v) => Array.isArray(v) && v.every(isValue) },
  endheaders: { "message_body?": isBody, "encode_chunked?": isFlag },
  send: { "data?": isBody },
  request: { method: isText, url: isText, "body?": isBody, "headers?": isHeaders, "encode_chunked?": isFlag },
  set_tunnel: { host: isText, "port?": isInt, "headers?": isHeaders },
  set_debuglevel: { level: isInt },
  read: { "amt?": isInt }, readinto: { n: isInt }, read1: { "n?": isInt }, peek: { "n?": isInt }, readline: { "limit?": isInt }, readlines: {},
  getheader: { name: isText, "default?": isText }, getheaders: {}, isclosed: {}, closed: {}, response_close: {},
};

/**
 * A call, if it is one that the page can make.
 * @param {any} c
 * @param {string} where for the message
 * @returns {Call}
 */
export function checkCall(c, where) {
  const want = isObject(c) && isText(c.name) && Object.hasOwn(ARGS, c.name) ? ARGS[c.name] : null;
  if (!want) throw new Error(`${where} is no call of http.client: ${JSON.stringify(c?.name ?? null).slice(0, 60)}`);
  const given = c.args ?? {};
  if (!isObject(given)) throw new Error(`${where}: the arguments of ${c.name} must be an object`);
  /** @type {Record<string, any>} */
  const args = {};
  for (const [key, check] of Object.entries(want)) {
    const name = key.replace("?", ""), v = given[name];
    if (v == null) {
      if (name === key) throw new Error(`${where}: ${c.name} needs its argument ${name}`);
      continue;
    }
    if (!check(v)) throw new Error(`${where}: ${c.name} cannot take ${JSON.stringify(v).slice(0, 60)} as ${name}`);
    args[name] = v;
  }
  return { name: c.name, args };
}

/** @type {Check} */
const isResponse = (r) => isInt(r.status) && isText(r.reason) && isInt(r.version) &&
  (r.headers == null || (Array.isArray(r.headers) && r.headers.every((/** @type {any} */ h) => Array.isArray(h) && isText(h[0]) && isText(h[1]))));

/**
 * Events of a file, those of the calls as the views need them. The rest was
 * checked by what read the file.
 * @param {TraceEvent[]} events
 * @returns {TraceEvent[]}
 */
export function checkEvents(events) {
  return events.map((e, i) => {
    const where = `event ${i}`;
    if (e.type === "call") {
      if (e.name === "HTTPConnection" || e.name === "HTTPSConnection") {
        const { host, port } = e.args ?? {};
        return { ...e, args: { host: isText(host) ? host : "", port: isInt(port) ? port : null } };
      }
      return { ...e, args: checkCall({ name: e.name === "iterate" ? "readlines" : e.name, args: e.args }, where).args };
    }
    if (e.type === "return") {
      const r = e.result;
      if ((e.name === "getresponse" || e.name === "begin") && r != null && !(isObject(r) && isResponse(r))) throw new Error(`${where}: this is no response`);
      if (e.legal != null && !(Array.isArray(e.legal) && e.legal.every(isText))) throw new Error(`${where}: legal must be a list of names`);
    }
    return e;
  });
}
