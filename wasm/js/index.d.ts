/**
 * Stepwire: Python's `http.client` (3.11) for web pages.
 *
 * ```js
 * import { load } from "/client/index.js";
 *
 * const client = await load();
 * const connection = await client.httpConnection("127.0.0.1", { port: 8081 });
 * await connection.request("GET", "/");
 * const response = await connection.getResponse();
 * console.log(response.status, response.reason, await response.read());
 * ```
 *
 * Everything runs in a module Worker. Calls on one connection and on its
 * responses run in the order in which they were made, awaited or not. A call
 * that http.client would raise from rejects with the class of the same name;
 * a call that was aborted rejects with its signal's reason.
 *
 * Texts are http.client's `str`: bytes of the wire appear as U+0000–U+00FF
 * (ISO-8859-1).
 */

/** Starts a Worker with the client in it. Each call gives a client of its own.
 * @throws {LoadError} */
export function load(options?: LoadOptions): Promise<Client>;

/** Starts a Worker with the tools in it, without a client.
 * @throws {LoadError} */
export function loadTools(options?: ToolsOptions): Promise<Tools>;

export interface LoadingOptions {
	/** Gives up loading; the promise rejects with its reason. */
	signal?: AbortSignal;
	/** Bytes of the module that arrived, and in all (uncompressed; equal to `loaded` where unknown). */
	onProgress?(loaded: number, total: number): void;
}

export interface ToolsOptions extends LoadingOptions {
	/** Address of the WebAssembly module with the tools; default: the one built with this file. */
	toolsWasm?: string | URL;
	/** Address of the worker script; default: the one built with this file. */
	worker?: string | URL;
}

export interface LoadOptions extends ToolsOptions {
	/** Address of the WebAssembly module; default: the one built with this file. */
	wasm?: string | URL;
	/** Address of the WebAssembly module with TLS; default: the one built with this file. */
	tlsWasm?: string | URL;
	/** Address of the WebAssembly module with servers in the page; default: the one built with this file. */
	inPageWasm?: string | URL;
	/**
	 * Load the module with TLS at once and use it for everything but servers in
	 * the page; default: it is loaded, into a second Worker, by the first call
	 * that needs it.
	 */
	tls?: boolean;
	/**
	 * The WebSocket-to-TCP relay, `ws:` or `wss:` (`http:` and `https:` are taken
	 * for them): `wss://host/relay/` speaks Wisp,
	 * `wss://host/relay/?convention=wsproxy` opens one WebSocket for each
	 * connection. Default: `../relay/` seen from this file.
	 */
	relay?: string | URL;
}

/** The ports where none is given. Python: HTTP_PORT, HTTPS_PORT. */
export const HTTP_PORT: 80;
export const HTTPS_PORT: 443;

/** Status code by name, `HTTPStatus.NOT_FOUND`. Python: the constants of http.client, and http.HTTPStatus. */
export const HTTPStatus: Readonly<Record<StatusName, number>>;
/** Reason phrase by status code, `responses[404]`; undefined for an unknown one. Python: responses. */
export const responses: { readonly [code: number]: string | undefined };

export type StatusName =
	| "CONTINUE" | "SWITCHING_PROTOCOLS" | "PROCESSING" | "EARLY_HINTS" | "OK" | "CREATED" | "ACCEPTED"
	| "NON_AUTHORITATIVE_INFORMATION" | "NO_CONTENT" | "RESET_CONTENT" | "PARTIAL_CONTENT" | "MULTI_STATUS"
	| "ALREADY_REPORTED" | "IM_USED" | "MULTIPLE_CHOICES" | "MOVED_PERMANENTLY" | "FOUND" | "SEE_OTHER" | "NOT_MODIFIED"
	| "USE_PROXY" | "TEMPORARY_REDIRECT" | "PERMANENT_REDIRECT" | "BAD_REQUEST" | "UNAUTHORIZED" | "PAYMENT_REQUIRED"
	| "FORBIDDEN" | "NOT_FOUND" | "METHOD_NOT_ALLOWED" | "NOT_ACCEPTABLE" | "PROXY_AUTHENTICATION_REQUIRED"
	| "REQUEST_TIMEOUT" | "CONFLICT" | "GONE" | "LENGTH_REQUIRED" | "PRECONDITION_FAILED" | "REQUEST_ENTITY_TOO_LARGE"
	| "REQUEST_URI_TOO_LONG" | "UNSUPPORTED_MEDIA_TYPE" | "REQUESTED_RANGE_NOT_SATISFIABLE" | "EXPECTATION_FAILED"
	| "IM_A_TEAPOT" | "MISDIRECTED_REQUEST" | "UNPROCESSABLE_ENTITY" | "LOCKED" | "FAILED_DEPENDENCY" | "TOO_EARLY"
	| "UPGRADE_REQUIRED" | "PRECONDITION_REQUIRED" | "TOO_MANY_REQUESTS" | "REQUEST_HEADER_FIELDS_TOO_LARGE"
	| "UNAVAILABLE_FOR_LEGAL_REASONS" | "INTERNAL_SERVER_ERROR" | "NOT_IMPLEMENTED" | "BAD_GATEWAY"
	| "SERVICE_UNAVAILABLE" | "GATEWAY_TIMEOUT" | "HTTP_VERSION_NOT_SUPPORTED" | "VARIANT_ALSO_NEGOTIATES"
	| "INSUFFICIENT_STORAGE" | "LOOP_DETECTED" | "NOT_EXTENDED" | "NETWORK_AUTHENTICATION_REQUIRED";

