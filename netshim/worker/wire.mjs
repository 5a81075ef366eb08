// The JavaScript half of the relay's sockets. Go calls it for every byte that
// moves, so that bytes go straight between a socket's buffer and the program's
// memory: Go never holds an ArrayBuffer, which it would free only at a
// collection that cannot see its size.
//
// Go is called back through `wake` alone, with the number of a socket (0 is the
// WebSocket) and what changed about it.

const READ = 0;
const WRITE = 1;

// What next, send, ready and write say instead of a number of bytes.
const NOTHING = -1;
const ENDED = -2;
const TEXT = -3;
const FAILED = -4;

/** The largest message, in bytes: libcurl.js sends up to 65,541. */
const MAX_MESSAGE = 128 << 10;

/** How much is read from a destination at once, in bytes. */
const CHUNK = 64 << 10;

/** How many bytes may be on their way to a destination before Go has to wait. */
const MAX_UNSENT = 256 << 10;

/** How long a client may take to answer a close, in milliseconds. */
const CLOSING = 2000;

/**
 * The platform cannot be told to stop receiving, so that what a client sends
 * without credit (wsproxy) waits here. An isolate's WebSockets share its 128 MB:
 * this is the most that all of them together may have waiting, in bytes.
 */
export const MAX_WAITING = 40 << 20;
let waiting = 0;

/** The server end of a client's WebSocket. */
class Client {
  constructor(ws, ring) {
    this.ws = ws;
    this.ring = ring;
    /** @type {(Uint8Array | null)[]} null is a text message */
    this.queue = [];
    this.first = 0;
    this.offset = 0;
    this.closing = false;
    this.closed = false;
    this.code = 1006;
    this.fault = "";
    ws.binaryType = "arraybuffer";
    // Listeners that come later miss messages.
    ws.addEventListener("message", (event) => this.message(event.data));
    ws.addEventListener("close", (event) => this.end(event.code, ""));
    ws.addEventListener("error", (event) => this.end(1006, String(event.message ?? "")));
  }

  message(data) {
    if (this.closed || this.closing) return;
    if (typeof data === "string") {
      this.queue.push(null);
    } else if (data.byteLength > MAX_MESSAGE) {
      return this.abort(1009, `a message of ${data.byteLength} bytes; at most ${MAX_MESSAGE}`);
    } else if (waiting + data.byteLength > MAX_WAITING) {
      return this.abort(4073, "too much waits for slow destinations");
    } else {
      waiting += data.byteLength;
      this.queue.push(new Uint8Array(data));
    }
    this.ring(0, READ);
  }

  end(code, fault) {
    if (this.closed) return;
    this.closed = true;
    this.code = code;
    this.fault = fault;
    this.ring(0, READ);
  }

  abort(code, fault) {
    this.close(code, fault);
    this.end(code, fault);
  }

  drop() {
    for (; this.first < this.queue.length; this.first++) waiting -= this.queue[this.first]?.byteLength ?? 0;
    this.queue = [];
    this.first = this.offset = 0;
  }

  /** The length of the next message. */
  next() {
    if (this.first === this.queue.length) return this.closed ? ENDED : NOTHING;
    const message = this.queue[this.first];
    if (message) return message.byteLength;
    this.first++;
    return TEXT;
  }

  /** Moves the next bytes of the next message to `to`; the message ends with its last byte. */
  read(to) {
    const message = this.queue[this.first];
    const part = message.subarray(this.offset, this.offset + to.byteLength);
    to.set(part);
    this.offset += part.byteLength;
    if (this.offset === message.byteLength) {
      waiting -= message.byteLength;
      this.offset = 0;
      this.queue[this.first++] = undefined;
      if (this.first === this.queue.length) {
        this.queue = [];
        this.first = 0;
      }
    }
    return part.byteLength;
  }

  /** Sends a message; what is unsent then, in bytes, where the platform tells. */
  send(bytes) {
    try {
      this.ws.send(bytes);
      return this.unsent();
    } catch {
      return FAILED;
    }
  }

  unsent() {
    return this.closed ? FAILED : this.ws.bufferedAmount | 0;
  }

  /** Starts the closing handshake, or answers it. A client that does not answer is not waited for. */
  close(code, reason) {
    if (this.closing) return;
    this.closing = true;
    this.drop();
    try {
      this.ws.close(code, reason);
    } catch {
      // It is closed already.
    }
    if (!this.closed) setTimeout(() => this.end(1006, "no answer to the close"), CLOSING);
  }
}

/** A connection to a destination. */
class Target {
  constructor(socket, ring) {
    this.socket = socket;
    this.ring = ring;
    this.opened = false;
    this.ended = false;
    this.readFault = "";
    this.writeFault = "";
    this.flushed = false;
    this.pulling = false;
    this.buffer = null;
    this.rest = null;
    this.unsent = 0;
    this.reader = socket.readable.getReader({ mode: "byob" });
    this.writer = socket.writable.getWriter();
    const ignore = () => {};
    this.reader.closed.catch(ignore);
    this.writer.closed.catch(ignore);
    socket.closed.catch(ignore);
    socket.opened.then(
      () => {
        this.opened = true;
        ring(READ);
      },
      (error) => this.failed(error),
    );
  }

  failed(error) {
    this.readFault ||= describe(error);
    this.writeFault ||= this.readFault;
    this.ring(READ);
    this.ring(WRITE);
  }

  /** How many bytes can be read now; asks for some when there are none. */
  ready() {
    if (this.rest) return this.rest.byteLength;
    if (this.ended) return ENDED;
    if (this.readFault) return FAILED;
    if (!this.pulling) this.pull();
    return NOTHING;
  }

