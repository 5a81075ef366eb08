"""Performs scenarios with CPython's http.client, many in one process.

Reads one JSON object a line, {"host", "port", "client": [step, …]}, and answers
each with a line: the list of its observations, as SCENARIO.md describes them.
"""

import base64
import http.client
import io
import json
import os
import platform
import sys
import warnings


def to_bytes(value):
    if "latin1" in value:
        return value["latin1"].encode("latin-1")
    return base64.b64decode(value["b64"])


def from_bytes(data):
    return {"b64": base64.b64encode(data).decode()}


def named_stream(base, shown):
    return type(base.__name__, (base,), {"__repr__": lambda self: shown})


BinaryBody = named_stream(io.BytesIO, "<file>")
TextBody = named_stream(io.StringIO, "<textfile>")

BODIES = {
    "text": str,
    "textfile": TextBody,
    "file": lambda content: BinaryBody(to_bytes(content)),
    "iterable": lambda content: [to_bytes(item) for item in content],
}


def to_body(value):
    if value is None:
        return None
    (kind, content), = value.items()
    return BODIES[kind](content) if kind in BODIES else to_bytes(value)


def to_header_value(value):
    return to_bytes(value) if isinstance(value, dict) else value


def to_mapping(pairs):
    return {name: to_header_value(value) for name, value in pairs}


def error_of(exc):
    names = [cls.__name__ for cls in type(exc).__mro__]
    shown = {"type": names[0], "bases": names[1:names.index("Exception")], "message": str(exc)}
    if isinstance(exc, http.client.IncompleteRead):
        shown.update(partial=from_bytes(exc.partial), expected=exc.expected)
    return shown


class Absent(BaseException):
    """What the step acts on does not exist."""


class Run:
    """One scenario's connection and responses."""

    def __init__(self, host, port):
        self.host, self.port = host, port
        self.current = None
        self.replies = []

    def step(self, step):
        name, args = step["call"], step.get("args", {})
        printed = io.StringIO()
        sys.stdout, usual = printed, sys.stdout
        try:
            seen = {"ok": self.call(name, args, step.get("response", -1))}
        except Absent:
            seen = {"skipped": True}
        except Exception as exc:
            seen = {"error": error_of(exc)}
        finally:
            sys.stdout = usual
        seen["state"] = seen["unread"] = None
        if self.current is not None:
            reply = self.current._HTTPConnection__response
            seen["state"] = self.current._HTTPConnection__state
            seen["unread"] = not (reply is None or reply.isclosed())
        seen["stdout"] = printed.getvalue()
        return seen

    def call(self, name, args, index):
        if name in ON_REPLY:
            if not -len(self.replies) <= index < len(self.replies):
                raise Absent
            return ON_REPLY[name](self.replies[index], **args)
        if name == "HTTPConnection":
            return self.open(**args)
        if self.current is None:
            raise Absent
        return getattr(self, "do_" + name)(**args)

    def open(self, host, port=None, debuglevel=None, auto_open=True, source_address=None, **more):
        host = host.replace("$HOST", self.host).replace("$PORT", str(self.port))
        if source_address:
            source_address = tuple(source_address)
        connection = http.client.HTTPConnection(
            host, self.port if port == "$PORT" else port, source_address=source_address, **more)
        if debuglevel is not None:
            connection.set_debuglevel(debuglevel)
        connection.auto_open = auto_open
        self.current, former = connection, self.current
        if former is not None:
            former.close()

    def end(self):
        for reply in self.replies:
            reply.close()
        if self.current is not None:
            self.current.close()

    def do_set_tunnel(self, host, port=None, headers=()):
        self.current.set_tunnel(host, self.port if port == "$PORT" else port, to_mapping(headers))

    def do_set_debuglevel(self, level):
        self.current.set_debuglevel(level)

    def do_connect(self):
        self.current.connect()

    def do_close(self):
        self.current.close()

    def do_attributes(self):
        return {name: getattr(self.current, name) for name in ("host", "port", "blocksize", "debuglevel")}

    def do_request(self, method, url, headers=(), body=None, encode_chunked=False):
        self.current.request(method, url, to_body(body), to_mapping(headers), encode_chunked=encode_chunked)

    def do_putrequest(self, method, url, **options):
        self.current.putrequest(method, url, **options)

    def do_putheader(self, header, values):
        self.current.putheader(header, *[to_header_value(value) for value in values])

    def do_endheaders(self, message_body=None, encode_chunked=False):
        self.current.endheaders(to_body(message_body), encode_chunked=encode_chunked)

    def do_send(self, data):
        self.current.send(to_body(data))

    def do_getresponse(self):
        reply = self.current.getresponse()
        self.replies.append(reply)
        seen = {name: getattr(reply, name) for name in
                ("status", "reason", "version", "will_close", "length", "chunked")}
        return {**seen, "headers": reply.getheaders()}


def read_into(reply, n):
    room = bytearray(n)
    count = reply.readinto(room)
    return {"n": count, "bytes": from_bytes(bytes(room[:count]))}


ON_REPLY = {
    "read": lambda reply, amt=None: from_bytes(reply.read(amt)),
    "readinto": read_into,
    "read1": lambda reply, n=-1: from_bytes(reply.read1(n)),
    "peek": lambda reply, n=-1: from_bytes(reply.peek(n)),
    "readline": lambda reply, limit=-1: from_bytes(reply.readline(limit)),
    "readlines": lambda reply: [from_bytes(line) for line in reply.readlines()],
    "iterate": lambda reply: [from_bytes(line) for line in reply],
    "getheader": lambda reply, name, default=None: reply.getheader(name, default),
    "getheaders": lambda reply: reply.getheaders(),
    "isclosed": lambda reply: reply.isclosed(),
    "closed": lambda reply: reply.closed,
    "response_close": lambda reply: reply.close(),
}


def main():
    warnings.simplefilter("ignore")
    # Bodies and debug output may hold anything, so nothing else may write here.
    answers = os.fdopen(os.dup(1), "w", encoding="ascii")
    answers.write(json.dumps(platform.python_implementation() + " " + platform.python_version()) + "\n")
    answers.flush()
    for line in sys.stdin:
        task = json.loads(line)
        run = Run(task["host"], task["port"])
        try:
            seen = [run.step(step) for step in task["client"]]
        finally:
            run.end()
        answers.write(json.dumps(seen) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
