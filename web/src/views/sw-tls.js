// @ts-check
/** TLS: what was agreed, who can read what, and each record beside the plaintext that it carried. */
import { html, nothing } from "lit";
import { Element } from "./element.js";
import { hex2, latin1, toBytes } from "../model/bytes.js";
import { ofRange } from "../model/select.js";
import "./sw-keys.js";

/** @import { Session } from "../session.js" */
/** @import { View } from "../model/view.js" */
/** @import { CertificateEvent, HandshakeEvent, RecordEvent } from "../types.d.ts" */

/** Records shown; more of them would say the same. */
const LIMIT = 200;
/** Bytes shown of each. */
const BYTES = 24;

export class SwTls extends Element {
  static properties = { session: { attribute: false }, view: { attribute: false } };

  constructor() {
    super();
    /** @type {Session} */
    this.session = /** @type {any} */ (null);
    /** @type {View} */
    this.view = /** @type {any} */ (null);
  }

  render() {
    const v = this.view, here = this.session.inPage.shown;
    /** @type {RecordEvent[]} */
    const records = [];
    /** @type {CertificateEvent[]} */
    const certificates = [];
    /** @type {HandshakeEvent | null} */
    let done = null;
    for (let i = 0; i < v.cursor; i++) {
      const e = v.log.events[i];
      if (e.type === "tls-record") records.push(e);
      else if (e.type === "tls-certificate") certificates.push(e);
      else if (e.type === "tls-handshake" && e.phase !== "start") done = e;
    }
    const { source } = this.session.current;
    // What others recorded has neither the records nor what was agreed on.
    if (!records.length && ((source && source.kind !== "recording") || (done?.phase === "done" && !done.version))) {
      return html`<p class="empty">${done ? "Of what went over TLS this holds the plaintext: whoever saw the wire had only ciphertext."
        : "What was read holds the plaintext alone. Whether it went over TLS, and who could read it on its way, it does not say."}</p>`;
    }
    if (!records.length && !done) return html`<p class="empty">Nothing here went over TLS: the page, and on the way the relay and whoever sees the wire, can read every byte. Choose https in the request to see the difference.</p>`;
    const cut = Math.max(0, records.length - LIMIT);
    return html`<div class="tls">
      ${done?.phase === "done" ? html`<p><b>${done.version}</b> · <span class="mono">${done.cipher_suite}</span>${done.group ? ` · ${done.group}` : ""}${done.alpn ? ` · ${done.alpn}` : ""} · ${done.verified ? "the certificate was verified" : "the certificate was not verified: anybody could be the server"}</p>`
        : done?.error ? html`<p><b class="error-name">${done.error.name}</b> ${done.error.message}</p>` : html`<p>The handshake is under way.</p>`}
      <div>${this.session.current.source ? nothing : html`<p class="tls-keys">Keys: ${this.session.current.keyed ? html`<b>kept</b> in memory for this run` : "not kept for this run"}.</p><sw-keys .session=${this.session}></sw-keys>`}</div>
      <section aria-labelledby="tls-who"><h3 id="tls-who">Who can read what</h3>
        ${here ? html`<p class="hint">Here nobody else: the server is in this page, too. Between this page and a server elsewhere it would be so:</p>` : nothing}
        <table class="tls-who"><thead><tr><th scope="col">Part</th><th scope="col">page</th><th scope="col">relay</th><th scope="col">wire</th></tr></thead><tbody>
          ${row("Address and port of the server", "reads", "reads", "reads")}
          ${done?.server_name ? row("Server name in the handshake", "reads", "reads", "reads") : nothing}
          ${row("Certificates", "reads", ...Array(2).fill(done?.version === "TLS 1.2" ? "reads" : "ciphertext"))}
          ${row("Request and response", "reads", "ciphertext", "ciphertext")}
          ${row("Sizes and times of records", "reads", "reads", "reads")}
        </tbody></table></section>
      ${certificates.length ? html`<section aria-labelledby="tls-certs"><h3 id="tls-certs">Certificates</h3>
        <table><thead><tr><th scope="col">Subject</th><th scope="col">Issuer</th><th scope="col">Valid until</th></tr></thead><tbody>
          ${certificates.map((c) => html`<tr><th scope="row">${c.subject || (c.names ?? []).join(", ")}${c.sent ? "" : " (in the client’s store)"}</th><td>${c.issuer}</td><td class="tls-date">${String(c.not_after).slice(0, 10)}</td></tr>`)}
        </tbody></table></section>` : nothing}
      <section aria-labelledby="tls-records"><h3 id="tls-records">Records, and the plaintext they carried</h3>
        ${cut ? html`<p class="hint">${cut} earlier records left out.</p>` : nothing}
        <table class="tls-records"><thead><tr><th scope="col">Record</th><th scope="col">On the wire</th><th scope="col">Plaintext</th></tr></thead><tbody>
          ${records.slice(cut).map((r) => this.#record(r))}
        </tbody></table></section>
    </div>`;
  }

  /** @param {RecordEvent} r */
  #record(r) {
    const bytes = toBytes(r.bytes), p = r.plaintext, conn = r.conn ?? 1;
    const text = p ? latin1(this.view.log.stream(conn, r.dir).slice(p.start, Math.min(p.end, p.start + BYTES))).replace(/[^\x20-\x7e]/g, "·") : "";
    return html`<tr><th scope="row"><span class="dir-${r.dir}" aria-hidden="true">${r.dir === "sent" ? "→" : "←"}</span><span class="sr-only">${r.dir}</span>&nbsp;${r.content.replaceAll("_", " ")}${r.outer && r.outer !== r.content ? html`<span class="hint"> seen as ${r.outer.replaceAll("_", " ")}</span>` : nothing}</th>
      <td><span class="mono">${[...bytes.subarray(0, 12)].map(hex2).join(" ")}${r.size > 12 ? " …" : ""}</span> <span class="hint">${r.size} bytes</span></td>
      <td>${p && p.end > p.start ? html`<button class="link mono" type="button" title="Show the bytes" @click=${() => this.session.pin(ofRange(conn, r.dir, [p.start, p.end], "tls"))}><span class="sr-only">${r.dir} plaintext ${p.start}–${p.end - 1}: </span>${text}${p.end - p.start > BYTES ? "…" : ""}</button>` : r.protected ? html`<span class="hint">none of HTTP</span>` : html`<span class="hint">sent in the clear</span>`}</td></tr>`;
  }
}
customElements.define("sw-tls", SwTls);

/** @param {string} what @param {string[]} who */
const row = (what, ...who) => html`<tr><th scope="row">${what}</th>${who.map((w) => html`<td class=${w === "reads" ? "can" : ""}>${w}</td>`)}</tr>`;