export interface Client {
	readonly version: string;
	/** The transition table that the client runs by. */
	readonly machine: Machine;
	/**
	 * Makes a connection; it connects with the first request. Python: HTTPConnection.
	 * @param host name, IPv4 or IPv6 address, optionally `host:port`
	 * @throws {InvalidURL} the port is not a number, or the host has control characters
	 */
	httpConnection(host: string, options?: HTTPConnectionOptions): Promise<HTTPConnection>;
	/** The same under Python's name. */
	HTTPConnection(host: string, options?: HTTPConnectionOptions): Promise<HTTPConnection>;
	/**
	 * Makes a connection over TLS, which ends in this page: the relay sees
	 * ciphertext only. The first call loads the module with TLS; its options
	 * `signal` and `onProgress` are about that, too. Python: HTTPSConnection.
	 * @throws {LoadError} that module could not be loaded
	 * @throws {SSLError} caData, certificate or key cannot be used
	 * @throws {InvalidURL}
	 */
	httpsConnection(host: string, options?: HTTPSConnectionOptions): Promise<HTTPConnection>;
	/** The same under Python's name. */
	HTTPSConnection(host: string, options?: HTTPSConnectionOptions): Promise<HTTPConnection>;
	/** Loads the module with TLS ahead of the first call that needs it.
	 * @throws {LoadError} */
	loadTLS(options?: LoadingOptions): Promise<void>;
	/** Loads the module with servers in the page ahead of the first call with the option `peer`.
	 * @throws {LoadError} */
	loadInPage(options?: LoadingOptions): Promise<void>;
	/** The tools for recordings; the first call loads their module, into a Worker of its own, which ends with the client.
	 * @throws {LoadError} */
	tools(options?: LoadingOptions): Promise<Tools>;
	/**
	 * Plays a scenario's client steps, `$HOST` and `$PORT` standing for the
	 * address given, and observes each.
	 * @param doc a scenario document, or its JSON text
	 */
	runScenario(doc: object | string, options?: ScenarioOptions): Promise<ScenarioResult>;
	/** Ends the Worker: transports close, calls under way reject with ClientClosedError. */
	close(): void;
}

export interface ScenarioOptions {
	/** Address of the scripted peer, as the relay reaches it. */
	host?: string;
	port?: number;
	/** "in-page": the document's own peer plays in the Worker, with no relay. */
	peer?: "in-page";
	/** PEM texts by file name: what `$CERTS/name` and the peer's tls actions mean. */
	certificates?: Record<string, string | Uint8Array>;
	signal?: AbortSignal;
	/** Progress of the module with TLS, which has the scenarios, too. */
	onProgress?(loaded: number, total: number): void;
}

export interface ScenarioResult {
	/** One for each client step, as the scenario format has them. */
	steps: Observation[];
	/** With the peer in the page: the bytes it received on its 1st connection, 2nd, … */
	received?: EventBytes[];
	/** The same as JSON text (not enumerable): exact where a number exceeds 2^53. */
	readonly json: string;
}

/** One observation of a scenario's step. */
export interface Observation {
	ok?: unknown;
	error?: { type: string; bases: string[]; message: string; partial?: unknown; expected?: number | null };
	skipped?: true;
	state: PythonState | null;
	unread: boolean | null;
	stdout: string;
}

/** The state machine as data: what is not in `transitions` is refused. */
export interface Machine {
	states: State[];
	inputs: string[];
	transitions: { from: State; input: string; to: State }[];
	/** Which exception refuses a call. */
	refusals: { call: string; error: string }[];
}

export type PythonState = "Idle" | "Request-started" | "Request-sent";
export type State = PythonState | "Unread-response" | "Req-started-unread-response" | "Req-sent-unread-response";

