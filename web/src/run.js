// @ts-check
/** One conversation: its log, what is still planned, and the live connection behind it. */
import { EventLog } from "./model/log.js";
import { NO_FAULTS } from "./model/line.js";

/** @import { Call, ConnectionArgs, Faults, TraceEvent } from "./types.d.ts" */

export class Run {
  /** @param {number} number @param {string} host @param {number | null} port @param {Call[]} plan */
  constructor(number, host, port, plan) {
    this.number = number;
    this.host = host;
    this.port = port;
    /** Whether it is an HTTPSConnection. */
    this.tls = false;
    /** What else the connection is made with. @type {Omit<ConnectionArgs, "host" | "port">} */
    this.options = {};
    /** The program as it was typed, and which program that was, in the session's own words. @type {{ text: string, of: string } | null} */
    this.code = null;
    /** Whether the connection keeps its key log. */
    this.keyed = false;
    /** What is wrong with the line, where the server is in the page. @type {Faults} */
    this.faults = NO_FAULTS;
    this.log = new EventLog();
    /** Calls not made yet. @type {Call[]} */
    this.plan = plan;
    /** @type {any} */
    this.conn = null;
    /** @type {any} */
    this.response = null;
    /** Cursor in events; equal to the log's length while following. */
    this.cursor = 0;
    this.follow = true;
    /** @type {{ run: number, step: number } | null} */
    this.forkOf = null;
    this.ended = false;
    /** What the run was decoded from, and what of that it lacks: nothing can be called in it. @type {{ kind: string, name: string, lacks: string, recording: any } | null} */
    this.source = null;
    this.created = new Date().toISOString();
    /** Whether a call of it is under way. */
    this.busy = false;
    /** Whether call follows call, until something stops it. */
    this.running = false;
    /** Ends the call under way. @type {AbortController | null} */
    this.abort = null;
    /** Whether it was stopped since its last call began: what was to follow is not made. */
    this.halted = false;
    /** Presses of Step that came while a call was under way. */
    this.queued = 0;
    /** Whether the call being made is the head of the plan: it leaves it when it is recorded. */
    this.planned = false;
    /** Calls to stop before, by their place in the program. @type {Set<number>} */
    this.breakpoints = new Set();
    /** @type {(() => void)[]} */
    this.waiters = [];
  }

  /** @param {TraceEvent} e */
  push(e) {
    const before = this.log.steps.length;
    this.log.push(e);
    if (this.log.steps.length > before) {
      if (this.planned) {
        // The log has no content of a file, for one: the step keeps what the program gives.
        const step = this.log.steps[before], [call] = this.plan;
        if (step.name === call.name) step.args = call.args;
        this.plan = this.plan.slice(1);
      }
      // A call that was not planned comes before those that are: they keep their breakpoints.
      else this.breakpoints = new Set([...this.breakpoints].map((i) => (i < before ? i : i + 1)));
      this.planned = false;
    }
    if (this.follow) this.cursor = this.log.length;
    for (const w of this.waiters.splice(0)) w();
  }

  /** Resolves at the next event, or when there will be none. */
  next() {
    return this.ended ? Promise.resolve() : new Promise((/** @type {(v?: any) => void} */ r) => this.waiters.push(r));
  }
}

/** The calls of a run, made and planned, without the constructor's. @param {Run} r @returns {Call[]} */
export const callsOf = (r) => [...r.log.steps, ...r.plan].map((c) => ({ name: c.name, args: c.args })).filter((c) => !c.name.startsWith("HTTP"));

/** Whether two connections are made alike. @param {Run["options"]} a @param {Run["options"]} b */
export const sameOptions = (a, b) => a.timeout === b.timeout && a.blocksize === b.blocksize && String(a.source_address) === String(b.source_address);
