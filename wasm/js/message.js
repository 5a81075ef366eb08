// @ts-check
// The headers of a response with the calls that Python's HTTPMessage has to read
// them. They answer at once: the page has the headers. The Go side of the same is
// core/message*.go; both are held to what CPython answers.

/**
 * @typedef {import("./index.d.ts").ParamValue} ParamValue
 * @typedef {import("./index.d.ts").ParamOptions} ParamOptions
 */

/** Python's str.strip of what a header can hold. @param {string} text */
const strip = (text) => text.replace(/^[\t-\r\x1c- \x85\xa0]+|[\t-\r\x1c- \x85\xa0]+$/g, "");

/** Python: email.utils.quote. @param {string} text */
const quote = (text) => text.replace(/[\\"]/g, "\\$&");

/** Takes off quotes or angle brackets. Python: email.utils.unquote. @param {string} text */
function unquote(text) {
	if (text.length < 2) return text;
	if (text.startsWith('"') && text.endsWith('"')) return text.slice(1, -1).replaceAll("\\\\", "\\").replaceAll('\\"', '"');
	return text.startsWith("<") && text.endsWith(">") ? text.slice(1, -1) : text;
}

/** @param {ParamValue} value @returns {ParamValue} */
const unquoteValue = (value) => typeof value === "string" ? unquote(value) : [value[0], value[1], unquote(value[2])];

/** The double quotes of a text that have no backslash before them. @param {string} text */
const quotes = (text) => text.split('"').length - text.split('\\"').length;

/**
 * Cuts a value at the semicolons outside quotes. Python: email.message._parseparam.
 * @param {string} text
 */
function splitParams(text) {
	const list = [];
	for (;;) {
		let end = text.indexOf(";");
		while (end > 0 && quotes(text.slice(0, end)) % 2 !== 0) end = text.indexOf(";", end + 1);
		const param = end < 0 ? text : text.slice(0, end);
		const at = param.indexOf("=");
		list.push(at < 0 ? [strip(param), ""] : [strip(param.slice(0, at)).toLowerCase(), strip(param.slice(at + 1))]);
		if (end < 0) return list;
		text = text.slice(end + 1);
	}
}

/**
 * Joins the continuations of RFC 2231 §3 and takes its extended values (§4)
 * apart. Python: email.utils.decode_params.
 * @param {string[][]} params
 * @returns {[string, ParamValue][]}
 */
function decodeParams([first, ...params]) {
	/** @type {[string, ParamValue][]} */
	const list = [[first[0], first[1]]];
	/** @type {Map<string, {number: number, text: string, encoded: boolean}[]>} */
	const continued = new Map();
	for (const [name, value] of params) {
		const text = unquote(value);
		const found = /^(\w+)\*(?:(\d+)\*?)?$/.exec(name);
		if (found === null) {
			list.push([name, `"${quote(text)}"`]);
			continue;
		}
		const pieces = continued.get(found[1]) ?? [];
		continued.set(found[1], pieces);
		pieces.push({ number: Number(found[2] ?? -1), text, encoded: name.endsWith("*") });
	}
	for (const [name, pieces] of continued) {
		pieces.sort((a, b) => a.number - b.number || (a.text < b.text ? -1 : a.text > b.text ? 1 : Number(a.encoded) - Number(b.encoded)));
		const value = quote(pieces.map(({ text, encoded }) =>
			encoded ? text.replace(/%([\da-f]{2})/gi, (_, digits) => String.fromCharCode(parseInt(digits, 16))) : text).join(""));
		if (!pieces.some(({ encoded }) => encoded)) {
			list.push([name, `"${value}"`]);
			continue;
		}
		const [, charset = null, language = null, text = value] = /^([^']*)'([^']*)'([^]*)$/.exec(value) ?? [];
		list.push([name, [charset, language, `"${text}"`]]);
	}
	return list;
}

/**
 * One string of a parameter's value. Python: email.utils.collapse_rfc2231_value.
 * @param {ParamValue} value
 */
function collapse(value) {
	if (typeof value === "string") return unquote(value);
	const [charset, , text] = value;
	const name = (charset ?? "ascii").toLowerCase().replaceAll(/[-_ ]/g, "");
	if (/^(us)?ascii$/.test(name)) return text.replace(/[^\0-\x7f]/g, "\ufffd");
	if (/^(latin1|l1|iso88591)$/.test(name)) return text; // to TextDecoder they are windows-1252
	try {
		return new TextDecoder(charset ?? "", { ignoreBOM: true }).decode(Uint8Array.from(text, (character) => character.charCodeAt(0)));
	} catch {
		return unquote(text); // no such character set
	}
}

/** What stands before the parameters. @param {string} value */
const beforeParams = (value) => strip(value.split(";", 1)[0]).toLowerCase();

export class HTTPMessage {
	#fields;

	/** @param {readonly (readonly [string, string])[]} [fields] */
	constructor(fields = []) {
		this.#fields = fields;
	}

	get length() {
		return this.#fields.length;
	}

	[Symbol.iterator]() {
		return this.items()[Symbol.iterator]();
	}

	keys() {
		return this.#fields.map(([name]) => name);
	}

	values() {
		return this.#fields.map(([, value]) => value);
	}

	/** @returns {[string, string][]} */
	items() {
		return this.#fields.map(([name, value]) => [name, value]);
	}

	/** @param {string} name */
	#all(name) {
		const lower = name.toLowerCase();
		return this.#fields.filter((field) => field[0].toLowerCase() === lower).map(([, value]) => value);
	}

	/** @param {string} name */
	has(name) {
		return this.#all(name).length > 0;
	}

	/**
	 * @param {string} name
	 * @param {any} [fallback]
	 */
	get(name, fallback = null) {
		return this.#all(name)[0] ?? fallback;
	}

	/**
	 * @param {string} name
	 * @param {any} [fallback]
	 */
	getAll(name, fallback = null) {
		const values = this.#all(name);
		return values.length > 0 ? values : fallback;
	}

	getContentType() {
		const value = this.get("Content-Type");
		const type = beforeParams(value ?? "");
		return type.split("/").length === 2 ? type : "text/plain";
	}

	getContentMaintype() {
		return this.getContentType().split("/")[0];
	}

	getContentSubtype() {
		return this.getContentType().split("/")[1];
	}

	/** @param {any} [fallback] */
	getContentCharset(fallback = null) {
		const value = this.getParam("charset");
		const text = typeof value === "string" ? value : value?.[2];
		return text === undefined || /[^\0-\x7f]/.test(text) ? fallback : text.toLowerCase();
	}

	getContentDisposition() {
		const value = this.get("Content-Disposition");
		return value === null ? null : beforeParams(value);
	}

	/** @param {any} [fallback] */
	getBoundary(fallback = null) {
		const value = this.getParam("boundary");
		return value === null ? fallback : collapse(value).replace(/[\t-\r\x1c- \x85\xa0]+$/, "");
	}

	/** @param {any} [fallback] */
	getFilename(fallback = null) {
		const value = this.getParam("filename", { header: "Content-Disposition" }) ?? this.getParam("name");
		return value === null ? fallback : strip(collapse(value));
	}

	/**
	 * @param {ParamOptions} [options]
	 * @returns {[string, ParamValue][] | null}
	 */
	getParams({ header = "Content-Type", unquote = true } = {}) {
		const value = this.get(header);
		if (value === null) return null;
		const params = decodeParams(splitParams(value));
		return unquote ? params.map(([name, value]) => [name, unquoteValue(value)]) : params;
	}

	/**
	 * @param {string} name
	 * @param {ParamOptions} [options]
	 * @returns {ParamValue | null}
	 */
	getParam(name, options) {
		const lower = name.toLowerCase();
		return this.getParams(options)?.find((param) => param[0].toLowerCase() === lower)?.[1] ?? null;
	}
}

// Python's names, where they differ.
HTTPMessage.prototype.get_all = HTTPMessage.prototype.getAll;
HTTPMessage.prototype.get_content_type = HTTPMessage.prototype.getContentType;
HTTPMessage.prototype.get_content_maintype = HTTPMessage.prototype.getContentMaintype;
HTTPMessage.prototype.get_content_subtype = HTTPMessage.prototype.getContentSubtype;
HTTPMessage.prototype.get_content_charset = HTTPMessage.prototype.getContentCharset;
HTTPMessage.prototype.get_content_disposition = HTTPMessage.prototype.getContentDisposition;
HTTPMessage.prototype.get_boundary = HTTPMessage.prototype.getBoundary;
HTTPMessage.prototype.get_filename = HTTPMessage.prototype.getFilename;
HTTPMessage.prototype.get_params = HTTPMessage.prototype.getParams;
HTTPMessage.prototype.get_param = HTTPMessage.prototype.getParam;