export interface HTTPConnectionOptions {
	/** Port; null or absent: from the host, else 80. */
	port?: number | null;
	/** Seconds that each wait may take; null or absent: without limit. A wait that takes longer rejects with TimeoutError. */
	timeout?: number | null;
	/** Bytes read at once from a file-like body; default 8192. */
	blocksize?: number;
	/** Above 0: prints what is sent and received. Python: set_debuglevel. */
	debuglevel?: number;
	/** Connect when a request is sent on a closed connection; default true. Python: auto_open. */
	autoOpen?: boolean;
	/** Refuse what RFC 9112 calls an error (StrictError), where Python is lenient. */
	strict?: boolean;
	/**
	 * The relay chooses the address that the server sees, so only a loopback or
	 * wildcard address with port 0 is accepted; with any other, connecting
	 * rejects with OSError. Python: source_address.
	 */
	sourceAddress?: [host: string, port: number];
	/**
	 * A server in the Worker, which this connection reaches under any address,
	 * without a relay: the one with the demonstrations, or a scripted one with a
	 * script for each time it connects, as in the scenario format's member
	 * `peer`. The first one loads the module that has them.
	 * @example { demo: true, pieceSize: 16, pauseMs: 100 }
	 * @example [{ actions: [{ recv_head: true }, { send: { latin1: "HTTP/1.1 204 No Content\r\n\r\n" } }] }]
	 */
	peer?: PeerScript[] | DemoPeer;
	/** PEM texts, certificate and key, by the names that the peer's tls actions give. */
	certificates?: Record<string, string | Uint8Array>;
	/** Record every step for `trace()`; limit: bytes of each stream whose content is recorded. */
	trace?: boolean | { limit?: number };
	/** Takes the debug output as it is printed; default: console.log, line by line. */
	debugOutput?(text: string): void;
	/** Gives up making the connection. */
	signal?: AbortSignal;
}

/**
 * The server with the demonstrations, and what happens to the bytes that it
 * sends, on each connection anew. Over https its certificate is in the name of
 * the host that is asked for, and the connection trusts it unless
 * `context.caData` says whom to trust.
 */
export interface DemoPeer {
	demo: true;
	/** Bytes that arrive together at most, up to 1048576; 0 or absent: what the server sends at once. */
	pieceSize?: number;
	/** Milliseconds before each piece, up to 60000. */
	pauseMs?: number;
	/** Bytes after which the server ends the connection. */
	cutAfter?: number;
	/** Bytes after which the connection is reset. */
	resetAfter?: number;
	/** Offset of the first byte whose highest bit is flipped, and how many are; 1 if absent. */
	spoilAt?: number;
	spoilSize?: number;
}

/** What a scripted peer does on one connection; after that it only reads, until the client closes. */
export interface PeerScript {
	actions: PeerAction[];
}

export type ScriptBytes = { latin1: string } | { b64: string };

export type PeerAction =
	/** Reads to the end of a request's head; to these bytes; this many. */
	| { recv_head: true }
	| { recv_until: ScriptBytes }
	| { recv_n: number }
	| { send: ScriptBytes; repeat?: number }
	| { sleep_ms: number }
	/** Ends its half of the connection; the connection; resets it. */
	| { shutdown_write: true }
	| { close: true }
	| { reset: true }
	/** Refuses connections from here on. */
	| { stop_listening: true }
	/** Speaks TLS from here on, with this certificate. Only over httpsConnection. */
	| { tls: string };

export interface HTTPSConnectionOptions extends HTTPConnectionOptions {
	/** Port; null or absent: from the host, else 443. */
	port?: number | null;
	context?: TLSContext;
	/** Progress of the module with TLS, where this call loads it. */
	onProgress?(loaded: number, total: number): void;
}

export type TLSVersion = "TLSv1" | "TLSv1.1" | "TLSv1.2" | "TLSv1.3";

/** Settings of TLS. Python: ssl.SSLContext. */
export interface TLSContext {
	/** Certificates of the authorities to trust, PEM, instead of Mozilla's. Python: cadata. */
	caData?: string | Uint8Array;
	/** Verify the server's certificate; default true. Without it anybody can be the server. Python: verify_mode. */
	verify?: boolean;
	/** The certificate must name the server; default: as `verify`. Python: check_hostname. */
	checkHostname?: boolean;
	/** Python: minimum_version. TLS 1.2 and 1.3 are spoken. */
	minimumVersion?: TLSVersion | null;
	/** Python: maximum_version. */
	maximumVersion?: TLSVersion | null;
	/** Protocols to offer, best first; default ["http/1.1"]. Python: set_alpn_protocols. */
	alpn?: string[];
	/** The client's own certificate, PEM. Python: load_cert_chain. */
	certificate?: string | Uint8Array;
	/** Its key, PEM; default: it is beside the certificate. */
	key?: string | Uint8Array;
	/** Keep the sessions' secrets for `keyLog()`; whoever has them can read what the connection carried. */
	keyLog?: boolean;
}

export interface SignalOption {
	/** Aborts the call; what it waits for is given up and the promise rejects with the signal's reason. */
	signal?: AbortSignal;
}

