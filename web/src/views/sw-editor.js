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
import { parseProgram, withoutPrompts } from "../model/pyparse.js";

/** @import { Session } from "../session.js" */
/** @import { View } from "../model/view.js" */
/** @import { Problem, Program } from "../model/pyexpressions.js" */

/** What the views know of the run: classes by line, breakpoints by line, or null to leave them. @typedef {{ classes: Map<number, string>, breaks: Set<number> | null }} Marks */

const setMarks = /** @type {import("@codemirror/state").StateEffectType<Marks>} */ (StateEffect.define());

class Dot extends GutterMarker {
  // What is typed before its line takes it along.
  startSide = 1;
  endSide = 1;

  toDOM() {
    const d = document.createElement("span");
    d.className = "break-dot";
    return d;
  }
}
const dot = new Dot();

/** @param {EditorState} state @param {Iterable<number>} lines */
const dots = (state, lines) => RangeSet.of([...new Set(lines)].sort((a, b) => a - b).filter((l) => l < state.doc.lines).map((l) => dot.range(state.doc.line(l + 1).from)));

/** Lines with a breakpoint, from 0. @param {EditorState} state */
function dotted(state) {
  /** @type {number[]} */
  const out = [];
  for (const at = state.field(breakField).iter(); at.value; at.next()) out.push(state.doc.lineAt(at.from).number - 1);
  return out;
}

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
    let v = value;
    if (tr.docChanged) {
      /** @type {number[]} */
      const lines = [];
      for (const at = value.map(tr.changes).iter(); at.value; at.next()) lines.push(tr.newDoc.lineAt(at.from).number - 1);
      v = dots(tr.state, lines);
    }
    for (const e of tr.effects) if (e.is(setMarks) && e.value.breaks) v = dots(tr.state, e.value.breaks);
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
    /** The session's program when the text was last brought in step with it, and the run. */
    this.known = "";
    /** @type {import("../run.js").Run | null} */
    this.run = null;
    this.own = false;
    /** The step whose line was last brought in sight. */
    this.shown = "";
    /** The first fault in words, for those who do not see the mark. */
    this.fault = document.createElement("p");
    this.fault.setAttribute("role", "status");
    this.fault.className = "fault";
    /** What is skipped, in words. */
    this.skipped = document.createElement("p");
    this.skipped.className = "skipped";
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
    sheet.replaceSync(".fault{margin:0;padding:6px 10px;font:500 12px/1.45 var(--sans);color:var(--bad-ink);border-top:1px solid var(--line)}.skipped{margin:0;padding:6px 10px;font:400 12px/1.45 var(--sans);color:var(--muted);border-top:1px solid var(--line)}p:empty{display:none}");
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
          EditorView.clipboardInputFilter.of(withoutPrompts),
          EditorView.contentAttributes.of({ "aria-label": "Program code", "aria-description": "Python, a call on each line. Control B sets a breakpoint on the line; Tab leaves the editor.", tabindex: "0", autocapitalize: "off", autocorrect: "off", spellcheck: "false" }),
          EditorView.updateListener.of((u) => { if (u.docChanged && !this.own) this.#edited(); }),
        ],
      }),
    });
    // CodeMirror adopts its own sheets; this one goes beside them.
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
    root.append(this.fault, this.skipped);
  }

  /** The session's program, in its own words: the line of the connection, and a line for each call. */
  #lines() {
    const r = this.session.current;
    const list = [...r.log.steps.map((s) => ({ name: s.name, args: s.args })), ...r.plan];
    const first = list[0]?.name.startsWith("HTTP") ? list.shift() : undefined;
    const ctor = first ?? { name: r.tls ? "HTTPSConnection" : "HTTPConnection", args: { host: r.host, port: r.port, ...r.options } };
    return { ctor, calls: list, text: [ctor, ...list].map((c) => written(c)).join("\n") };
  }

  #sync() {
    const cm = this.cm;
    if (!cm || !this.session) return;
    const { ctor, calls, text } = this.#lines(), run = this.session.current;
    if (text !== this.known || run !== this.run) {
      const typed = run.code?.of === text ? run.code.text : null;
      this.known = text;
      this.run = run;
      this.own = true;
      if (typed !== null) this.#replace(typed);
      else this.#follow(ctor, calls, text);
      this.own = false;
      run.code = { text: cm.state.doc.toString(), of: text };
    }
    cm.dispatch({ effects: setMarks.of(this.#marks()) });
    this.#reveal();
  }

  /** Scrolls to the line of the step, when that is another one: the editor, and nothing around it. */
  #reveal() {
    const run = this.session.current, { steps } = this.session.view, now = `${run.number}/${steps}`;
    const place = this.#program.places[Math.max(0, steps - 1 - own(run))];
    if (now === this.shown || !place) return;
    this.shown = now;
    this.#scroll(place.first);
  }

  /** Scrolls to a line, and looks again once that is drawn: until then its place is only estimated. @param {number} line from 0 @param {number} [looks] */
  #scroll(line, looks = 3) {
    const cm = /** @type {EditorView} */ (this.cm);
    cm.requestMeasure({
      key: this,
      read: ({ scrollDOM: box, state, documentPadding }) => {
        if (line >= state.doc.lines) return box.scrollTop;
        const { top, bottom } = cm.lineBlockAt(state.doc.line(line + 1).from), end = bottom + documentPadding.top;
        return top < box.scrollTop ? top : end > box.scrollTop + box.clientHeight ? end - box.clientHeight + 24 : box.scrollTop;
      },
      write: (to) => {
        if (Math.abs(cm.scrollDOM.scrollTop - to) < 1) return;
        cm.scrollDOM.scrollTop = to;
        if (looks > 1) this.#scroll(line, looks - 1);
      },
    });
  }

  /** @param {string} text */
  #replace(text) {
    const cm = /** @type {EditorView} */ (this.cm), now = cm.state.doc.toString();
    if (now !== text) this.#change(...difference(now, text));
  }

  /** @param {number} from @param {number} to @param {string} insert */
  #change(from, to, insert) {
    /** @type {EditorView} */ (this.cm).dispatch({ changes: { from, to, insert } });
  }

  /**
   * Brings the text in step with the session's program. What was typed and means
   * the same stays as it was typed: the lines of those calls that differ are
   * replaced, and comments, names and imports are left alone.
   * @param {{ name: string, args: any }} ctor @param {{ name: string, args: any }[]} calls @param {string} text
   */
  #follow(ctor, calls, text) {
    const { doc } = /** @type {EditorView} */ (this.cm).state, p = parseProgram(doc.toString());
    const before = p.calls.map((c) => written(c)), after = calls.map((c) => written(c));
    let a = 0, z = 0;
    while (a < before.length && a < after.length && before[a] === after[a]) a++;
    while (z < before.length - a && z < after.length - a && before[before.length - 1 - z] === after[after.length - 1 - z]) z++;
    const first = p.places[a], lastOf = p.places[before.length - 1 - z], left = p.places[a - 1], right = p.places[before.length - z];
    const together = (left && first && left.last === first.first) || (right && lastOf && lastOf.last === right.first) || (left && right && left.last === right.first);
    // Another program altogether, or one that cannot be followed line by line.
    if (p.errors.length || together || (before.length && a + z === 0)) return this.#replace(text);
    const lines = calls.slice(a, after.length - z).map((c) => written(c, p.names));
    if (a < before.length - z) {
      const from = doc.line(first.first + 1).from, { to } = doc.line(lastOf.last + 1);
      // With the last call of a line goes its line ending.
      if (lines.length) this.#change(from, to, lines.join("\n"));
      else this.#change(Math.max(0, from - 1), from ? to : Math.min(to + 1, doc.length), "");
    } else if (lines.length) {
      const at = left ?? p.ctorPlace;
      if (at) this.#change(doc.line(at.last + 1).to, doc.line(at.last + 1).to, "\n" + lines.join("\n"));
      else if (right) this.#change(doc.line(right.first + 1).from, doc.line(right.first + 1).from, lines.join("\n") + "\n");
      else return this.#replace(text);
    }
    const line = written(ctor, p.names);
    if (p.ctor && p.ctorPlace && connectionLine(p) !== written(ctor)) {
      const now = /** @type {EditorView} */ (this.cm).state.doc;
      this.#change(now.line(p.ctorPlace.first + 1).from, now.line(p.ctorPlace.last + 1).to, line);
    }
  }

  /** The program that the text is. */
  get #program() {
    return parseProgram(/** @type {EditorView} */ (this.cm).state.doc.toString());
  }

  /** @returns {Marks} */
  #marks() {
    const { errors, places } = this.#program, r = this.session.current, v = this.session.view;
    const before = own(r);
    /** @type {Map<number, string>} */
    const classes = new Map();
    /** @param {number} step @param {string} name */
    const mark = (step, name) => {
      const place = places[step - before];
      for (let l = place?.first; l <= place?.last; l++) classes.set(l, name);
    };
    const now = v.steps - 1;
    if (v.steps === r.log.steps.length && r.plan.length) mark(v.steps, "line-next");
    if (now >= 0) mark(now, r.log.steps[now]?.ret?.error ? "line-failed" : "line-now");
    // While the text cannot be read they stay where they are in it.
    const breaks = errors.length ? null : new Set([...r.breakpoints].map((i) => places[i - before]?.first).filter((l) => l !== undefined));
    return { classes, breaks };
  }

  /** @param {number} line */
  #toggle(line) {
    const { places } = this.#program;
    const i = places.findIndex((p) => p.first <= line && line <= p.last);
    if (i >= 0) this.session.toggleBreakpoint(i + own(this.session.current));
    else this.session.announce(`Line ${line + 1} makes no call: a breakpoint is set on one that does.`);
  }

  #edited() {
    const { state } = /** @type {EditorView} */ (this.cm), text = state.doc.toString();
    const { calls, ctor, errors, places } = parseProgram(text), r = this.session.current;
    if (!errors.length) {
      const breaks = new Set(dotted(state).map((l) => places.findIndex((p) => p.first <= l && l <= p.last)).filter((i) => i >= 0));
      const { host, port, tls, ...options } = ctor ?? { ...r.options, host: r.host, port: r.port, tls: r.tls };
      this.session.setProgram({ host, port, tls, options }, calls, breaks);
      this.known = this.#lines().text;
      this.run = this.session.current;
    }
    this.session.current.code = { text, of: this.known };
  }

  /** @param {EditorView} cm */
  #lint(cm) {
    const { doc } = cm.state, { errors, warnings, skipped } = parseProgram(doc.toString());
    /** @param {Problem} e where a person counts, characters are columns */
    const column = (e) => Array.from(doc.line(e.line + 1).text.slice(0, e.from)).length + 1;
    const first = errors[0];
    say(this.fault, first ? `Line ${first.line + 1}, column ${column(first)}: ${first.message}. ${errors.length > 1 ? `There ${errors.length > 2 ? `are ${errors.length - 1} more faults` : "is one more fault"}. ` : ""}The program before this edit still stands.` : "");
    const rows = skipped.map((s) => s.first + 1);
    say(this.skipped, rows.length ? `${rows.length > 1 ? "Lines" : "Line"} ${list(rows)} ${rows.length > 1 ? "make" : "makes"} no call and ${rows.length > 1 ? "are" : "is"} skipped: what print() would show is under Response.` : "");
    /** @param {"error" | "warning"} severity */
    const marks = (severity) => (/** @type {Problem} */ e) => {
      const l = doc.line(e.line + 1);
      return { from: Math.min(l.from + e.from, l.to), to: Math.min(l.from + e.to, l.to), severity, message: `Column ${column(e)}: ${e.message}.` };
    };
    return [...errors.map(marks("error")), ...warnings.map(marks("warning"))];
  }
}
customElements.define("sw-editor", SwEditor);

