"""Answers what CPython's HTTPMessage says, one case a line.

Input: a JSON object {"head": text or null, "calls": [[name, argument...], ...]};
a "results" it may have is replaced. It becomes null where CPython cannot parse
the head at all, which is when the parameters of a multipart type hold both "x*" and
"x*0". An argument that is a list of three stands for
an RFC 2231 tuple, {"none": true} for None in add_header. A call that raises gives
{"error": [class, message]}.
"""
import email.parser
import http.client
import json
import sys


def value(v):
    if isinstance(v, list):
        return tuple(v)
    if isinstance(v, dict):
        return None
    return v


def keyword(args, *names):
    """The options object that may end the arguments."""
    args = list(args)
    options = args.pop() if args and isinstance(args[-1], dict) and "none" not in args[-1] else {}
    return [value(a) for a in args], options


def add_header(m, name, val, *params):
    m.add_header(name, val, **{k: value(v) for k, v in params})


def method(name):
    def call(m, *args):
        args, options = keyword(args)
        return getattr(m, name)(*args, **options)
    return call


CALLS = {
    "len": len,
    "contains": lambda m, n: n in m,
    "set": lambda m, n, v: m.__setitem__(n, v),
    "delete": lambda m, n: m.__delitem__(n),
    "add_header": add_header,
    "defects": lambda m: [[type(d).__name__, d.line] for d in m.defects],
    "get_charsets": lambda m: m.get_charsets(""),
    "str": str,
    "bytes": lambda m: bytes(m).decode("latin-1"),
    "parts": lambda m: [[p.items(), [type(d).__name__ for d in p.defects]] for p in m.walk()],
    "get_payload": lambda m: None if m.is_multipart() else m.get_payload(),
}


def run(case):
    if case["head"] is None:
        m = http.client.HTTPMessage()
    else:
        m = email.parser.Parser(_class=http.client.HTTPMessage).parsestr(case["head"])
    results = []
    for name, *args in case["calls"]:
        try:
            results.append(CALLS.get(name, method(name))(m, *args))
        except Exception as exc:
            results.append({"error": [type(exc).__name__, str(exc)]})
    return results


for line in sys.stdin:
    case = json.loads(line)
    try:
        case["results"] = run(case)
    except TypeError:
        case["results"] = None
    print(json.dumps(case))
