// @ts-check
/** Python's words that are no names, and what to write instead of its statements. */

export const LOOP = "loops are not run here: write the call once for each turn, or list(resp) to go through the lines";
/** Statements of Python that are none here, and what can be written instead. @type {Record<string, string>} */
export const STATEMENTS = {
  for: LOOP, while: LOOP,
  if: "conditions are not decided here: write the calls that are to be made", elif: "", else: "", match: "",
  with: "a with block is not run here: write its calls without indentation, and conn.close() after them",
  try: "exceptions are shown here, and not caught: write the calls alone", except: "", finally: "",
  def: "functions are not defined here: write their calls one after the other", class: "", return: "", yield: "", lambda: "",
  async: "there is no asyncio here: the calls of http.client wait by themselves", await: "",
  assert: "nothing is checked here: the page shows what came", raise: "exceptions are raised by the calls alone",
  del: "nothing is deleted here: leave the line out", global: "", nonlocal: "", break: "", continue: "",
};
/** Words that are no names. */
export const KEYWORDS = new Set([...Object.keys(STATEMENTS).filter((k) => k !== "match"), "and", "or", "not", "in", "is", "import", "from", "as", "pass"]);
