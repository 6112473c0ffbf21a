/**
 * Barcode scanners that type: told from a person by their pace, wherever the focus is.
 *
 * A burst is a row of keys, each within `gap` of the one before. It ends with Enter or Tab, or with `pause` of silence where
 * the scanner sends no such key. What a burst wrote into a field before it was known as one is taken out again. Keys are timed
 * by the events' own time stamps, so that a page that is busy drawing mistakes nothing.
 */
export const pace = {
  /** Longest time between two keys of a burst where it might be typing, ms. */
  gap: 50,
  /** Keys in a row at that pace that make a burst. */
  keys: 4,
  /** Longest average over its first keys, ms: a person's fingers can roll over two or three keys, not over four. */
  average: 35,
  /** Longer gaps a busy computer may make in a burst; with one more it was a person after all. */
  stalls: 2,
  /** Silence that ends a burst without Enter, ms. */
  pause: 150,
  /** The same where the scanner is known to send Enter or Tab: then silence is only a busy computer. */
  longPause: 600,
  /** Fewest characters of a scan that ends without Enter. */
  least: 6,
};

/** Control characters of GS1 and ISO 15434 codes as scanners type them: with Ctrl. */
const controls = { BracketRight: "\x1d", Backslash: "\x1c", Digit6: "\x1e", Minus: "\x1f", KeyD: "\x04" };

/** What the keys of a US keyboard write, for when an input method hides it: scanners type as one. */
const shifted = { 1: "!", 2: "@", 3: "#", 4: "$", 5: "%", 6: "^", 7: "&", 8: "*", 9: "(", 0: ")" };
const signs = {
  Minus: "-_",
  Equal: "=+",
  BracketLeft: "[{",
  BracketRight: "]}",
  Backslash: "\\|",
  Semicolon: ";:",
  Quote: "'\"",
  Backquote: "`~",
  Comma: ",<",
  Period: ".>",
  Slash: "/?",
  Space: "  ",
  NumpadDecimal: "..",
  NumpadSubtract: "--",
  NumpadAdd: "++",
  NumpadMultiply: "**",
  NumpadDivide: "//",
};

/** The character a key event stands for; null where it stands for none. */
export function character(event) {
  const { key, code, shiftKey: shift } = event;
  if (event.ctrlKey && !event.altKey && !event.metaKey) return controls[code] ?? null;
  if (event.altKey || event.metaKey) return null;
  const letter = /^Key([A-Z])$/.exec(code);
  const locked = event.getModifierState?.("CapsLock") ?? false;
  // Caps Lock turns a scanner's letters round; an input method hides them. In both cases the key itself tells.
  if (letter && (locked || key.length !== 1)) return shift ? letter[1] : letter[1].toLowerCase();
  if (key.length === 1) return key;
  if (key !== "Process" && key !== "Unidentified") return null;
  const digit = /^(?:Digit|Numpad)([0-9])$/.exec(code);
  if (digit) return shift && code.startsWith("Digit") ? shifted[digit[1]] : digit[1];
  return signs[code]?.[shift ? 1 : 0] ?? null;
}

/**
 * Tells bursts from typing: keys in, what to do with them out. It has no clock and touches no page.
 *
 * `key` answers what is to be done with the key: `pass` (leave it to the page), `first` (leave it, and remember the field as it
 * is), `turn` (a burst now: put the field back and take this key), `take` (one more of the burst). Where a burst has ended it
 * answers `{scan}`, or `{typed}` for text that is the field's after all, with `next` for the key that came after the end.
 */
export class BurstReader {
  #text = "";
  /** Times of the last keys, as many as make a burst. */
  #times = [];
  #isBurst = false;
  #stalls = 0;
  #hasSuffix = false;
  #ended = -Infinity;

  get isBurst() {
    return this.#isBurst;
  }
  /** How long a silence ends the burst, ms. */
  get patience() {
    return this.#hasSuffix ? pace.longPause : pace.pause;
  }