export type Bytes = Uint8Array | ArrayBuffer | ArrayBufferView;

/**
 * A request body. A string is sent as ISO-8859-1; bytes as they are; a Blob or
 * `{file}` as Python sends a binary file, `{textfile}` as a text file,
 * `{iterable}` or a ReadableStream of bytes as an iterable: these four without
 * a length, in chunks, unless a header says otherwise.
 */
export type Body =
	| string
	| Bytes
	| Blob
	| ReadableStream<Uint8Array>
	| { text: string }
	| { textfile: string }
	| { file: Bytes }
	| { iterable: Bytes[] }
	| null;

export type HeaderValue = string | number | bigint | Bytes;
/** Distinct names, in order. */
export type HeaderList = Iterable<readonly [string, HeaderValue]> | Record<string, HeaderValue>;

/** Python: http.client.HTTPConnection. */
export interface HTTPConnection {
	/** The state as of the last completed call. */
	readonly state: State;
	/** Whether a response was unread as of then. */
	readonly unread: boolean;
	/** Python names of the calls that were legal as of then. */
	readonly legal: readonly string[];

	/** Opens the transport. Python: connect.
	 * @throws {OSError} */
	connect(options?: SignalOption): Promise<void>;
	/** Closes the transport; the connection can be used again. Python: close. */
	close(): Promise<void>;
	/** The same at the end of a block: `await using connection = …`. */
	[Symbol.asyncDispose](): Promise<void>;
	/** Has the next connection opened through an HTTP proxy by CONNECT. Python: set_tunnel. */
	setTunnel(host: string, options?: { port?: number | null; headers?: HeaderList }): Promise<void>;
	set_tunnel: HTTPConnection["setTunnel"];
	/** Python: set_debuglevel. */
	setDebugLevel(level: number): Promise<void>;
	set_debuglevel: HTTPConnection["setDebugLevel"];
	attributes(): Promise<{ host: string; port: number; blocksize: number; debuglevel: number }>;

	/** Starts a request: buffers the request line and the automatic headers. Python: putrequest.
	 * @throws {CannotSendRequest} the last response is not read yet, or a request was started */
	putRequest(method: string, url: string, options?: { skipHost?: boolean; skipAcceptEncoding?: boolean }): Promise<void>;
	putrequest: HTTPConnection["putRequest"];
	/** Buffers a header; several values are joined by CRLF and TAB. Python: putheader.
	 * @throws {CannotSendHeader} no request was started
	 * @throws {ValueError} the name or a value cannot be sent */
	putHeader(name: string, ...values: HeaderValue[]): Promise<void>;
	putheader: HTTPConnection["putHeader"];
	/** Sends the buffered head, and the body. Python: endheaders.
	 * @throws {CannotSendHeader} no request was started */
	endHeaders(options?: { messageBody?: Body; encodeChunked?: boolean } & SignalOption): Promise<void>;
	endheaders: HTTPConnection["endHeaders"];
	/** Sends data as it is. Python: send.
	 * @throws {NotConnected} the connection is closed and autoOpen is off */
	send(data: Body, options?: SignalOption): Promise<void>;
	/** Sends a whole request. Python: request. */
	request(method: string, url: string, options?: { headers?: HeaderList; body?: Body; encodeChunked?: boolean } & SignalOption): Promise<void>;
	/** Waits for the head of the response. Python: getresponse.
	 * @throws {ResponseNotReady} no request was sent, or the last response is not read yet
	 * @throws {RemoteDisconnected} the server closed without a response
	 * @throws {BadStatusLine} */
	getResponse(options?: SignalOption): Promise<HTTPResponse>;
	getresponse: HTTPConnection["getResponse"];
	/** Reads the head of a response to bytes that `send` alone sent, in any state and changing none. Python: HTTPResponse(conn.sock, method=method), then begin().
	 * @param method that of the request, on which depends whether a body follows
	 * @throws {BadStatusLine} @throws {RemoteDisconnected} */
	beginResponse(method: string, options?: SignalOption): Promise<HTTPResponse>;

	/**
	 * Every step since the connection was made, then those to come; ends when
	 * the connection is released. Several consumers can iterate, each from the
	 * start. Empty without the option trace.
	 */
	trace(): TraceLog;
	/** What happened so far as a recording; it holds all headers and bodies, secrets included. Throws without the option trace. */
	recording(): Recording;
	/**
	 * The secrets of the connection's TLS sessions so far, in the format of RFC
	 * 9850; for Tools.exportRecording, or Wireshark.
	 * @throws {ValueError} the connection was made without `context: {keyLog: true}`
	 */
	keyLog(): Promise<string>;
	/** Closes the transport and forgets the connection; calls under way are given up. Also done when the page no longer holds it. */
	release(): void;
}

