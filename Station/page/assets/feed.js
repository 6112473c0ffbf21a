/**
 * The line's events, read from `/api/v1/events` without losing or doubling one.
 *
 * The stream is read with `fetch`, not with EventSource: EventSource hides the server's beats, and only they tell a quiet
 * line from a dead one. Three parts, none of which knows the page: a parser of the stream's text, a cursor that says which
 * events are new, and the feed that connects, waits and connects again.
 */

/** Parses server-sent events from pieces of text that are cut anywhere. */
export class EventParser {
  #rest = "";
  #event = { id: null, event: "message", data: [] };

  /** @returns {{id: string|null, event: string, data: string}[]} the events that are complete with this piece */
  push(piece) {
    const events = [];
    const text = this.#rest + piece;
    // A piece may end between CR and LF: the CR waits for what follows it.
    const lines = text.split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop();
    for (const line of lines) {
      if (line === "") {
        if (this.#event.data.length) events.push({ ...this.#event, data: this.#event.data.join("\n") });
        this.#event = { id: null, event: "message", data: [] };
        continue;
      }
      if (line.startsWith(":")) continue;
      const colon = line.indexOf(":");
      const field = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
      if (field === "data") this.#event.data.push(value);
      else if (field === "event") this.#event.event = value;
      else if (field === "id") this.#event.id = value;
    }
    return events;
  }
}

/** Where the page is in the events: `<epoch>-<n>`, n counting up by one. */
export class Cursor {
  /** Id of the last event taken, null before the first. */
  last = null;

  /**
   * @returns {"new"|"seen"|"gap"} whether the event is to be taken. A snapshot is taken whatever its number is; `gap` means
   *   that events are missing before this one, so that the stream must be asked for again.
   */
  judge({ id, event }) {
    if (event === "snapshot") return "new";
    const [epoch, number] = Cursor.split(id);
    const [ours, last] = Cursor.split(this.last);
    if (epoch === null || epoch !== ours) return "gap";
    if (number <= last) return "seen";
    return number === last + 1 ? "new" : "gap";
  }

  static split(id) {
    const found = /^(.+)-(\d+)$/.exec(id ?? "");
    return found ? [found[1], Number(found[2])] : [null, -1];
  }
}

/** Keeps one stream open for as long as the page lives. */
export class Feed {
  /** Silence after which the page is stale, ms: the server beats every 3 s. */
  static silence = 8000;
  /** First and longest wait before the next attempt, ms. */
  static wait = { first: 200, longest: 4000 };

  #url;
  #fetch;
  #take;
  #show;
  #cursor = new Cursor();
  #heard = performance.now();
  #isStale = false;
  #abort = null;
  #attempt = 0;
  #stopped = false;

  /**
   * @param {object} parts
   * @param {string} parts.url
   * @param {(event: string, data: object) => void} parts.take gets each event once, in order
   * @param {(isStale: boolean, silentFor: number) => void} parts.show gets each change of staleness, and each second of it
   * @param {typeof fetch} [parts.fetch]
   */
  constructor({ url, take, show, fetch = (...all) => globalThis.fetch(...all) }) {
    [this.#url, this.#take, this.#show, this.#fetch] = [url, take, show, fetch];
  }

  /** Times the stream was opened. */
  connections = 0;
  get cursor() {
    return this.#cursor.last;
  }
  get isStale() {
    return this.#isStale;
  }

  /** Runs until `stop()`. */
  async run() {
    const watch = setInterval(() => this.#watch(), 500);
    while (!this.#stopped) {
      try {
        await this.#connect();
      } catch { /* the next attempt says whether it matters */ }
      if (this.#stopped) break;
      const longest = Math.min(Feed.wait.longest, Feed.wait.first * 2 ** this.#attempt++);
      await new Promise((wake) => setTimeout(wake, longest * (0.5 + Math.random() / 2)));
    }
    clearInterval(watch);
  }

  stop() {
    this.#stopped = true;
    this.#abort?.abort();
  }

  async #connect() {
    this.#abort = new AbortController();
    const after = this.#cursor.last;
    const opened = performance.now();
    this.#attemptBegan = opened;
    const answer = await this.#fetch(this.#url + (after ? `?after=${encodeURIComponent(after)}` : ""), {
      headers: { Accept: "text/event-stream" },
      cache: "no-store",
      signal: this.#abort.signal,
    });
    if (!answer.ok || !answer.body) throw new Error(`events answered ${answer.status}`);
    this.connections += 1;
    // The station is there: what cuts the stream now is a bad wire, and the next attempt need not wait long.
    this.#attempt = Math.min(this.#attempt, 1);
    const [reader, text, parser] = [answer.body.getReader(), new TextDecoder(), new EventParser()];
    for (;;) {
      const { done, value } = await reader.read();
      if (done || this.#stopped) return;
      this.#hear();
      for (const event of parser.push(text.decode(value, { stream: true }))) {
        if (!this.#accept(event)) {
          this.#abort.abort();
          return;
        }
      }
    }
  }

  #attemptBegan = 0;

  /** @returns {boolean} whether the stream is still of use */
  #accept(event) {
    switch (this.#cursor.judge(event)) {
      case "seen":
        return true;
      case "gap":
        // What came in between is asked for by the cursor; an epoch that is not ours starts anew with a snapshot.
        if (Cursor.split(event.id)[0] !== Cursor.split(this.#cursor.last)[0]) this.#cursor.last = null;
        return false;
      default: {
        const data = JSON.parse(event.data);
        this.#take(event.event, data);
        this.#cursor.last = event.id ?? data.cursor ?? this.#cursor.last;
        this.#attempt = 0;
        return true;
      }
    }
  }

  #hear() {
    this.#heard = performance.now();
    if (this.#isStale) this.#show(this.#isStale = false, 0);
  }

  #watch() {
    const now = performance.now();
    const silent = now - this.#heard;
    if (silent < Feed.silence) return;
    this.#isStale = true;
    this.#show(true, silent);
    // A connection that is open and says nothing is as good as none; a new one gets its own time to answer.
    if (now - this.#attemptBegan >= Feed.silence) {
      this.#attemptBegan = now;
      this.#abort?.abort();
    }
  }
}
