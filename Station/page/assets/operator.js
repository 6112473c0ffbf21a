import { call, post } from "./api.js";
import { drawBanners } from "./banners.js";
import { setText } from "./dom.js";
import { Feed } from "./feed.js";
import { Clock, drawHealth, drawOrders, drawPerson, drawShift, drawTray } from "./header.js";
import { language, onLanguage, otherLanguage, pick, setLanguage, text, translate } from "./language.js";
import { kept } from "./kept.js";
import { Line } from "./line.js";
import { Outbox } from "./outbox.js";
import { openCommands, openMenu, openSlot, openTray } from "./panels.js";
import { askNote, askReason } from "./reasons.js";
import { ScanBar } from "./scanbar.js";
import { Scanner } from "./scanner.js";
import { onSession, person, refresh, signIn, watchSession } from "./session.js";
import { shape } from "./shapes.js";
import { asking, askPerson, askSignIn, closeAsking, personButton } from "./signin.js";
import { openShift } from "./shift.js";
import { SlotBoard } from "./slots.js";
import { beep, readySound, say } from "./sound.js";

/** The operator's page: the line's events go in, what changed is drawn at the next frame, scans go out. */

const at = (id) => document.getElementById(id);
const line = new Line();
const clock = new Clock(at("clock"));
const board = new SlotBoard(at("slots"), (name) => openSlot(line.slots.get(name), scan));
const bar = new ScanBar({ bar: at("scan"), sign: at("scan-shape"), text: at("scan-text"), ask: at("scan-ask") }, {
  command: (name) => scan(`PS1:CMD:${name}`),
  ask: (answer) => ask(answer),
});

// MARK: - Drawing: at most once a frame, and only what changed

const dirty = new Set();

function redraw(...parts) {
  if (!dirty.size) requestAnimationFrame(draw);
  for (const part of parts) dirty.add(part);
}

function draw() {
  const parts = new Set(dirty);
  dirty.clear();
  const all = parts.has("all");
  if (all) board.draw(line);
  else board.draw(line, [...parts].filter((part) => part.startsWith("slot ")).map((part) => part.slice(5)));
  if (all || parts.has("order")) {
    drawOrders(at("orders"), line);
    drawBanners(at("banners"), line, leader);
    if (!all) board.draw(line);
  }
  if (all || parts.has("health")) drawHealth(at("health"), line);
  if (all || parts.has("tray")) drawTray(at("tray"), line);
  if (all || parts.has("shift")) {
    drawShift(at("shift"), line);
    drawBanners(at("banners"), line, leader);
    if (!all) board.draw(line);
  }
  if (all || parts.has("person")) {
    drawPerson(at("person"));
    drawBanners(at("banners"), line, leader);
  }
  bar.refresh(line);
  if (all) performance.mark("line drawn");
}

function drawTools() {
  setText(at("language"), language() === "zh" ? "EN" : "中");
  if (!at("menu").firstChild) at("menu").append(shape("menu"));
}

// MARK: - The line's events

function take(event, data) {
  const change = line.take(event, data);
  switch (change.kind) {
    case "snapshot":
      clock.set(line.station.time);
      if (!kept("language") && line.station.language && line.station.language !== language()) {
        setLanguage(line.station.language);
      }
      return redraw("all");
    case "slot":
      tellWord(data, change.before);
      return redraw(`slot ${change.key}`);
    case "notice":
      return bar.question ? undefined : bar.show({ ...data, result: "notice", ask: null, open: null });
    case "scan":
      // The events may be faster than the answer to the one who asked; only that one puts a question here.
      return outbox.awaits(data.id) ? undefined : answered(data);
    default:
      return redraw(change.kind);
  }
}

/** A slot's new word, to be heard. */
function tellWord(slot, before) {
  if (!before || before.word === slot.word) return;
  const tune = { PASS: "pass", DONE: "done", FAIL: "fail", HOLD: slot.code ? "hold" : null }[slot.word];
  if (!tune) return;
  beep(tune);
  say(text("say_slot", { slot: slot.slot, word: text(slot.word) }));
}

const feed = new Feed({ url: "/api/v1/events", take, show: showStale });

function showStale(isStale, silent) {
  document.body.dataset.stale = String(isStale);
  const sign = at("stale");
  sign.hidden = !isStale;
  if (!isStale) return;
  if (!sign.firstChild) sign.append(document.createElement("strong"), document.createElement("p"));
  setText(sign.firstChild, text("stale"));
  setText(sign.lastChild, text("stale_since", { n: Math.floor(silent / 1000) }));
}

// MARK: - Scans

const outbox = new Outbox({
  key: "scans",
  changed: (count) => bar.setWaiting(count),
  send: async (scan) => {
    try {
      return await post("/scans", scan);
    } catch (error) {
      // A session of before: the token is fetched anew, and the same scan sent once more.
      if (error.status !== 403) throw error;
      await refresh();
      return post("/scans", scan);
    }
  },
  answered(scan, answer, error) {
    if (answer) return answered({ ...answer, id: scan.id, text: scan.text });
    if (error?.status === 401) refresh().catch(() => {});
    bar.tell("wrong", error ? (error.status === 401 ? text("problem_sign_in") : error.sentence) : text("scan_old"));
    beep("wrong");
  },
});

