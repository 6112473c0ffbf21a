import { h, setData, setText } from "./dom.js";
import { grid } from "./grid.js";
import { language, text } from "./language.js";
import { setShape, shape } from "./shapes.js";
import { steps } from "./steps.js";

/** Words at which the operator's hands are wanted. */
const acting = new Set(["SCAN", "PLACE", "PASS", "DONE", "FAIL", "HOLD"]);

/** Whether a slot on hold only waits and goes on by itself: then its board stays where it is. */
export const isWaiting = (slot) => slot.word === "HOLD" && (slot.code === null || slot.seconds_left !== null);

/**
 * What a card says of a slot, in the page's language. No part of it is told by colour alone.
 *
 * @param {object} slot as the station tells it
 * @param {"yes"|"wait"|"no order"} takes whether a board may be placed there
 */
export function face(slot, takes) {
  const failure = slot[language()];
  const message = language() === "zh" ? slot.message_zh : slot.message_en;
  const [waits, isJudged] = [isWaiting(slot), slot.word === "FAIL" || slot.word === "HOLD"];
  const isIdle = slot.word === "EMPTY" || slot.word === "READY";
  let what = message;
  if (isJudged && failure) what = failure.happened;
  else if (slot.word === "BUSY" && slot.step) {
    what = text("step_of", { step: text(slot.step), n: steps.indexOf(slot.step) + 1 });
    if (message) what += ` · ${message}`;
  } else if (slot.word === "DONE" && !message) what = text("by_plan");
  let action = text(waits ? "act_WAIT" : `act_${slot.word}`);
  if (isJudged && !waits && failure?.action) action = failure.action;
  else if (isIdle && takes === "no order") action = message || text("no_order");
  else if (slot.word === "EMPTY" && takes === "wait") action = text("act_WAIT_ORDER");
  else if ((slot.word === "SCAN" || slot.word === "PLACE") && message) action = message;
  return {
    word: slot.word,
    what: what === action ? "" : what,
    action,
    acts: acting.has(slot.word) && !waits,
    code: isJudged ? (slot.code ?? "") : "",
    name: slot.device_name ?? slot.identity ?? "",
    identity: slot.device_name && slot.identity && slot.identity !== slot.device_name ? slot.identity : "",
    left: slot.word === "BUSY" || waits ? slot.seconds_left : null,
    step: slot.word === "BUSY" ? steps.indexOf(slot.step) : -1,
    part: slot.total ? Math.min(1, slot.done / slot.total) : null,
  };
}

/** Seconds as an operator reads them. */
export const duration = (
  seconds,
) => (seconds < 100 ? text("seconds", { n: Math.ceil(seconds) }) : text("minutes", { n: Math.ceil(seconds / 60) }));

/** One slot's card. It is built once; a redraw sets only what differs. */
class Card {
  constructor(slot, press) {
    this.shape = shape(slot.word);
    this.arrow = shape("REMOVE");
    this.name = h("bdi");
    this.fill = h("span.fill");
    this.steps = steps.map((_, index) => h("span.step", {}, ...(index === 0 ? [this.fill] : [])));
    this.parts = {
      slot: h("span.slot-name", {}, slot.slot),
      left: h("span.left"),
      word: h("span.word"),
      code: h("span.code"),
      short: h("span.code", { aria: { hidden: "true" } }),
      what: h("span.what"),
      name: h("span.name", {}, this.name),
      identity: h("span.identity"),
      order: h("span.order-of"),
      action: h("span.action-text"),
    };
    this.bar = h("span.bar", { role: "progressbar", aria: { valuemin: 0, valuemax: 100 } }, ...this.steps);
    this.button = h(
      "button.card",
      { type: "button", onclick: () => press(this.slot.slot) },
      h("span.head", {}, this.parts.slot, this.parts.left, this.parts.short, this.shape),
      h("span.body", {}, this.parts.word, this.parts.code),
      h("span.facts", {}, this.parts.what, this.parts.name, this.parts.identity, this.parts.order),
      this.bar,
      h("span.action", {}, this.arrow, this.parts.action),
    );
    this.element = h("li.slot", { data: { slot: slot.slot } }, this.button);
  }

