import { h, setData, setText } from "./dom.js";
import { pick, text } from "./language.js";
import { person } from "./session.js";
import { setShape, shape } from "./shapes.js";

/**
 * The bar that answers a scan: one sentence, large; the colour always with a shape and a place of its own.
 *
 * It says, in this order: the last answer, the question that stands, what has not been sent yet, what to scan next.
 */
export class ScanBar {
  /** How long an answer stands, ms. */
  static stay = { ok: 12_000, ask: 60_000, wrong: 25_000, notice: 12_000 };
  /** How long the station lets a question stand, ms. */
  static patience = 60_000;

  #parts;
  #actions;
  #shape = shape("ok");
  #answer = null;
  #until = 0;
  #question = null;
  #waiting = 0;
  #line = null;

  /**
   * @param {{bar, sign, text, ask}} parts elements
   * @param {{command: (name: string) => void, ask: (answer: object) => void}} actions what the bar's buttons do
   */
  constructor(parts, actions) {
    [this.#parts, this.#actions] = [parts, actions];
    parts.sign.append(this.#shape);
  }

  /** The question that stands at the station; null = none. A PIN is asked by the page alone and is none. */
  get question() {
    if (this.#question && Date.now() > this.#question.until) this.#question = null;
    return this.#question?.ask ?? null;
  }

  /** Shows an answer. A wrong scan answers nothing: the question that stands is seen again after the refusal. */
  show(answer) {
    this.#answer = answer;
    this.#until = Date.now() + (ScanBar.stay[answer.result] ?? ScanBar.stay.ok);
    if (answer.ask && answer.ask.kind !== "pin" && answer.ask.id !== this.question?.id) {
      this.#question = { ask: answer.ask, until: Date.now() + ScanBar.patience };
    }
    this.#draw();
    this.#flash();
  }

  /** A sentence of the page's own. */
  tell(result, sentence) {
    this.show({ result, zh: sentence, en: sentence, ask: null, open: null });
  }

  /** The question is answered or dropped. */
  settle() {
    this.#question = null;
    if (this.#answer?.ask) this.#answer = null;
    this.#draw();
  }

  setWaiting(count) {
    this.#waiting = count;
    this.#draw();
  }

  /** Draws again after a change of language, person or order, and when an answer has stood long enough. */
  refresh(line) {
    this.#line = line;
    if (this.#answer && Date.now() > this.#until) this.#answer = null;
    this.#draw();
  }

  #draw() {
    const { bar, text: sentence, ask } = this.#parts;
    const [answer, question] = [this.#answer, this.question];
    let [result, words] = ["idle", this.#hint()];
    if (answer) [result, words] = [answer.result, pick(answer) || pick(answer.ask)];
    else if (question) [result, words] = ["ask", pick(question)];
    else if (this.#waiting) [result, words] = ["sending", text("sending", { n: this.#waiting })];
    setData(bar, "result", result);
    setShape(this.#shape, { ok: "ok", ask: "ask", wrong: "wrong", sending: "BUSY", notice: "ask" }[result] ?? "SCAN");
    setText(sentence, words);
    const key = JSON.stringify([
      answer?.ask?.id ?? null,
      question?.id ?? null,
      answer?.open ?? null,
      document.documentElement.lang,
    ]);
    if (ask.dataset.key === key) return;
    ask.dataset.key = key;
    ask.replaceChildren(...this.#buttons(answer, question));
  }

  #buttons(answer, question) {
    const button = (label, act, kind = "") => h(`button${kind}`, { type: "button", onclick: act }, text(label));
    const buttons = [];
    if (answer?.open) buttons.push(h("a.button", { href: answer.open }, text("unit_open")));
    if (answer?.ask?.kind === "pin") buttons.push(button("enter_pin", () => this.#actions.ask(answer), ".main"));
    else if (question?.kind === "confirm") buttons.push(button("OK", () => this.#actions.command("OK"), ".main"));
    else if (question && question.kind !== "label") {
      buttons.push(button("answer", () => this.#actions.ask({ ask: question, text: "" }), ".main"));
    }
    if (question) buttons.push(button("CANCEL", () => this.#actions.command("CANCEL")));
    return buttons;
  }

  #hint() {
    if (!person) return text("idle_nobody");
    if (this.#line?.isBetweenShifts) return text("idle_between");
    return this.#line?.working.length ? text("idle") : text("idle_order");
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
