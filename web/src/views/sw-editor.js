// @ts-check
/**
 * The program as code, in CodeMirror. It lives in a shadow root: there its styles
 * are adopted style sheets, which the page's policy allows.
 */
import { EditorState, RangeSet, StateEffect, StateField } from "@codemirror/state";
import { Decoration, EditorView, GutterMarker, drawSelection, gutter, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { HighlightStyle, bracketMatching, syntaxHighlighting } from "@codemirror/language";
import { python } from "@codemirror/lang-python";
import { linter } from "@codemirror/lint";
import { tags } from "@lezer/highlight";
import { formatCall } from "../model/python.js";
import { parseProgram } from "../model/pyparse.js";

/** @import { Session } from "../session.js" */
/** @import { View } from "../model/view.js" */

/** What the views know of the run: classes by line, breakpoints by line. @typedef {{ classes: Map<number, string>, breaks: Set<number> }} Marks */

const setMarks = /** @type {import("@codemirror/state").StateEffectType<Marks>} */ (StateEffect.define());

class Dot extends GutterMarker {
  toDOM() {
    const d = document.createElement("span");
    d.className = "break-dot";
    return d;
  }
}
const dot = new Dot();

/** @param {EditorState} state @param {Map<number, string>} classes */
function lineMarks(state, classes) {
  const out = [];
  for (const [line, name] of [...classes].sort((a, b) => a[0] - b[0])) {
    if (line < state.doc.lines) out.push(Decoration.line({ class: name }).range(state.doc.line(line + 1).from));
  }
  return Decoration.set(out);
}

const lineField = StateField.define({
  create: () => Decoration.none,
  update(value, tr) {
    let v = value.map(tr.changes);
    for (const e of tr.effects) if (e.is(setMarks)) v = lineMarks(tr.state, e.value.classes);
    return v;
  },
  provide: (f) => EditorView.decorations.from(f),
});

const breakField = StateField.define({
  create: () => /** @type {RangeSet<GutterMarker>} */ (RangeSet.empty),
  update(value, tr) {
    let v = value.map(tr.changes);
    for (const e of tr.effects) {
      if (e.is(setMarks)) {
        v = RangeSet.of([...e.value.breaks].sort((a, b) => a - b).filter((l) => l < tr.state.doc.lines).map((l) => dot.range(tr.state.doc.line(l + 1).from)));
      }
    }
    return v;
  },
});

const colours = HighlightStyle.define([
  { tag: tags.string, color: "var(--ok-ink)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--recv-ink)" },
  { tag: tags.comment, color: "var(--faint)", fontStyle: "italic" },
  { tag: [tags.function(tags.variableName), tags.function(tags.propertyName), tags.propertyName], color: "var(--sent-ink)" },
]);

const look = EditorView.theme({
  "&": { fontSize: "12.5px", color: "var(--text)", backgroundColor: "transparent" },
  "&.cm-focused": { outline: "2px solid var(--focus)", outlineOffset: "-2px" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "24px", maxHeight: "360px" },
  ".cm-content": { padding: "4px 0", caretColor: "var(--text)" },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  ".cm-gutters": { backgroundColor: "var(--panel)", color: "var(--faint)", border: "0" },
  ".cm-lineNumbers .cm-gutterElement": { padding: "0 6px 0 2px", minWidth: "20px", fontSize: "11px" },
  ".cm-breaks": { width: "16px", cursor: "pointer" },
  ".cm-breaks .cm-gutterElement": { display: "grid", placeItems: "center" },
  ".break-dot": { width: "10px", height: "10px", borderRadius: "50%", background: "var(--bad)", display: "block" },
  ".cm-activeLine": { backgroundColor: "transparent" },
  ".cm-line": { borderLeft: "3px solid transparent", paddingLeft: "5px" },
  ".line-now": { backgroundColor: "var(--sent-soft)", borderLeftColor: "var(--accent)" },
  ".line-next": { borderLeftColor: "var(--line-strong)" },
  ".line-failed": { backgroundColor: "var(--bad-soft)", borderLeftColor: "var(--bad)" },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": { background: "color-mix(in srgb, var(--accent) 25%, transparent) !important" },
  ".cm-tooltip": { background: "var(--raised)", color: "var(--text)", border: "1px solid var(--line-strong)", fontFamily: "var(--sans)" },
  ".cm-diagnostic-error": { borderLeftColor: "var(--bad)" },
});

export class SwEditor extends HTMLElement {
  constructor() {
    super();
    this.attachShadow({ mode: "open" });
    /** @type {Session} */
    this.session = /** @type {any} */ (null);
    /** @type {View} */
    this.view = /** @type {any} */ (null);
    /** @type {EditorView | null} */
    this.cm = null;
    /** The program as it was last taken from, or given to, the session. */
    this.known = "";
    this.own = false;
    /** The first fault in words, for those who do not see the mark. */
    this.fault = document.createElement("p");
    this.fault.setAttribute("role", "status");
    this.fault.className = "fault";
  }

  /** Lit sets this with every change. @param {number} _ */
  set rev(_) { this.#sync(); }

  connectedCallback() {
    if (!this.cm) this.#create();
    this.#sync();
  }

  #create() {
    const root = /** @type {ShadowRoot} */ (this.shadowRoot);
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(".fault{margin:0;padding:6px 10px;font:500 12px/1.45 var(--sans);color:var(--bad-ink);border-top:1px solid var(--line)}.fault:empty{display:none}");
    this.cm = new EditorView({
      root,
      parent: root,
      state: EditorState.create({
        extensions: [
          lineField, breakField,
          gutter({ class: "cm-breaks", markers: (v) => v.state.field(breakField), domEventHandlers: { mousedown: (v, line) => { this.#toggle(v.state.doc.lineAt(line.from).number - 1); return true; } } }),
          lineNumbers(), history(), drawSelection(), bracketMatching(), highlightActiveLine(),
          python(), syntaxHighlighting(colours), look,
          linter((v) => this.#lint(v), { delay: 150 }),
          keymap.of([
            { key: "Mod-Enter", run: () => false },
            { key: "Ctrl-b", run: (v) => { this.#toggle(v.state.doc.lineAt(v.state.selection.main.head).number - 1); return true; } },
            // Tab leaves the editor: no keyboard trap.
            ...defaultKeymap.filter((k) => k.key !== "Mod-Enter"), ...historyKeymap,
          ]),
          EditorView.contentAttributes.of({ "aria-label": "Program code", tabindex: "0", autocapitalize: "off", autocorrect: "off", spellcheck: "false" }),
          EditorView.updateListener.of((u) => { if (u.docChanged && !this.own) this.#edited(); }),
        ],
      }),
    });
    // CodeMirror adopts its own sheets; this one goes beside them.
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
    root.append(this.fault);
  }

  /** The session's program as text. */
  #text() {
    const r = this.session.current;
    const made = r.log.steps.map((s) => ({ name: s.name, args: s.args }));
    const list = [...made, ...r.plan];
    const ctor = list[0]?.name.startsWith("HTTP") ? [] : [{ name: r.tls ? "HTTPSConnection" : "HTTPConnection", args: { host: r.host, port: r.port } }];
    return [...ctor, ...list].map((c) => formatCall(c, { max: Infinity })).join("\n");
  }

  #sync() {
    const cm = this.cm;
    if (!cm || !this.session) return;
    const text = this.#text();
    if (text !== this.known) {
      this.known = text;
      const now = cm.state.doc.toString();
      // What was typed means the same: it stays as it was typed.
      if (now !== text && canonical(now) !== text) {
        let a = 0;
        while (a < now.length && a < text.length && now[a] === text[a]) a++;
        let z = 0;
        while (z < now.length - a && z < text.length - a && now[now.length - 1 - z] === text[text.length - 1 - z]) z++;
        this.own = true;
        cm.dispatch({ changes: { from: a, to: now.length - z, insert: text.slice(a, text.length - z) } });
        this.own = false;
      }
    }
    cm.dispatch({ effects: setMarks.of(this.#marks()) });
  }

  /** Lines of the document that are calls. */
  #callLines() {
    return parseProgram(/** @type {EditorView} */ (this.cm).state.doc.toString()).lines.filter((l) => l.call).map((l) => l.line);
  }

  /** @returns {Marks} */
  #marks() {
    const lines = this.#callLines(), r = this.session.current, v = this.session.view;
    /** @type {Map<number, string>} */
    const classes = new Map();
    const now = v.steps - 1;
    if (now >= 0 && lines[now] != null) classes.set(lines[now], r.log.steps[now]?.ret?.error ? "line-failed" : "line-now");
    if (v.steps === r.log.steps.length && r.plan.length && lines[v.steps] != null) classes.set(lines[v.steps], "line-next");
    return { classes, breaks: new Set([...r.breakpoints].map((i) => lines[i]).filter((l) => l != null)) };
  }

  /** @param {number} line */
  #toggle(line) {
    const i = this.#callLines().indexOf(line);
    if (i >= 0) this.session.toggleBreakpoint(i);
  }

  #edited() {
    const cm = /** @type {EditorView} */ (this.cm);
    const { calls, ctor, errors } = parseProgram(cm.state.doc.toString());
    if (errors.length) return;
    const r = this.session.current;
    this.known = canonical(cm.state.doc.toString());
    this.session.setProgram(ctor?.host ?? r.host, ctor ? ctor.port : r.port, calls, ctor ? ctor.tls : r.tls);
  }

  /** @param {EditorView} cm */
  #lint(cm) {
    const { errors } = parseProgram(cm.state.doc.toString());
    const first = errors[0];
    this.fault.textContent = first?.error ? `Line ${first.line + 1}, column ${first.error.from + 1}: ${first.error.message}. The program before this edit still stands.` : "";
    return errors.map(({ line, error }) => {
      const l = cm.state.doc.line(line + 1), e = /** @type {NonNullable<typeof error>} */ (error);
      return { from: Math.min(l.from + e.from, l.to), to: Math.min(l.from + e.to, l.to), severity: /** @type {const} */ ("error"), message: `Column ${e.from + 1}: ${e.message}.` };
    });
  }
}
customElements.define("sw-editor", SwEditor);

/** A program as the session would write it. @param {string} text */
function canonical(text) {
  const p = parseProgram(text);
  if (p.errors.length) return "";
  const ctor = p.ctor ? [formatCall({ name: p.ctor.tls ? "HTTPSConnection" : "HTTPConnection", args: p.ctor })] : [];
  return [...ctor, ...p.calls.map((c) => formatCall(c, { max: Infinity }))].join("\n");
}