/** Sends a scan, or what a button says in its place. */
function scan(code) {
  // The OK card sends a note as far as it is written; the station would take the card alone for none.
  const note = code === "PS1:CMD:OK" ? document.querySelector("dialog[open] form.note") : null;
  if (note) note.requestSubmit();
  else outbox.add(code);
}

const shown = [];

/** Shows a scan's answer once, whether it comes back to the sender or over the events. */
function answered(answer) {
  if (answer.id) {
    if (shown.includes(answer.id)) return;
    shown.push(answer.id);
    if (shown.length > 64) shown.shift();
  }
  const isOwn = answer.text !== undefined;
  if (isOwn && settles(answer)) {
    bar.settle();
    closeAsking();
  }
  bar.show(isOwn ? answer : { ...answer, ask: null });
  beep(answer.result);
  if (answer.speak) say("ok");
  else if (answer.result === "wrong") say(pick(answer));
  // Only the screen that was scanned at asks; others just show it.
  if (isOwn && answer.result === "ask") ask(answer);
  // A card may have ended the shift.
  if (answer.kind === "command" && answer.result === "ok") refresh().catch(() => {});
}

/** Whether a question that stood is answered or dropped by this. Help can be called, and a label given, beside one. */
const settles = ({ result, kind, text: code }) =>
  result === "ok" && (kind === "order" || kind === "slot" || /^PS1:CMD:(OK|CANCEL)$/.test(code));

/** Puts the station's question, where it takes more than a card. */
function ask({ ask: question, text: code }) {
  const badge = /^PS1:BADGE:(.+)$/.exec(code)?.[1] ?? null;
  const standing = bar.question;
  const answer = async (id, body) => {
    const said = await post(`/asks/${encodeURIComponent(id)}`, body);
    if (said.result !== "wrong" || !said.ask) bar.settle();
    // The answer to a question may be the next one.
    setTimeout(() => answered({ ...said, text: "" }));
  };
  const sign = (id, words) =>
    askPerson(words || text("second_title"), badge, (given, pin) => answer(id, { badge: given, pin, reason: null }));
  switch (question.kind) {
    case "pin":
      if (standing?.kind === "second") return sign(standing.id, pick(standing));
      return askPerson(pick(question) || text("pin_title"), badge, async (given, pin) => {
        await signIn(given, pin);
        bar.settle();
        beep("ok");
      });
    case "second":
      return sign(question.id, pick(question));
    case "reason":
      return asking(
        askReason(
          pick(question) || text("reason_title"),
          "any",
          (reason) => answer(question.id, { badge: null, pin: null, reason }),
        ),
      );
    case "note":
      return asking(
        askNote(
          pick(question) || text("note_title"),
          (reason) => answer(question.id, { badge: null, pin: null, reason }),
        ),
      );
    default:
      return undefined;
  }
}

function problem(error) {
  bar.tell("wrong", error.sentence ?? error.message);
  beep("wrong");
}

/** What the leader's buttons in the banners do. */
const leader = {
  async confirm(order) {
    try {
      await post(`/orders/${encodeURIComponent(order.order)}/first-article`);
    } catch (error) {
      problem(error);
    }
  },
  cause(order) {
    askReason(
      text("reason_title"),
      "repetition",
      (reason) => call("POST", `/orders/${encodeURIComponent(order.order)}/repetition`, { reason }),
    );
  },
};

// MARK: - Start

translate(document);
drawTools();
drawPerson(at("person"));
bar.refresh(line);
new Scanner(scan).listen();
readySound();
at("language").addEventListener("click", otherLanguage);
at("menu").addEventListener("click", () => openMenu(line));
at("person").addEventListener("click", () => personButton(problem));
at("tray").addEventListener("click", () => openTray(line));
at("shift").addEventListener("click", () => openShift(line, scan));
at("commands").addEventListener("click", () => openCommands(line, scan));
addEventListener("keydown", (event) => {
  if (event.key !== "F2") return;
  event.preventDefault();
  otherLanguage();
});
onLanguage(() => {
  drawTools();
  redraw("all");
});
onSession(() => redraw("person"));
setInterval(() => {
  bar.refresh(line);
  if (feed.isStale) return;
  clock.tick();
  board.tick();
}, 1000);
clock.tick();
refresh().catch(() => {});
watchSession();
outbox.flush();
feed.run();
// A page that is left may be kept for the way back, and its stream with it: a browser has six for one station.
addEventListener("pagehide", () => feed.stop());
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
// For tests and the bench, which compare what two pages know.
globalThis.station = {
  line,
  feed,
  outbox,
  get person() {
    return person;
  },
  askSignIn,
};
