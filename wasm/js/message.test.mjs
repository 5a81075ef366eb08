import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { HTTPMessage } from "./message.js";

const READING = ["len", "contains", "get", "get_all", "keys", "values", "items", "get_content_type", "get_content_maintype", "get_content_subtype",
	"get_content_charset", "get_content_disposition", "get_boundary", "get_filename", "get_params", "get_param"];

/** A call under Python's name and with its arguments. */
function call(/** @type {any} */ message, /** @type {string} */ name, /** @type {any[]} */ args) {
	if (name === "len") return message.length;
	if (name === "contains") return message.has(...args);
	return message[name](...args);
}

test("the headers answer as CPython's do", () => {
	let asked = 0;
	const golden = readFileSync(new URL("../../core/testdata/message_golden.jsonl", import.meta.url), "utf8");
	for (const line of golden.trim().split("\n")) {
		/** @type {{head: string, calls: [string, ...any[]][], results: any[] | null}} */
		const { head, calls, results } = JSON.parse(line);
		const changing = calls.findIndex(([name]) => /^(set|del|add|replace)/.test(name));
		const until = changing < 0 ? calls.length : changing;
		const items = calls.findIndex(([name]) => name === "items");
		if (results === null || items < 0 || items >= until) continue;
		const message = new HTTPMessage(results[items]);
		for (const [i, [name, ...args]] of calls.slice(0, until).entries()) {
			if (!READING.includes(name) || results[i]?.error) continue;
			assert.deepEqual(call(message, name, args), results[i], `${name}(${JSON.stringify(args)}) of ${JSON.stringify(head)}`);
			asked++;
		}
	}
	assert.ok(asked > 300, `only ${asked} questions were asked`);
});

test("what is not there is the fallback", () => {
	const message = new HTTPMessage([["A", "1"]]);
	assert.deepEqual([...message], [["A", "1"]]);
	assert.equal(message.get("b", "x"), "x");
	assert.deepEqual(message.getAll("b", []), []);
	assert.equal(message.getContentCharset("utf-8"), "utf-8");
	assert.equal(message.getFilename("index.html"), "index.html");
	assert.equal(message.getBoundary(5), 5);
	assert.equal(message.getParams({ header: "b" }), null);
});

test("a file's name is decoded by its character set", () => {
	const named = (/** @type {string} */ value) => new HTTPMessage([["Content-Disposition", `attachment; ${value}`]]).get_filename();
	assert.equal(named("filename*=utf-8'en'%e2%82%ac%20rates"), "€ rates");
	assert.equal(named("filename*=iso-8859-1''%80%a3"), "\x80£");
	assert.equal(named("filename*=windows-1251''%cf"), "П");
	assert.equal(named("filename*=''%a3"), "£");
	assert.equal(named("filename*=none-such''a%a3"), "a£");
	assert.equal(named("filename*0*=utf-8''a%20; filename*1=b"), "a b");
});