/** Python: http.client.HTTPResponse. */
export interface HTTPResponse extends AsyncIterable<Uint8Array> {
	readonly status: number;
	readonly reason: string;
	/** 10 for HTTP/1.0, 11 for HTTP/1.1. */
	readonly version: 10 | 11;
	/** In wire order, duplicates kept. */
	readonly headers: [name: string, value: string][];
	/** The same, with the calls that read them. Python: msg, headers. */
	readonly msg: HTTPMessage;
	/** Whether the server closes after this response. Python: will_close. */
	readonly willClose: boolean;
	readonly will_close: boolean;
	/** Bytes of the body, as of getResponse; null: not known in advance. */
	readonly length: number | null;
	readonly chunked: boolean;
	/** Above 0: what is read is printed; the connection's, as of getResponse. Python: debuglevel. */
	readonly debuglevel: number;
	readonly connection: HTTPConnection;

	/** Reads amt bytes of the body, or all of it. Python: read.
	 * @throws {IncompleteRead} the server closed before the end; `partial` has what came */
	read(amt?: number | bigint | null, options?: SignalOption): Promise<Uint8Array<ArrayBuffer>>;
	read(options: SignalOption): Promise<Uint8Array<ArrayBuffer>>;
	/** Fills the buffer with up to as many bytes as it has, and gives how many. Python: readinto. */
	readInto(buffer: Bytes, options?: SignalOption): Promise<number>;
	/** The same with a buffer of n bytes that is made for it: gives what was read. */
	readInto(n: number, options?: SignalOption): Promise<Uint8Array<ArrayBuffer>>;
	readinto: HTTPResponse["readInto"];
	/** Reads up to n bytes with at most one wait. Python: read1. */
	read1(n?: number, options?: SignalOption): Promise<Uint8Array<ArrayBuffer>>;
	/** What read1 would give, left in place. Python: peek. */
	peek(n?: number, options?: SignalOption): Promise<Uint8Array<ArrayBuffer>>;
	/** One line with its LF, at most limit bytes; empty at the end. Python: readline. */
	readLine(limit?: number, options?: SignalOption): Promise<Uint8Array<ArrayBuffer>>;
	readline: HTTPResponse["readLine"];
	/** All lines. Python: readlines. */
	readLines(options?: SignalOption): Promise<Uint8Array<ArrayBuffer>[]>;
	readlines: HTTPResponse["readLines"];
	/** Iterates the lines, as Python's `for line in response`. */
	[Symbol.asyncIterator](): AsyncGenerator<Uint8Array<ArrayBuffer>, void>;

	/** The values of a header joined by ", ", or the default (a list is joined, too), or null. Python: getheader. */
	getHeader(name: string, fallback?: string | string[] | null): Promise<string | null>;
	getheader: HTTPResponse["getHeader"];
	/** Python: getheaders. */
	getHeaders(): Promise<[name: string, value: string][]>;
	getheaders: HTTPResponse["getHeaders"];
	/** Whether the body was read to its end or closed. Python: isclosed. */
	isClosed(): Promise<boolean>;
	isclosed: HTTPResponse["isClosed"];
	/** Python: the attribute closed. */
	closed(): Promise<boolean>;
	/** Always rejects: a page's transports have no descriptor. Python: fileno.
	 * @throws {UnsupportedOperation} */
	fileno(): Promise<never>;
	/** Gives up the rest of the body. Python: close. */
	close(): Promise<void>;
	/** The same at the end of a block: `await using response = …`. Python: with. */
	[Symbol.asyncDispose](): Promise<void>;

	/**
	 * The rest of the body as a stream of bytes. Little is read ahead, so a slow
	 * reader slows the server; cancelling closes the response.
	 */
	readonly body: ReadableStream<Uint8Array<ArrayBuffer>>;
}

/** A parameter's value; written by RFC 2231 with character set and language, null where it names none. */
export type ParamValue = string | [charset: string | null, language: string | null, value: string];

export interface ParamOptions {
	/** The header that has the parameters; default: Content-Type. */
	header?: string;
	/** Take quotes off values; default true. */
	unquote?: boolean;
}

/**
 * Headers; names match in any case. Its calls answer at once. Iterating gives
 * pairs, as with JavaScript's own maps. Python: http.client.HTTPMessage, an
 * email.message.Message.
 */
