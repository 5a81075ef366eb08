// The JavaScript half of netshim's WebSocket: it queues what arrives and hands
// it over as bytes, so that Go never holds an ArrayBuffer (which it would free
// only at a collection that cannot see its size) and is called back once for
// many messages.
//
// Load it before the Go program, as a module for its side effect or as a
// script. A Go program that does not find it evaluates its own copy, which a
// Content-Security-Policy without 'unsafe-eval' forbids.
(() => {
  "use strict";
  const NAME = "stepwireSocket";
  if (globalThis[NAME]) return;

  const MAX_MESSAGE = 16 << 20;

  // Everything between Go and JavaScript is synchronous, so that one buffer
  // serves all sockets in both directions.
  const shared = { buffer: new Uint8Array(1 << 20) };
  const reserve = (n) => {
    if (n > shared.buffer.length) shared.buffer = new Uint8Array(n);
  };

  // The sockets that a program may use by their numbers: see imports().
  const sockets = new Map();
  let last = 0;
  let wakeByNumber;

  class Socket {
    // wake is called without arguments when take() has something new to say
    // after it said there was nothing.
    constructor(ws, wake) {
      this.id = ++last;
      sockets.set(this.id, this);
      this.ws = ws;
      this.wake = wake;
      this.queue = [];
      this.first = 0;
      this.waiting = true;
      this.opened = ws.readyState === 1;
      this.closed = false;
      this.code = 1006;
      this.reason = "";
      this.fault = "";
      ws.binaryType = "arraybuffer";
      ws.addEventListener("message", (event) => this.message(event.data));
      ws.addEventListener("close", (event) => this.end(event.code, event.reason));
      ws.addEventListener("open", () => {
        this.opened = true;
        this.ring();
      });
      // "close" follows "error" and says more. Some runtimes reject what has
      // no listener.
      ws.addEventListener("error", (event) => {
        if (event.message) this.fault = String(event.message);
        // Where a Content-Security-Policy forbids the address, Chromium sends
        // no "close"; else that comes in the same task as "error".
        if (ws.readyState !== 3) return;
        setTimeout(() => {
          if (!this.closed) this.fault ||= "the page's Content-Security-Policy does not allow it";
          this.end(1006, "");
        });
      });
    }

    ring() {
      if (!this.waiting || !this.wake) return;
      this.waiting = false;
      if (!wakeByNumber?.(this.id)) this.wake();
    }

    message(data) {
      if (this.closed) return;
      if (!(data instanceof ArrayBuffer)) return this.abort(1003, "a text message; expected binary");
      if (data.byteLength > MAX_MESSAGE) return this.abort(1009, "a message of more than 16 MiB");
      this.queue.push(new Uint8Array(data));
      this.ring();
    }

    end(code, reason) {
      if (this.closed) return;
      this.closed = true;
      this.code = code;
      this.reason = reason;
      this.ring();
    }

    abort(code, fault) {
      this.fault = fault;
      this.end(code, "");
      // Browsers let a page send 1000 and 3000 to 4999 only.
      this.ws.close(4000 + code - 1000, fault);
    }

    // take copies whole messages to the shared buffer, each behind its length
    // (4 bytes, little-endian): as many as fit in limit bytes, but one at
    // least. It returns the bytes written; 0 for none yet; -1 for the end.
    take(limit) {
      if (this.first < this.queue.length) reserve(4 + this.queue[this.first].length);
      return this.takeTo(shared.buffer, Math.min(limit, shared.buffer.length));
    }

    takeTo(buffer, most) {
      const { queue } = this;
      if (this.first === queue.length) {
        this.waiting = !this.closed;
        return this.closed ? -1 : 0;
      }
      let at = 0;
      do {
        const message = queue[this.first];
        const n = message.length;
        if (at > 0 && at + 4 + n > most) break;
        buffer[at] = n;
        buffer[at + 1] = n >> 8;
        buffer[at + 2] = n >> 16;
        buffer[at + 3] = n >> 24;
        buffer.set(message, at + 4);
        at += 4 + n;
        queue[this.first++] = undefined;
      } while (this.first < queue.length);
      if (this.first === queue.length) {
        this.queue = [];
        this.first = 0;
      }
      return at;
    }

    // send sends the first n bytes of the shared buffer and returns what is
    // unsent after that; -1 when the socket does not send any more.
    send(n) {
      return this.sendBytes(shared.buffer.subarray(0, n));
    }

    sendBytes(bytes) {
      if (this.closed || this.ws.readyState !== 1) return -1;
      this.ws.send(bytes);
      return this.ws.bufferedAmount | 0;
    }

    unsent() {
      return this.closed ? 0 : this.ws.bufferedAmount | 0;
    }

    // close starts the closing handshake; nothing is taken or told after it.
    close(code, reason) {
      this.wake = null;
      this.queue = [];
      this.first = 0;
      this.closed = true;
      sockets.delete(this.id);
      this.ws.close(code, reason);
    }
  }

  // What package imports of Go calls: take and send as above, to and from the
  // program's own memory. Where the next message does not fit there, take
  // returns the bytes that it needs, negative.
  const imports = (memory) => ({
    take(id, address, length) {
      const socket = sockets.get(id);
      if (!socket) return -1;
      const next = socket.queue[socket.first];
      if (next && 4 + next.length > length) return -4 - next.length;
      return socket.takeTo(new Uint8Array(memory(), address >>> 0, length), length);
    },
    send(id, head, headLength, body, bodyLength) {
      const socket = sockets.get(id);
      if (!socket) return -1;
      const bytes = new Uint8Array(memory(), body >>> 0, bodyLength);
      if (headLength === 0) return socket.sendBytes(bytes);
      reserve(headLength + bodyLength);
      shared.buffer.set(new Uint8Array(memory(), head >>> 0, headLength));
      shared.buffer.set(bytes, headLength);
      return socket.send(headLength + bodyLength);
    },
  });

  globalThis[NAME] = {
    shared,
    // imports lets a Go program that imports package imports use sockets by
    // their numbers. There is one such program in a page or worker.
    imports(go) {
      go.importObject.netshim = imports(() => go._inst.exports.mem.buffer);
      wakeByNumber = (id) => {
        const { netshim_wake: wake } = go._inst.exports;
        if (!wake) return false; // it does without
        if (!go.exited) {
          wake(id);
          go._resume(); // the call only notes it
        }
        return true;
      };
    },
    // open starts a WebSocket; protocol "" offers no subprotocol. It throws as
    // the constructor does.
    open(url, protocol, wake) {
      if (typeof WebSocket === "undefined") throw new Error("there is no WebSocket here");
      return new Socket(protocol ? new WebSocket(url, protocol) : new WebSocket(url), wake);
    },
    // adopt takes a WebSocket that is open, or that will be by accept().
    adopt(ws, wake) {
      return new Socket(ws, wake);
    },
  };
})();
