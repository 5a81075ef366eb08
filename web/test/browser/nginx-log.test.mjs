// @ts-check
// The other browser tests believe what nginx logs; this one checks that.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { connect } from "node:net";
import test from "node:test";
import { startNginx } from "../nginx.mjs";

/**
 * Sends bytes and returns all that comes back until the server closes.
 * @param {number} port
 * @param {Buffer} bytes
 * @returns {Promise<Buffer>}
 */
function exchange(port, bytes) {
  return new Promise((resolve, reject) => {
    /** @type {Buffer[]} */
    const received = [];
    const socket = connect(port, "127.0.0.1");
    socket.on("data", (data) => received.push(data));
    socket.on("end", () => resolve(Buffer.concat(received)));
    socket.on("error", reject);
    socket.end(bytes);
  });
}

test("nginx logs a request's bytes as they were sent", async (t) => {
  const nginx = await startNginx();
  t.after(() => nginx.stop());
  for (const [head, body, status] of /** @type {[string, string, number][]} */ ([
    ["GET /hello.txt HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "", 200],
    ["GET /hello.txt HTTP/1.1\r\nhOST:x\r\nX-B:  two  spaces\r\nx-a: \"quoted\\\"\r\nX-B: again\r\nConnection: close\r\n\r\n", "", 200],
    ["GET /missing?a=b HTTP/1.1\r\nHost: caf\xe9\r\nX-Latin: caf\xe9\tx\r\nConnection: close\r\n\r\n", "", 404],
    ["POST /echo-body HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nConnection: close\r\n\r\n", "a\"\0\xff\n", 200],
    ["HEAD /noise.bin HTTP/1.0\r\n\r\n", "", 200],
    ["GET /redirect HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "", 302],
    ["GET /no-content HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "", 204],
  ])) {
    const response = await exchange(nginx.port, Buffer.from(head + body, "latin1"));
    assert.match(response.toString("latin1"), new RegExp(`^HTTP/1\\.1 ${status} `));
    const logged = await nginx.nextRequest();
    assert.equal(logged.head.toString("latin1"), head);
    assert.equal(logged.body.toString("latin1"), body);
    assert.equal(logged.length, head.length + body.length);
    assert.equal(logged.status, status);
    assert.equal(logged.sent, response.length);
  }
});

test("nginx serves files of known hash", async (t) => {
  const nginx = await startNginx({ files: { "/a/b.bin": Buffer.from([0, 255, 13, 10]) } });
  t.after(() => nginx.stop());
  const response = await exchange(nginx.port, Buffer.from("GET /a/b.bin HTTP/1.0\r\n\r\n"));
  const body = response.subarray(response.indexOf("\r\n\r\n") + 4);
  assert.equal(createHash("sha256").update(body).digest("hex"), nginx.sha256["/a/b.bin"]);
  assert.match(nginx.version, /^nginx\/\d/);
});

test("requests on one connection are told apart", async (t) => {
  const nginx = await startNginx();
  t.after(() => nginx.stop());
  const one = "GET /kept HTTP/1.1\r\nHost: x\r\n\r\n";
  const response = await exchange(nginx.port, Buffer.from(one + one));
  assert.equal(response.toString().match(/kept\n/g)?.length, 2);
  const first = await nginx.nextRequest();
  const second = await nginx.nextRequest();
  assert.equal(first.connection, second.connection);
  assert.deepEqual([first.nth, second.nth], [1, 2]);
});

test("waiting for a request ends when nginx does", async () => {
  const nginx = await startNginx();
  const never = assert.rejects(nginx.nextRequest(), /nginx ended/);
  await nginx.stop();
  await never;
  await assert.rejects(nginx.nextRequest(), /nginx has ended/);
});
