// @ts-check
import { describe, expect, test } from "vitest";
import { fromLatin1 } from "./bytes.js";
import { parseEscaped, parseHex, toEscaped, toHex } from "./escapes.js";

const all = Uint8Array.from({ length: 256 }, (_, i) => i);

describe("text with escapes", () => {
  test("stands for the bytes it says", () => {
    expect(parseEscaped("GET / \\r\\n\\t\\0\\\\\\x7fé")).toEqual(fromLatin1("GET / \r\n\t\0\\\x7f\xc3\xa9"));
  });
  test("takes line breaks for layout", () => {
    expect(parseEscaped("a\\r\\n\r\nb\n")).toEqual(fromLatin1("a\r\nb"));
  });
  test("every byte goes there and back", () => {
    expect(parseEscaped(toEscaped(all))).toEqual(all);
  });
  test.each([["a\\q", "\"\\q\" at character 2"], ["\\x1", "\"\\x1\" at character 1"], ["\\xzz", "\"\\xzz\" at character 1"], ["end\\", "\"\\\" at character 4"]])("%s is no escape", (text, said) => {
    expect(() => parseEscaped(text)).toThrow(said);
  });
  test("breaks the line after LF, but not at the end", () => {
    expect(toEscaped(fromLatin1("a\r\n\r\n"))).toBe("a\\r\\n\n\\r\\n");
  });
});

describe("hex", () => {
  test("with and without spaces", () => {
    expect(parseHex(" 0d0a\n0D 0a ")).toEqual(fromLatin1("\r\n\r\n"));
    expect(parseHex(toHex(all))).toEqual(all);
  });
  test.each([["0d 0", "\"0\" at character 4"], ["xy", "\"xy\" at character 1"], ["0d,0a", "\",0\" at character 3"]])("%s names what is wrong", (text, said) => {
    expect(() => parseHex(text)).toThrow(said);
  });
});
