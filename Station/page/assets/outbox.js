import { newID } from "./api.js";

/**
 * Scans on their way to the station: sent one after the other in the order of scanning, each with an id of its own, and sent
 * again with that same id until an answer is there. The station answers the same id the same and does nothing twice.
 */
export class Outbox {
  /** Longest age of a scan that is still sent, ms: later it would meet a line that has moved on. */
  static shelfLife = 60_000;

  #waiting = [];
  #isSending = false;
  #send;
  #answered;
  #changed;
  #key;

  /**
   * @param {object} parts
   * @param {(scan: {id, text}) => Promise<object>} parts.send throws an error with `status`: 0, 429 and 5xx are tried again
   * @param {(scan: {id, text}, answer: object|null, error: Error|null) => void} parts.answered gets each scan once, in order;
   *   neither answer nor error = it waited too long
   * @param {(waiting: number) => void} parts.changed
   * @param {string|null} [parts.key] where scans outlive a reload
   */
  constructor({ send, answered, changed = () => {}, key = null }) {
    [this.#send, this.#answered, this.#changed, this.#key] = [send, answered, changed, key];
    try {
      this.#waiting = JSON.parse(sessionStorage.getItem(key) ?? "[]");
    } catch { /* nothing was kept */ }
  }

  get waiting() {
    return this.#waiting.length;
  }

  /** Whether a scan of this page waits for its own answer. */
  awaits(id) {
    return this.#waiting.some((scan) => scan.id === id);
  }

  /** Puts a scan at the end. @returns {string} its id */
  add(text) {
    const scan = { id: newID(), text, at: Date.now() };
    this.#waiting.push(scan);
    this.#keep();
    this.flush();
    return scan.id;
  }

  /** Sends what waits. */
  async flush() {
    if (this.#isSending) return;
    this.#isSending = true;
    let attempt = 0;
    while (this.#waiting.length) {
      const scan = this.#waiting[0];
      let [answer, error] = [null, null];
      if (Date.now() - scan.at <= Outbox.shelfLife) {
        try {
          answer = await this.#send({ id: scan.id, text: scan.text });
        } catch (thrown) {
          error = thrown;
        }
        if (error && (error.status === 0 || error.status === 429 || error.status >= 500)) {
          const wait = error.wait ? error.wait * 1000 : Math.min(2000, 150 * 2 ** attempt++);
          await new Promise((wake) => setTimeout(wake, wait));
          continue;
        }
      }
      attempt = 0;
      this.#waiting.shift();
      this.#keep();
      this.#answered(scan, answer, error);
    }
    this.#isSending = false;
  }

  #keep() {
    this.#changed(this.#waiting.length);
    if (!this.#key) return;
    // A badge is half of a sign-in: it is scanned again rather than kept.
    const kept = this.#waiting.filter(({ text }) => !text.startsWith("PS1:BADGE:"));
    try {
      sessionStorage.setItem(this.#key, JSON.stringify(kept));
    } catch { /* storage is off */ }
  }
}