  pull() {
    this.pulling = true;
    const buffer = this.buffer ?? new ArrayBuffer(CHUNK);
    this.buffer = null; // the read takes it away, and gives it back
    this.reader.read(new Uint8Array(buffer)).then(
      ({ done, value }) => {
        this.pulling = false;
        if (done) {
          this.ended = true;
        } else {
          this.buffer = value.buffer;
          this.rest = value;
        }
        this.ring(READ);
      },
      (error) => {
        this.pulling = false;
        this.readFault ||= describe(error);
        this.ring(READ);
      },
    );
  }

  read(to) {
    const part = this.rest.subarray(0, to.byteLength);
    to.set(part);
    this.rest = part.byteLength < this.rest.byteLength ? this.rest.subarray(part.byteLength) : null;
    return part.byteLength;
  }

  /** Takes all of the bytes, or none when Go has to wait for WRITE. */
  write(bytes) {
    if (this.writeFault) return FAILED;
    if (this.unsent > 0 && this.unsent + bytes.byteLength > MAX_UNSENT) return NOTHING;
    const n = bytes.byteLength;
    this.unsent += n;
    this.writer.write(bytes.slice()).then(
      () => {
        this.unsent -= n;
        this.ring(WRITE);
      },
      (error) => {
        this.writeFault ||= describe(error);
        this.ring(WRITE);
      },
    );
    return n;
  }

  /** Sends FIN behind what was written. */
  shut() {
    this.writer.close().then(
      () => {
        this.flushed = true;
        this.ring(WRITE);
      },
      (error) => {
        this.writeFault ||= describe(error);
        this.ring(WRITE);
      },
    );
  }

  drop() {
    const ignore = () => {};
    this.writer.abort().catch(ignore);
    this.reader.cancel().catch(ignore);
    this.socket.close().catch(ignore);
  }
}

/**
 * Asks a DNS-over-HTTPS resolver, in JSON, for a name's addresses: gives them
 * with blanks between, or "none", or what went wrong.
 */
async function resolve(resolver, name) {
  const ask = async (type) => {
    const query = new URLSearchParams({ name, type });
    const response = await fetch(`${resolver}?${query}`, { headers: { accept: "application/dns-json" } });
    if (!response.ok) throw new Error(`status ${response.status}`);
    const { Answer: answers = [] } = await response.json();
    return answers.filter((answer) => answer.type === 1 || answer.type === 28).map((answer) => answer.data);
  };
  try {
    const found = (await Promise.all([ask("A"), ask("AAAA")])).flat();
    return found.join(" ") || "none";
  } catch (error) {
    return `error: ${describe(error)}`;
  }
}

function describe(error) {
  return String(error?.message ?? error) || "failed";
}

/** Everything between one Go program and its sockets. */
export class Wire {
  constructor(ws, connect) {
    this.connect = connect;
    this.memory = null;
    this.wake = null;
    this.targets = new Map();
    this.answers = new Map();
    this.last = 0;
    this.client = new Client(ws, (id, what) => this.wake?.(id, what));
  }

  // What Go calls through syscall/js.

  /** Starts a connection and gives its number; throws what connect() throws. */
  open(hostname, port) {
    const id = ++this.last;
    const socket = this.connect({ hostname, port }, { secureTransport: "off", allowHalfOpen: true });
    this.targets.set(id, new Target(socket, (what) => this.wake?.(id, what)));
    return id;
  }

  /** Starts a look-up and gives its number; answer() is empty until wake tells of it. */
  lookup(resolver, name) {
    const id = ++this.last;
    resolve(resolver, name).then((answer) => {
      this.answers.set(id, answer);
      this.wake?.(id, READ);
    });
    return id;
  }

  answer(id) {
    const answer = this.answers.get(id) ?? "";
    this.answers.delete(id);
    return answer;
  }

  opened(id) {
    return this.targets.get(id).opened;
  }

  flushed(id) {
    return this.targets.get(id).flushed;
  }

  readFault(id) {
    return this.targets.get(id).readFault;
  }

  writeFault(id) {
    return this.targets.get(id).writeFault;
  }

  shut(id) {
    this.targets.get(id).shut();
  }

  /** Ends a connection and forgets it. */
  drop(id) {
    this.targets.get(id)?.drop();
    this.targets.delete(id);
  }

  accept() {
    this.client.ws.accept();
  }

  close(code, reason) {
    this.client.close(code, reason);
  }

  closeCode() {
    return this.client.code;
  }

  closeFault() {
    return this.client.fault;
  }

  /** Ends everything, whatever Go has left open. */
  release() {
    this.wake = null;
    for (const id of [...this.targets.keys()]) this.drop(id);
    this.client.closed = true;
    this.client.close(1011, "internal error"); // where nobody closed it before
  }

  // What Go calls through imports, with addresses in its memory.

  imports() {
    const at = (pointer, length) => new Uint8Array(this.memory.buffer, pointer >>> 0, length);
    return {
      next: () => this.client.next(),
      receive: (pointer, length) => this.client.read(at(pointer, length)),
      send: (pointer, length) => this.client.send(at(pointer, length)),
      unsent: () => this.client.unsent(),
      ready: (id) => this.targets.get(id).ready(),
      read: (id, pointer, length) => this.targets.get(id).read(at(pointer, length)),
      write: (id, pointer, length) => this.targets.get(id).write(at(pointer, length)),
    };
  }
}
