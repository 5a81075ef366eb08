import { expect, test } from "vitest";
import { namedRelay, readRelay, relayName } from "./relay.js";

const page = "http://127.0.0.1:8080/", secure = "https://page.example/";

test("a relay's address as it is typed", () => {
  expect(readRelay("  ", page)).toEqual({ address: "", error: "" });
  expect(readRelay(" wss://r.example/relay/abc ", page).address).toBe("wss://r.example/relay/abc/");
  expect(readRelay("https://r.example/relay/", page).address).toBe("wss://r.example/relay/");
  expect(readRelay("ws://127.0.0.1:8787/relay/t/?convention=wsproxy", secure).address).toBe("ws://127.0.0.1:8787/relay/t/?convention=wsproxy");
  expect(readRelay("ws://localhost:1/", secure).address).toBe("ws://localhost:1/");
});

test("what is none says why", () => {
  expect(readRelay("r.example/relay", page).error).toContain("“r.example/relay” is no address");
  expect(readRelay("ftp://r.example/", page).error).toContain("not with ftp:");
  expect(readRelay("wss://u:p@r.example/", page).error).toContain("no user");
  expect(readRelay("wss://r.example/#t", page).error).toContain("fragment");
  expect(readRelay("ws://r.example/relay/", secure).error).toContain("wss://");
  expect(readRelay("ws://r.example/relay/", page).error).toBe("");
});

test("a token in the path is not shown", () => {
  expect(relayName("wss://r.example:444/relay/0123456789abcdef/")).toBe("r.example:444");
});

test("a copy of the page may name its relay", () => {
  const html = (/** @type {string | null} */ content) => /** @type {any} */ ({ querySelector: () => (content === null ? null : { getAttribute: () => content }) });
  expect(namedRelay(html(" wss://r.example/relay/ "))).toBe("wss://r.example/relay/");
  expect(namedRelay(html(null))).toBe("");
});