  /** Draws a slot at a time of the station's, ms. */
  draw(slot, takes, heard) {
    [this.slot, this.heard] = [slot, heard];
    const now = face(slot, takes);
    const { parts } = this;
    setData(this.element, "word", now.word);
    setData(this.element, "acts", String(now.acts));
    setShape(this.shape, now.word);
    setText(parts.word, text(now.word));
    this.element.style.setProperty("--em", String(wordWidth(now.word)));
    setText(parts.code, now.code);
    setText(parts.short, now.code);
    setText(parts.what, now.what);
    setText(this.name, now.name);
    setText(parts.identity, now.identity);
    setText(parts.order, slot.order ?? "");
    setText(parts.action, now.action);
    setShape(this.arrow, { SCAN: "SCAN", PLACE: "PLACE" }[now.word] ?? "REMOVE");
    this.bar.hidden = now.step < 0;
    if (now.step >= 0) this.#drawSteps(now);
    this.#left = now.left;
    this.tick(heard);
  }

  #left = null;

  /** Counts down between two words of the station. */
  tick(time) {
    if (this.#left === null) return setText(this.parts.left, "");
    setText(this.parts.left, duration(Math.max(0, this.#left - (time - this.heard) / 1000)));
  }

  #drawSteps({ step, part }) {
    this.bar.setAttribute("aria-label", text("progress_of", { slot: this.slot.slot }));
    const whole = Math.round((100 * (step + (part ?? 0))) / steps.length);
    this.bar.setAttribute("aria-valuenow", String(whole));
    this.steps.forEach((element, index) =>
      setData(element, "is", index < step ? "past" : index === step ? "now" : "next")
    );
    if (this.fill.parentNode !== this.steps[step]) this.steps[step].append(this.fill);
    setData(this.fill, "known", String(part !== null));
    this.fill.style.width = part === null ? "" : `${(100 * part).toFixed(1)}%`;
  }
}

const widths = new Map();

/** Width of a state word in em, measured once for each language. */
function wordWidth(word) {
  const shown = text(word);
  if (!widths.has(shown)) {
    const pen = (wordWidth.pen ??= document.createElement("canvas").getContext("2d"));
    pen.font = `800 100px ${getComputedStyle(document.body).fontFamily}`;
    widths.set(shown, Math.max(1.9, pen.measureText(shown).width / 100 + 0.06));
  }
  return widths.get(shown);
}

/** All slots on one screen. */
export class SlotBoard {
  #element;
  #press;
  #cards = new Map();

  /** @param {(slot: string) => void} press a card was pressed */
  constructor(element, press) {
    [this.#element, this.#press] = [element, press];
    new ResizeObserver(() => this.#arrange()).observe(element);
  }

  /** Draws the slots that changed, or all. */
  draw(line, names = null) {
    const now = Date.now();
    if (names === null) {
      for (const [name, card] of this.#cards) if (!line.slots.has(name)) this.#remove(name, card);
      for (const name of line.slots.keys()) this.#draw(line, name, now);
      this.#arrange();
    } else {
      for (const name of names) this.#draw(line, name, now);
    }
  }

  /** Counts every countdown on. */
  tick() {
    const now = Date.now();
    for (const card of this.#cards.values()) card.tick(now);
  }

  #draw(line, name, now) {
    const slot = line.slots.get(name);
    if (!slot) return;
    if (!this.#cards.has(name)) {
      const card = new Card(slot, this.#press);
      this.#cards.set(name, card);
      this.#element.append(card.element);
      if (this.#cards.size > 1) this.#arrange();
    }
    this.#cards.get(name).draw(slot, line.takes(slot), now);
  }

  #remove(name, card) {
    card.element.remove();
    this.#cards.delete(name);
  }

  #arrange() {
    const { clientWidth, clientHeight } = this.#element;
    if (!this.#cards.size || !clientWidth) return;
    const gap = parseFloat(getComputedStyle(this.#element).columnGap) || 0;
    const { columns, rows } = grid(this.#cards.size, clientWidth, clientHeight, {
      gap,
      aspect: language() === "zh" ? 2.5 : 3.4,
    });
    this.#element.style.setProperty("--columns", String(columns));
    this.#element.style.setProperty("--rows", String(rows));
  }
}
