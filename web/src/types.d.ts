/** Shapes the page shares: the core's event log, the client module, and view models. */

/** Bytes as the log writes them: standard base64, or the array itself when made in the page. */
export type LogBytes = { b64: string } | { latin1: string } | Uint8Array;

export interface ErrorView {
  name: string;
  bases: string[];
  message: string;
  /** Absolute offset in the received stream at which the failure was found. */
  offset?: number;
  party: "caller" | "server" | "network" | "relay" | string;
  partial?: LogBytes;
  expected?: number | null;
}

interface EventBase {
  seq: number;
  /** Milliseconds since the log began. */
  t: number;
  conn?: number;
  exchange?: number;
  /** Events before this one that the log had no room for. */
  omitted?: number;
}

export type Dir = "sent" | "received";

export interface CallEvent extends EventBase { type: "call"; call: number; name: string; args?: Record<string, any> }
export interface ReturnEvent extends EventBase {
  type: "return"; call: number; name: string; result?: any; error?: ErrorView;
  state: string; unread: boolean; legal: string[]; stdout?: string;
}
export interface TransitionEvent extends EventBase { type: "transition"; from: string; input: string; to: string }
export interface BufferEvent extends EventBase { type: "buffer"; kind?: string; path?: string[]; bytes?: LogBytes; size: number }
export interface ConnectEvent extends EventBase { type: "connect"; host: string; port: number; phase: "start" | "open" | "failed"; error?: ErrorView }
export interface SendEvent extends EventBase { type: "send"; offset: number; bytes?: LogBytes; size: number; dropped?: number; error?: ErrorView }
export interface RecvEvent extends EventBase { type: "recv"; offset: number; bytes?: LogBytes; size: number; dropped?: number; eof?: boolean; error?: ErrorView }
export interface SpanEvent extends EventBase { type: "span"; dir: Dir; start: number; end: number; kind: string; path: string[]; value?: string }
export interface DiagnosticEvent extends EventBase { type: "diagnostic"; code: string; severity: "error" | "warning" | "note"; dir: Dir; start: number; end: number; rfc?: string; text: string }
export interface ClosedEvent extends EventBase { type: "closed" }
export interface RelayEvent extends EventBase { type: "relay"; what: string; detail?: string }

export interface CertificateView { index: number; sent: boolean; subject: string; issuer: string; names?: string[]; not_before: string; not_after: string; key?: string; signature?: string; sha256: string }
export interface HandshakeEvent extends EventBase { type: "tls-handshake"; phase: "start" | "done" | "failed"; server_hostname?: string; server_name?: string; verify?: boolean; verified?: boolean; version?: string; cipher_suite?: string; group?: string; alpn?: string | string[]; error?: ErrorView }
export interface CertificateEvent extends EventBase, CertificateView { type: "tls-certificate" }
export interface RecordEvent extends EventBase { type: "tls-record"; dir: Dir; offset: number; size: number; bytes?: LogBytes; content: string; outer?: string; protected?: boolean; plaintext?: { start: number; end: number }; parts?: [name: string, size: number][]; messages?: { name: string }[] }

export type TraceEvent =
  | HandshakeEvent | CertificateEvent | RecordEvent
  | CallEvent | ReturnEvent | TransitionEvent | BufferEvent | ConnectEvent | SendEvent | RecvEvent
  | SpanEvent | DiagnosticEvent | ClosedEvent | RelayEvent;

export interface Transition { from: string; input: string; to: string }
export interface Machine {
  states: string[];
  inputs: string[];
  transitions: Transition[];
  refusals: { call: string; error: string }[];
}

/** One line of a program: a documented call with its arguments, as a scenario writes them. */
export interface Call { name: string; args: Record<string, any> }

/** What a connection is made with, beside the port as Python has it. */
export interface ConnectionArgs { host: string; port: number | null; timeout?: number; blocksize?: number; source_address?: [host: string, port: number] }

/** One recorded call of a run. `last` is the index of its return, or -1 while it is under way. */
export interface Step {
  index: number;
  call: number;
  name: string;
  args: Record<string, any>;
  first: number;
  last: number;
  ret: ReturnEvent | null;
}

/** A half-open range of one byte stream. */
export type Range = [start: number, end: number];

/** A node of the field tree. Ids are stable for a growing log. */
export interface FieldNode {
  id: string;
  conn: number;
  dir: Dir;
  exchange: number;
  /** Path segments as the core named them. */
  path: string[];
  /** Span kind for leaves, "" for groups. */
  kind: string;
  label: string;
  /** What the parser took, or the bytes as text. */
  value: string;
  ranges: Range[];
  start: number;
  end: number;
  /** Bytes covered. */
  size: number;
  readonly children: FieldNode[];
  readonly parent: FieldNode | null;
  level: number;
  /** The spans under it, in stream order. */
  leaves(): { start: number; end: number; kind: string }[];
}

/** What is selected: a field, or a plain byte range. */
export interface Selection {
  conn: number;
  dir: Dir;
  ranges: Range[];
  node: string | null;
  /** Where it was made, so that the maker need not scroll to itself. */
  from?: string;
}

export interface Demo {
  id: string; group?: string; title: string; method: string; target: string;
  headers?: [string, string][]; body?: string; shows: string;
}

/** A request written byte by byte. */
export interface RawRequest {
  /** As it was typed: text with escapes, or hex. */
  text: string;
  as: "text" | "hex";
  /** What the text last stood for. */
  bytes: Uint8Array;
  /** How the answer is read; empty: as the bytes say. */
  method: string;
  /** Whether it was written by hand, and no longer follows the composed request. */
  touched: boolean;
  /** How the composed request was written, which decides its implied headers. */
  from: "steps" | "request";
}

export interface ComposerState {
  origin: string;
  demo: string;
  method: string;
  target: string;
  headers: [string, string][];
  body: string;
  style: "steps" | "request" | "raw";
  /** What is sent in the style "raw". */
  raw: RawRequest;
  /** Whether the server is spoken to over TLS. */
  tls: boolean;
}

/** What is wrong with the line to the server in the page; each 0, or empty, where nothing is. */
export interface Faults {
  /** Bytes that arrive together at most. */
  pieceSize: number;
  /** Milliseconds before each piece. */
  pauseMs: number;
  /** How the server's bytes end early, and after how many. */
  end: "" | "cut" | "reset";
  endAfter: number;
  /** Bytes whose highest bit is flipped, and the offset of the first. */
  spoilSize: number;
  spoilAt: number;
}

/** The client module, `/client/index.js`. */
export interface ClientModule { load(options?: any): Promise<Client>; loadTools(options?: any): Promise<any> }
export interface Client {
  readonly version: string;
  readonly machine: Machine;
  httpConnection(host: string, options?: any): Promise<any>;
  httpsConnection(host: string, options?: any): Promise<any>;
  loadTLS(options?: any): Promise<void>;
  loadInPage(options?: any): Promise<void>;
  close(): void;
}
