"""Exercises http.client: python3 -c ... get|download|upload HOST:PORT SIZE

For each line of standard input, a number, does it so many times over and prints
the number.
"""

import http.client
import sys

what, address, size = sys.argv[1], sys.argv[2], int(sys.argv[3])
connection = http.client.HTTPConnection(address)
buffer = bytearray(65536)
data = bytes(size)


def get():
    connection.request("GET", f"/{size}")
    if len(connection.getresponse().read()) != size:
        raise SystemExit("a short body")


def download():
    connection.request("GET", f"/{size}")
    response, got = connection.getresponse(), 0
    while n := response.readinto(buffer):
        got += n
    if got != size:
        raise SystemExit("a short body")


def upload():
    connection.request("POST", "/0", data)
    connection.getresponse().read()


once = {"get": get, "download": download, "upload": upload}[what]
for line in sys.stdin:
    for _ in range(int(line)):
        once()
    print(line.strip(), flush=True)