  get #last() {
    return this.#times.at(-1) ?? -Infinity;
  }

  /**
   * @param {string|null} char what it writes
   * @param {string} key its name
   * @param {number} time ms
   * @param {boolean} isTyped whether a field takes what is typed. Where none does nobody types, and only a scanner's own
   *   silence ends its text.
   */
  key(char, key, time, isTyped = true) {
    const since = time - this.#last;
    const ends = key === "Enter" || key === "Tab";
    if (this.#isBurst && since > this.patience) {
      return { ...this.silence(time), next: this.key(char, key, time, isTyped) };
    }
    if (ends) return this.#end(time);
    if (char === null) {
      if (this.#isBurst) return "take";
      this.#clear();
      return "pass";
    }
    if (this.#text === "" || (!this.#isBurst && since > (isTyped ? pace.gap : pace.pause))) {
      this.#clear();
      [this.#text, this.#times, this.#ended] = [char, [time], -Infinity];
      return "first";
    }
    this.#text += char;
    this.#times = [...this.#times, time].slice(-pace.keys);
    if (this.#isBurst) {
      if (isTyped && since > pace.gap) this.#stalls += 1;
      return this.#stalls > pace.stalls ? { typed: this.#clear() } : "take";
    }
    if (this.#times.length < pace.keys || time - this.#times[0] > pace.average * (pace.keys - 1)) return "pass";
    this.#isBurst = true;
    return "turn";
  }

  #end(time) {
    if (this.#isBurst) {
      this.#hasSuffix = true;
      this.#ended = -Infinity;
      return { scan: this.#clear() };
    }
    // The Enter that follows a scan which silence had ended already.
    const isLate = this.#text === "" && time - this.#ended < pace.longPause;
    if (isLate) this.#hasSuffix = true;
    this.#ended = -Infinity;
    this.#clear();
    return isLate ? "take" : "pass";
  }

  /** Time has passed. @returns {{scan: string}|{typed: string}|null} what the silence has ended */
  silence(time) {
    if (time - this.#last < this.patience || this.#text === "") return null;
    const wasBurst = this.#isBurst;
    const text = this.#clear();
    if (!wasBurst) return null;
    if (text.length < pace.least) return { typed: text };
    this.#ended = time;
    return { scan: text };
  }

  /** A key held down, or a shortcut: no scanner does that. */
  reset() {
    if (!this.#isBurst) this.#clear();
  }

  #clear() {
    const text = this.#text;
    [this.#text, this.#times, this.#isBurst, this.#stalls] = ["", [], false, 0];
    return text;
  }
}

/** Listens to the whole page for scans, and hands each to `take`. */
export class Scanner {
  #reader = new BurstReader();
  #field = null;
  #timer = null;
  #alt = "";
  #held = new Set();
  #take;

  /** @param {(text: string) => void} take */
  constructor(take) {
    this.#take = take;
  }

  listen(target = window) {
    target.addEventListener("keydown", (event) => this.#down(event), { capture: true });
    target.addEventListener("keyup", (event) => this.#up(event), { capture: true });
  }

  #down(event) {
    if (event.key === "Alt") this.#alt = "";
    if (["Shift", "Control", "Alt", "Meta", "CapsLock", "NumLock"].includes(event.key)) return;
    // Alt and digits on the numeric pad: the other way to type a control character.
    if (event.altKey && /^Numpad\d$/.test(event.code)) {
      this.#alt += event.code.slice(-1);
      return;
    }
    if (event.repeat) {
      if (this.#reader.isBurst) this.#stop(event);
      return this.#reader.reset();
    }
    this.#read(event, character(event), event.timeStamp);
  }

  #read(event, char, time) {
    let answer = this.#reader.key(
      char,
      event.key,
      time,
      this.#field !== null || remembered(document.activeElement) !== null,
    );
    if (typeof answer === "object") {
      this.#finish(answer);
      answer = answer.next ?? "take";
    }
    if (answer === "first") this.#field = remembered(document.activeElement);
    if (answer === "turn") this.#putBack(event);
    // A space right behind another character is no finger on the button that has the focus.
    if (answer === "pass" && char === " " && !remembered(document.activeElement)) answer = "take";
    if (answer === "take" || answer === "turn" || (char !== null && char < " ")) this.#stop(event);
    this.#wait();
  }

  #up(event) {
    if (event.key === "Alt" && this.#alt) {
      const char = String.fromCharCode(Number(this.#alt) % 256);
      this.#alt = "";
      this.#read(event, char, event.timeStamp);
    }
    if (!this.#held.delete(event.code)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  #stop(event) {
    event.preventDefault();
    event.stopImmediatePropagation();
    this.#held.add(event.code);
  }

  /** Takes out of the field what the first keys wrote there. */
  #putBack(event) {
    const field = this.#field;
    if (!field) return;
    const isComposing = event.key === "Process" || event.isComposing;
    // An input method lets go of its text only when the field loses the focus.
    if (isComposing) field.element.blur();
    restore(field);
    if (isComposing) setTimeout(() => restore(field));
  }

  /** @param {{scan?: string, typed?: string}} ended */
  #finish({ scan, typed }) {
    const field = this.#field;
    this.#field = null;
    if (field?.element.isConnected && document.activeElement !== field.element) {
      restore(field);
      field.element.focus();
    }
    if (scan !== undefined) this.#take(scan);
    else if (typed && field?.start !== null) field?.element.setRangeText(typed, field.start, field.end, "end");
  }

  /** Waits for the silence after a burst. Keys that wait behind a busy page are read before it is believed. */
  #wait() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = setTimeout(() => {
        const ended = this.#reader.silence(performance.now());
        if (ended) this.#finish(ended);
        else if (this.#reader.isBurst) this.#wait();
      }, 0);
    }, this.#reader.patience + 5);
  }
}

function remembered(element) {
  if (!element || !("value" in element) || element.tagName === "BUTTON") return null;
  const canSelect = element.tagName === "TEXTAREA" || /^(text|search|tel|url|password)$/.test(element.type);
  return {
    element,
    value: element.value,
    start: canSelect ? element.selectionStart : null,
    end: canSelect ? element.selectionEnd : null,
  };
}

function restore({ element, value, start, end }) {
  if (element.value === value) return;
  element.value = value;
  if (start !== null) element.setSelectionRange(start, end);
  element.dispatchEvent(new Event("input", { bubbles: true }));
}
