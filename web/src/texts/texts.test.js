// @ts-check
/** Whatever the core can emit has a text: the lists are read from the core's own sources. */
import { readFileSync, readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { CALLS } from "./calls.js";
import { EXCEPTIONS } from "./exceptions.js";
import { HEADERS } from "./headers.js";
import { rfcLink } from "./rfc.js";
import { GROUPS, SPANS } from "./spans.js";
import { EDGE_LABELS, INPUTS, STATES } from "./states.js";
import { STATUS } from "./status.js";
import { PARTIES } from "./parties.js";

const core = new URL("../../../core/", import.meta.url);

/** @param {string} folder */
function sources(folder) {
  const at = new URL(folder, core);
  return readdirSync(at).filter((f) => f.endsWith(".go") && !f.endsWith("_test.go")).map((f) => readFileSync(new URL(f, at), "utf8")).join("\n");
}
const h1 = sources("h1/");

/** All first groups of a pattern. @param {string} text @param {RegExp} re */
const all = (text, re) => [...text.matchAll(re)].map((m) => m[1]);

test("every span kind", () => {
  const kinds = all(h1, /SpanKind = "([a-z-]+)"/g);
  expect(kinds.length).toBeGreaterThan(20);
  for (const k of kinds) expect(SPANS, k).toHaveProperty([k]);
});

test("every state and every input", () => {
  const at = /stateNames = \[[^\]]*\]string\{([^}]*)\}/.exec(h1), inputs = /inputNames = \[[^\]]*\]string\{([^}]*)\}/.exec(h1);
  const states = all(at?.[1] ?? "", /"([^"]+)"/g), names = all(inputs?.[1] ?? "", /"([^"]+)"/g);
  expect(states.length).toBe(6);
  expect(names.length).toBe(9);
  for (const s of states) expect(STATES, s).toHaveProperty([s]);
  for (const i of names) expect(INPUTS, i).toHaveProperty([i]);
  for (const i of Object.keys(EDGE_LABELS)) expect(names).toContain(i);
});

test("every exception class", () => {
  const classes = all(h1 + sources("./"), /\w+\s*= &(?:h1\.)?Class\{name: "([A-Za-z]+)"/g);
  expect(classes.length).toBeGreaterThan(10);
  for (const c of classes) expect(EXCEPTIONS, c).toHaveProperty([c]);
});

test("every diagnostic has its sentence and its section", () => {
  const found = [...h1.matchAll(/&Diagnostic\{"([a-z0-9.-]+)", Severity\w+, "([^"]+)",\s*"((?:[^"\\]|\\.)+)"/g)];
  expect(found.length).toBeGreaterThan(30);
  for (const [, code, section, text] of found) {
    expect(rfcLink(section), code).not.toBeNull();
    expect(text.length, code).toBeGreaterThan(20);
  }
});

test("every text has a section that can be linked, or needs none", () => {
  for (const table of [SPANS, GROUPS, STATUS, HEADERS]) {
    for (const [k, v] of Object.entries(table)) {
      expect(v.text.length, k).toBeGreaterThan(8);
      expect(rfcLink(v.rfc), k).not.toBeNull();
    }
  }
  for (const [k, v] of Object.entries({ ...CALLS, ...EXCEPTIONS })) if (v.rfc) expect(rfcLink(v.rfc), k).not.toBeNull();
  for (const p of ["caller", "server", "network", "relay", "client"]) expect(PARTIES).toHaveProperty(p);
});
