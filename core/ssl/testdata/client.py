"""Makes the connections that a test describes with Python's own http.client.

Reads a JSON list of cases from standard input and writes the list of their
outcomes: {"ok": [status, body as hexadecimal]} or {"error": [class, bases, message]}.
"""
import http.client
import json
import socket
import ssl
import sys
import warnings

warnings.simplefilter("ignore")


def connect(case):
    context = ssl.create_default_context(cadata=case["authorities"] or None)
    if case["unverified"]:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if case["unchecked"]:
        context.check_hostname = False
    context.minimum_version = case["minimum"]
    context.maximum_version = case["maximum"]
    context.set_alpn_protocols(case["alpn"])
    if case["certificate"]:
        context.load_cert_chain(case["certificate"])
    connection = http.client.HTTPSConnection(
        case["host"], 443, context=context, timeout=case["timeout"] or None)
    connection._create_connection = lambda address, *rest: socket.create_connection(
        ("127.0.0.1", case["port"]), *rest)
    return connection


def run(case):
    try:
        connection = connect(case)
        connection.request("GET", "/")
        response = connection.getresponse()
        return {"ok": [response.status, response.read().hex()]}
    except Exception as error:
        bases = [base.__name__ for base in type(error).__mro__[1:]]
        return {"error": [type(error).__name__, bases[:bases.index("Exception")], str(error)]}


json.dump([run(case) for case in json.load(sys.stdin)], sys.stdout)