export class HTTPMessage implements Iterable<[name: string, value: string]> {
	constructor(headers?: readonly (readonly [name: string, value: string])[]);
	/** How many there are, duplicates counted. Python: len. */
	readonly length: number;
	[Symbol.iterator](): Iterator<[name: string, value: string]>;
	keys(): string[];
	values(): string[];
	items(): [name: string, value: string][];
	/** Python: in. */
	has(name: string): boolean;
	/** The first value of that name. Python: get. */
	get(name: string): string | null;
	get<T>(name: string, fallback: T): string | T;
	/** The values of every header of that name. Python: get_all. */
	getAll(name: string): string[] | null;
	getAll<T>(name: string, fallback: T): string[] | T;
	get_all: HTTPMessage["getAll"];
	/** The media type in lower case, without parameters; "text/plain" where none is named. Python: get_content_type. */
	getContentType(): string;
	get_content_type: HTTPMessage["getContentType"];
	/** Before its slash. Python: get_content_maintype. */
	getContentMaintype(): string;
	get_content_maintype: HTTPMessage["getContentMaintype"];
	/** Behind it. Python: get_content_subtype. */
	getContentSubtype(): string;
	get_content_subtype: HTTPMessage["getContentSubtype"];
	/** Content-Type's charset in lower case. Python: get_content_charset. */
	getContentCharset(): string | null;
	getContentCharset<T>(fallback: T): string | T;
	get_content_charset: HTTPMessage["getContentCharset"];
	/** Content-Disposition in lower case, without parameters. Python: get_content_disposition. */
	getContentDisposition(): string | null;
	get_content_disposition: HTTPMessage["getContentDisposition"];
	/** Content-Type's boundary. Python: get_boundary. */
	getBoundary(): string | null;
	getBoundary<T>(fallback: T): string | T;
	get_boundary: HTTPMessage["getBoundary"];
	/** Content-Disposition's filename, else Content-Type's name. Python: get_filename. */
	getFilename(): string | null;
	getFilename<T>(fallback: T): string | T;
	get_filename: HTTPMessage["getFilename"];
	/** A header's value before the parameters, with an empty value, and the parameters. Python: get_params. */
	getParams(options?: ParamOptions): [name: string, value: ParamValue][] | null;
	get_params: HTTPMessage["getParams"];
	/** One parameter of a header. Python: get_param. */
	getParam(name: string, options?: ParamOptions): ParamValue | null;
	get_param: HTTPMessage["getParam"];
}

/** The event log of a connection. */
export interface TraceLog extends AsyncIterable<TraceEvent> {
	/** What has happened so far. Do not change it. */
	readonly events: readonly TraceEvent[];
}

/** An event log as a file; recording.schema.json describes it. */
export interface Recording {
	format: "stepwire-recording";
	version: 1;
	/** What wrote it. */
	creator?: string;
	/** When the log began, RFC 3339. */
	created?: string;
	/** Bytes of each stream whose content is kept. */
	limit?: number;
	/** What the file had that it was made from, and it has not, in words. */
	lacks?: string;
	events: TraceEvent[];
}

export type ExportFormat =
	| "har" | "pcapng" | "curl-trace" | "curl" | "python" | "go" | "raw-sent" | "raw-received" | "key-log" | "scenario" | "recording";

export interface ExportOptions {
	/** Write the values of Authorization, Cookie, Set-Cookie and Proxy-Authorization, and keys. Without it scenario and recording, which keep every byte, are refused where there are any. */
	secrets?: boolean;
	/** Secrets of TLS sessions, in the format of RFC 9850: put inside a pcapng, with `secrets` only. */
	keyLog?: string;
	/** Number of the transport whose bytes raw-sent and raw-received give; default: the first. */
	conn?: number;
	/** Name and sentence of a scenario. */
	name?: string;
	about?: string;
}

/** A conversation without what it got: what a permalink holds. */
export interface Link {
	title?: string;
	host?: string;
	port?: number;
	tls?: boolean;
	/** Id of a demonstration; without a host, of the server beside the page. */
	demo?: string;
	/** What befalls the bytes that a server in the page sends. */
	line?: Omit<DemoPeer, "demo">;
	/** Calls under their Python names, arguments as in the event log. */
	calls?: { name: string; args?: Record<string, unknown> }[];
	/** How many calls were made at the moment shown. */
	step?: number;
	range?: { conn: number; dir: "sent" | "received"; start: number; end: number };
	/** What was left out. */
	left?: ("secrets" | "bodies")[];
}

