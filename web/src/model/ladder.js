// @ts-check
/** The rows of the sequence ladder: what passed between the page, the relay and the server. */
import { countAt } from "./search.js";

/** @import { TraceEvent } from "../types.d.ts" */

/** @typedef {{ event: number, step: number, t: number, kind: "connect" | "send" | "recv" | "eof" | "closed" | "error" | "relay" | "tls", text: string, detail: string, conn: number, size: number, offset: number, lanes: "relay" | "server" }} LadderRow */

export class Ladder {
  constructor() {
    /** @type {LadderRow[]} */
    this.rows = [];
  }

  /** How many rows there are as of `cursor`. @param {number} cursor */
  lengthAt(cursor) { return countAt(this.rows, cursor); }

  /** @param {TraceEvent} e @param {number} event @param {number} step the call that it happened in; -1 for none */
  push(e, event, step) {
    /** @param {Partial<LadderRow> & { kind: LadderRow["kind"] }} row */
    const add = (row) => this.rows.push({ event, step, t: e.t, text: "", detail: "", conn: e.conn ?? 0, size: 0, offset: 0, lanes: "server", ...row });
    switch (e.type) {
      case "connect":
        if (e.phase === "start") add({ kind: "connect", text: "connect", detail: `${e.host}:${e.port}` });
        else if (e.phase === "open") add({ kind: "connect", text: "open", detail: `${e.host}:${e.port}` });
        else add({ kind: "error", text: e.error?.name ?? "failed", detail: e.error?.message ?? `${e.host}:${e.port}`, lanes: e.error?.party === "relay" ? "relay" : "server" });
        break;
      case "send":
        if (e.size) add({ kind: "send", text: "", size: e.size, offset: e.offset });
        if (e.error) add({ kind: "error", text: e.error.name, detail: e.error.message, lanes: e.error.party === "relay" ? "relay" : "server" });
        break;
      case "recv":
        if (e.size) add({ kind: "recv", text: "", size: e.size, offset: e.offset });
        if (e.eof) add({ kind: "eof", text: "end of stream" });
        if (e.error) add({ kind: "error", text: e.error.name, detail: e.error.message, lanes: e.error.party === "relay" ? "relay" : "server" });
        break;
      case "closed": add({ kind: "closed", text: "closed by the client" }); break;
      case "tls-handshake":
        if (e.phase === "failed") add({ kind: "error", text: e.error?.name ?? "TLS failed", detail: e.error?.message ?? "" });
        else if (e.phase === "start") add({ kind: "tls", text: "TLS handshake", detail: e.server_hostname ?? "" });
        else add({ kind: "tls", text: e.version ?? "TLS", detail: [e.cipher_suite, e.group, e.verified === undefined ? "" : e.verified ? "verified" : "not verified"].filter(Boolean).join(" · ") });
        break;
      case "tls-certificate": add({ kind: "tls", text: "certificate", detail: e.subject }); break;
      case "tls-record":
        // Those of application data stand beside the plaintext that they carried.
        if (e.content !== "application_data") add({ kind: "tls", text: `${e.dir === "sent" ? "→" : "←"} ${e.content.replaceAll("_", " ")}`, detail: `record of ${e.size} bytes` });
        break;
      case "relay": add({ kind: "relay", text: e.what, detail: e.detail ?? "", lanes: "relay" }); break;
    }
  }
}
