import { h, setData, setText } from "./dom.js";
import { pick, text } from "./language.js";
import { person } from "./session.js";
import { setShape, shape } from "./shapes.js";

/**
 * The bar that answers a scan: one sentence, large; the colour always with a shape and a place of its own.
 *
 * It says, in this order: what has not been sent yet, the last answer, what to scan next.
 */
export class ScanBar {
  /** How long an answer stands, ms. A question stands until it is answered. */
  static stay = { ok: 12_000, wrong: 25_000, notice: 12_000 };

  #parts; #shape = shape("ok"); #answer = null; #until = 0; #waiting = 0; #say;

  /**
   * @param {{bar, sign, text, ask}} parts elements
   * @param {(command: string) => void} say sends a command, as its card would
   */
  constructor(parts, say) {
    [this.#parts, this.#say] = [parts, say];
    parts.sign.append(this.#shape);
  }

  /** The question that stands; null = none. */
  get question() { return this.#answer?.ask ?? null; }

  /** Shows an answer of the station. */
  show(answer) {
    // A wrong scan answers nothing: the question that stands stays, and is seen again beside the refusal.
    const open = answer.result === "wrong" && !answer.ask ? this.question : null;
    this.#answer = open ? { ...answer, ask: open } : answer;
    this.#until = Date.now() + (ScanBar.stay[answer.result] ?? ScanBar.stay.ok);
    this.#draw();
    this.#flash();
  }

  /** A sentence of the page's own. */
  tell(result, sentence) { this.show({ result, zh: sentence, en: sentence, ask: null, open: null, slot: null, unit: null }); }

  /** The question is settled. */
  settle() {
    this.#answer = null;
    this.#draw();
  }

  setWaiting(count) {
    this.#waiting = count;
    this.#draw();
  }

  /** Draws again after a change of language, person or order, and when an answer has stood long enough. */
  refresh(line) {
    this.line = line ?? this.line;
    if (this.#answer && Date.now() > this.#until) {
      if (!this.#answer.ask) this.#answer = null;
      else if (this.#answer.result === "wrong") this.#answer = { ...this.#answer, ...this.#answer.ask, result: "ask" };
    }
    this.#draw();
  }

  #draw() {
    const { bar, text: sentence, ask } = this.#parts;
    const answer = this.#answer;
    let [result, words] = ["idle", this.#hint()];
    if (answer) [result, words] = [answer.result, pick(answer) || pick(answer.ask)];
    else if (this.#waiting) [result, words] = ["sending", text("sending", { n: this.#waiting })];
    setData(bar, "result", result);
    setShape(this.#shape, { ok: "ok", ask: "ask", wrong: "wrong", sending: "BUSY", notice: "ask" }[result] ?? "SCAN");
    setText(sentence, words);
    const key = JSON.stringify([answer?.ask ?? null, answer?.open ?? null, document.documentElement.lang]);
    if (ask.dataset.key === key) return;
    ask.dataset.key = key;
    ask.replaceChildren(...this.#buttons(answer));
  }

  #buttons(answer) {
    const buttons = [];
    if (answer?.open) buttons.push(h("a.button", { href: answer.open }, text("unit_open")));
    if (answer?.ask?.kind === "confirm") {
      buttons.push(h("button.main", { type: "button", onclick: () => this.#say("OK") }, text("OK")));
    }
    if (answer?.ask) buttons.push(h("button", { type: "button", onclick: () => this.#say("CANCEL") }, text("CANCEL")));
    return buttons;
  }

  #hint() {
    if (!person) return text("idle_nobody");
    return this.line?.working.length ? text("idle") : text("idle_order");
  }

  /** The same sentence again must be seen to be an answer of its own. */
  #flash() {
    const { bar } = this.#parts;
    bar.getAnimations().forEach((animation) => animation.cancel());
    if (!matchMedia("(prefers-reduced-motion: reduce)").matches) {
      bar.animate([{ filter: "brightness(1.6)" }, { filter: "none" }], { duration: 350 });
    }
  }
}
