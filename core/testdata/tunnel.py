"""Makes one request through a proxy's tunnel with Python's own http.client.

Reads the request from standard input as JSON, writes how it went.
"""
import http.client
import json
import ssl
import sys

case = json.load(sys.stdin)
if case["authorities"]:
    connection = http.client.HTTPSConnection(
        "127.0.0.1", case["proxy"], timeout=60, context=ssl.create_default_context(cadata=case["authorities"]))
else:
    connection = http.client.HTTPConnection("127.0.0.1", case["proxy"], timeout=60)
headers = {"Proxy-Authorization": case["authorization"]} if case["authorization"] else {}
connection.set_tunnel("127.0.0.1", case["port"], headers)
outcome = {"status": 0, "body": "", "error": ""}
try:
    connection.request("GET", "/through")
    response = connection.getresponse()
    outcome.update(status=response.status, body=response.read().decode("latin-1"))
except Exception as error:
    outcome["error"] = f"{type(error).__name__}: {error}"
outcome["state"] = connection._HTTPConnection__state
json.dump(outcome, sys.stdout)