/** Reads and writes recordings. What it refuses rejects with an Error that says what was found and expected. */
export interface Tools {
	readonly version: string;
	/** The transition table that recorded states come from. */
	readonly machine: Machine;
	/**
	 * Makes a recording of bytes of a request or response, a hex dump, the output
	 * of curl --trace, a HAR, a pcap or pcapng file, or a recording; `kind` says
	 * which it was (not enumerable).
	 * @param options.keyLog secrets that decrypt TLS in a capture, in the format of RFC 9850
	 * @param options.limit bytes of each stream to keep
	 */
	decode(data: string | Bytes | Blob, options?: { keyLog?: string | Bytes | Blob; limit?: number }): Promise<Recording & { readonly kind: RecordedKind }>;
	/** What any bytes would be, were they sent as a request: their spans and diagnostics. Nothing is sent. */
	request(data: string | Bytes | Blob): Promise<Recording>;
	/** Writes a recording, or its JSON text, in another format; secrets are left out unless asked for. */
	exportRecording(recording: Recording | string, format: "pcapng" | "raw-sent" | "raw-received", options?: ExportOptions): Promise<Uint8Array<ArrayBuffer>>;
	exportRecording(recording: Recording | string, format: Exclude<ExportFormat, "pcapng" | "raw-sent" | "raw-received">, options?: ExportOptions): Promise<string>;
	exportRecording(recording: Recording | string, format: ExportFormat, options?: ExportOptions): Promise<string | Uint8Array<ArrayBuffer>>;
	/** Packs a link into an address's fragment, "#v1.…". */
	encodePermalink(link: Link): Promise<string>;
	/** Unpacks a fragment, with or without its number sign; nothing is sent. */
	decodePermalink(fragment: string): Promise<Link>;
	/** A link to the end of a recording's conversation, without secrets and bodies unless asked for. */
	linkOf(recording: Recording | string, options?: { secrets?: boolean; bodies?: boolean }): Promise<Link>;
	/** Ends the Worker of the tools. */
	close(): void;
}

/** What Tools.decode found. */
export type RecordedKind = "recording" | "har" | "curl-trace" | "hex-dump" | "request" | "response" | "capture";

/** Bytes in an event: standard base64. */
export interface EventBytes {
	b64: string;
}

interface EventCommon {
	/** From 0, without gaps. */
	seq: number;
	/** Milliseconds since the log began. */
	t: number;
	/** Number of the transport, from 1; absent before any. */
	conn?: number;
	/** Number of the putrequest, from 1; absent before any. */
	exchange?: number;
	/** Spans, diagnostics, transfers and records before this event for which there was no room. */
	omitted?: number;
}

/** An error as plain data. */
export interface ErrorInfo {
	name: string;
	bases: string[];
	message: string;
	offset?: number;
	party: Party;
	partial?: EventBytes;
	expected?: number | null;
	/** StrictError: code of the diagnostic that it refuses. */
	code?: string;
	/** StrictError: RFC number and section, as "9112 §5.2". */
	section?: string;
}

/** What an event's name says; `type` tells them apart. */
export type TraceEvent = EventCommon &
	(
		| { type: "call"; call: number; name: string; args: Record<string, unknown> }
		| { type: "return"; call: number; name: string; result?: unknown; error?: ErrorInfo; state: State; unread: boolean; legal: string[]; stdout: string }
		| { type: "transition"; from: State; input: string; to: State }
		| { type: "buffer"; kind?: string; path?: string[]; bytes?: EventBytes; size: number }
		| { type: "connect"; host: string; port: number; phase: "start" | "open" | "failed"; error?: ErrorInfo }
		| { type: "send"; offset: number; bytes?: EventBytes; size: number; dropped?: number; error?: ErrorInfo }
		| { type: "recv"; offset: number; bytes?: EventBytes; size: number; dropped?: number; eof?: boolean; error?: ErrorInfo }
		| { type: "span"; dir: "sent" | "received"; start: number; end: number; kind: string; path: string[]; value?: string }
		| { type: "diagnostic"; code: string; severity: "error" | "warning" | "note"; dir: "sent" | "received"; start: number; end: number; rfc: string; text: string }
		| { type: "closed" }
		| { type: "relay"; what: string; detail: string }
		| TLSEvent
	);

/** What HTTPSConnection tells besides. Under TLS, send, recv and span are about the plaintext; records are what goes over the transport. */
export type TLSEvent =
	| { type: "tls-handshake"; phase: "start"; server_hostname: string; verify: boolean; check_hostname: boolean; alpn: string[] }
	| { type: "tls-handshake"; phase: "done"; version: string; cipher_suite: string; group?: string; server_name?: string; alpn?: string; verified: boolean }
	| { type: "tls-handshake"; phase: "failed"; error: ErrorInfo }
	| {
			type: "tls-certificate"; index: number; sent: boolean; subject: string; issuer: string; names: string[]; not_before: string; not_after: string;
			serial: string; authority: boolean; self_signed: boolean; key: string; signature: string; sha256: string; der?: EventBytes;
	  }
	| {
			type: "tls-record"; dir: "sent" | "received"; offset: number; size: number; bytes?: EventBytes; dropped?: number;
			/** What it truly carries, and what it claims to whoever has no key. */
			content: string; outer?: string; version?: string; protected?: boolean;
			/** Names and sizes of what it consists of. */
			parts?: unknown[];
			/** Range of the plaintext stream that it carried. */
			plaintext?: { start: number; end: number };
			/** Plaintext of a handshake or alert, and what is in it. */
			inner?: EventBytes; messages?: unknown[]; alert?: unknown; problem?: string;
	  };