/** Calls of a log before those of the text: the constructor, where the log has it as one. @param {import("../run.js").Run} run */
const own = (run) => (run.log.steps[0]?.name.startsWith("HTTP") ? 1 : 0);

/** @param {{ name: string, args: any }} call @param {{ conn: string, resp: string }} [names] */
const written = (call, names) => formatCall(call, { max: Infinity, names });

/** The connection of a program in the session's words. @param {Program} p */
const connectionLine = ({ ctor }) => (ctor ? written({ name: ctor.tls ? "HTTPSConnection" : "HTTPConnection", args: ctor }) : "");

/** The smallest change that makes `b` of `a`. @param {string} a @param {string} b @returns {[from: number, to: number, insert: string]} */
function difference(a, b) {
  let from = 0, same = 0;
  while (from < a.length && from < b.length && a[from] === b[from]) from++;
  while (same < a.length - from && same < b.length - from && a[a.length - 1 - same] === b[b.length - 1 - same]) same++;
  return [from, a.length - same, b.slice(from, b.length - same)];
}

/** Says it, unless it is said already. @param {HTMLElement} where @param {string} text */
function say(where, text) {
  if (where.textContent !== text) where.textContent = text;
}

/** The first of many line numbers. @param {number[]} rows */
const list = (rows) => (rows.length > 6 ? `${rows.slice(0, 5).join(", ")} and ${rows.length - 5} more` : rows.length > 1 ? `${rows.slice(0, -1).join(", ")} and ${rows[rows.length - 1]}` : String(rows[0]));
