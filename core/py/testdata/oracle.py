"""Answers questions about Python's text rules, one a line.

Input: a JSON array of strings [operation, argument, number]; anything after it is
ignored. Output: the same array, a space, and the answer as a JSON array of strings:
["ok", value...] or ["err", class, message]. Bytes are written as Latin-1 text.
"""
import hashlib
import json
import sys
import unicodedata
import urllib.parse

ALL = [chr(c) for c in range(0x110000)]


def every(f):
    """One hash of f over every code point."""
    h = hashlib.sha256()
    for c in ALL:
        h.update(f(c).encode("utf-8", "surrogatepass") + b"\n")
    return [h.hexdigest()]


EVERY = {
    "repr": repr,
    "lower": str.lower,
    "isspace": lambda c: str(c.isspace()),
    "decimal": lambda c: str(unicodedata.decimal(c, -1)),
    "netloc": lambda c: netloc("http://a" + c + "b/"),
    "idna": lambda c: idna("é" + c + "b"),
}


def netloc(url):
    try:
        return urllib.parse.urlsplit(url).netloc
    except ValueError as exc:
        return str(exc)


def idna(host):
    try:
        return host.encode("idna").decode("latin-1")
    except UnicodeError as exc:
        return str(exc)


def raw(s):
    return s.encode("latin-1")


OPS = {
    "every": lambda s, n: every(EVERY[s]),
    "repr": lambda s, n: [repr(s)],
    "repr-prefix": lambda s, n: ["%.*r" % (n, s)],
    "repr-bytes": lambda s, n: [repr(raw(s))],
    "repr-list": lambda s, n: [repr(s.split("|"))],
    "repr-bytes-list": lambda s, n: [repr(raw(s).split(b"|"))],
    "int": lambda s, n: [saturated(int(s))],
    "int-bytes": lambda s, n: [saturated(int(raw(s), n))],
    "split": lambda s, n: s.split(None, n),
    "strip": lambda s, n: [s.strip(), s.lstrip(), s.rstrip()],
    "lower": lambda s, n: [s.lower()],
    "splitlines": lambda s, n: s.splitlines(bool(n)),
    "slice": lambda s, n: [str(len(s)), s[:n], s[n // 2:n]],
    "latin-1": lambda s, n: [s.encode("latin-1").decode("latin-1")],
    "ascii": lambda s, n: [s.encode("ascii").decode("latin-1")],
    "utf-8": lambda s, n: [raw(s).decode("utf-8")],
    "idna": lambda s, n: [s.encode("idna").decode("latin-1")],
    "netloc": lambda s, n: [urllib.parse.urlsplit(s).netloc],
}


def saturated(v):
    if v > 2**63 - 1:
        return "9223372036854775807 big"
    if v < -2**63:
        return "-9223372036854775808 big"
    return str(v)


def main():
    decoder = json.JSONDecoder()
    for line in sys.stdin:
        question, _ = decoder.raw_decode(line)
        op, arg, number = question
        try:
            answer = ["ok"] + OPS[op](arg, int(number or 0))
        except ValueError as exc:
            answer = ["err", type(exc).__name__, str(exc)]
        print(json.dumps(question), json.dumps(answer))


main()