/** Whose fault an error is; "client": this module itself. */
export type Party = "caller" | "server" | "network" | "relay" | "client";

/**
 * Base of the errors that stand for a Python exception. `instanceof` follows
 * Python's hierarchy, several bases included: a RemoteDisconnected is an
 * instance of BadStatusLine and of ConnectionResetError.
 */
export class PythonError extends Error {
	constructor(info: { message: string; name?: string; bases?: string[]; offset?: number; party?: Party; partial?: Uint8Array; expected?: number | null; code?: string; section?: string });
	/** Name of the Python class. */
	name: string;
	/** Its ancestors in method resolution order, without Exception. */
	bases: string[];
	party: Party;
	/** Absolute offset of the failing bytes in the received stream. */
	offset?: number;
	/** IncompleteRead: what had been read. */
	partial?: Uint8Array;
	/** IncompleteRead: bytes still expected; null where that is not known. */
	expected?: number | null;
	/** StrictError: code of the diagnostic that it refuses, such as "obs-fold". */
	code?: string;
	/** StrictError: number and section of the RFC that the diagnostic stands on, such as "9112 §5.2". */
	section?: string;
}

export class HTTPException extends PythonError {}
/** Python's alias of HTTPException. */
export { HTTPException as error };
export class NotConnected extends HTTPException {}
export class InvalidURL extends HTTPException {}
export class UnknownProtocol extends HTTPException {}
export class UnknownTransferEncoding extends HTTPException {}
export class UnimplementedFileMode extends HTTPException {}
export class IncompleteRead extends HTTPException {}
export class ImproperConnectionState extends HTTPException {}
export class CannotSendRequest extends ImproperConnectionState {}
export class CannotSendHeader extends ImproperConnectionState {}
export class ResponseNotReady extends ImproperConnectionState {}
export class BadStatusLine extends HTTPException {}
export class LineTooLong extends HTTPException {}
/** Also an instance of ConnectionResetError. */
export class RemoteDisconnected extends BadStatusLine {}
/** Strict mode refused what RFC 9112 calls an error; not in Python. */
export class StrictError extends HTTPException {}

/** Transport errors; party "relay" where the relay is at fault. */
export class OSError extends PythonError {}
export class TimeoutError extends OSError {}
export class BlockingIOError extends OSError {}
export class PermissionError extends OSError {}
/** The host's name was not found. Python: socket.gaierror. */
export class gaierror extends OSError {}
export class ConnectionError extends OSError {}
export class ConnectionResetError extends ConnectionError {}
export class ConnectionRefusedError extends ConnectionError {}
export class ConnectionAbortedError extends ConnectionError {}
export class BrokenPipeError extends ConnectionError {}
/** Also an instance of ValueError. Python: io.UnsupportedOperation. */
export class UnsupportedOperation extends OSError {}
export class FileNotFoundError extends OSError {}
/** TLS failed. Python: ssl.SSLError. */
export class SSLError extends OSError {}
/** The server's certificate is not trusted or names another; also an instance of ValueError. Python: ssl.SSLCertVerificationError. */
export class SSLCertVerificationError extends SSLError {}
/** The transport ended in the middle of TLS. Python: ssl.SSLEOFError. */
export class SSLEOFError extends SSLError {}
/** Python: ssl.SSLZeroReturnError. */
export class SSLZeroReturnError extends SSLError {}

export class ValueError extends PythonError {}
export class UnicodeError extends ValueError {}
export class UnicodeEncodeError extends UnicodeError {}
export class UnicodeDecodeError extends UnicodeError {}
/** Python's TypeError: its `name` is "TypeError". */
export class PyTypeError extends PythonError {}
export class AssertionError extends PythonError {}
export class AttributeError extends PythonError {}
export class RuntimeError extends PythonError {}
export class OverflowError extends PythonError {}
export class KeyError extends PythonError {}

/** The client could not be loaded; load() can be called again. */
export class LoadError extends Error {
	constructor(code: LoadErrorCode, message: string, cause?: unknown);
	code: LoadErrorCode;
	party: "client";
}

/**
 * What failed: an option that is no URL; a browser without module Workers or
 * WebAssembly; the Content-Security-Policy; the worker script; the fetch of the
 * wasm; its HTTP status; its compilation; a wasm and worker script of different
 * builds; anything else in the worker.
 */
export type LoadErrorCode =
	| "option"
	| "unsupported"
	| "csp"
	| "worker-script"
	| "wasm-fetch"
	| "wasm-status"
	| "wasm-compile"
	| "wasm-mismatch"
	| "worker";

/** The client was closed, or its worker failed, while a call was under way or before it. */
export class ClientClosedError extends Error {
	constructor(message: string);
	party: "client";
}
