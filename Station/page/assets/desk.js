import { post } from "./api.js";
import { h, setText } from "./dom.js";
import { drawPerson } from "./header.js";
import { addTexts, language, onLanguage, otherLanguage, pick, text, translate } from "./language.js";
import { Outbox } from "./outbox.js";
import { Scanner } from "./scanner.js";
import { onSession, person, refresh, signIn, watchSession } from "./session.js";
import { shape } from "./shapes.js";
import { askPerson, askSignIn, personButton } from "./signin.js";
import { deskTexts } from "./texts-desk.js";
import { otherTheme } from "./theme.js";

/** What the pages of the desk share: head, sign-in, language, scans, and a line at the foot for what was done or refused. */

const at = (id) => document.getElementById(id);
let timer = null;

/** Tells at the foot of the page. @param {"ok"|"wrong"} kind */
export function toast(kind, sentence) {
  const foot = at("toast");
  foot.dataset.kind = kind;
  foot.replaceChildren(shape(kind), h("span", {}, ` ${sentence}`));
  clearTimeout(timer);
  timer = setTimeout(() => foot.replaceChildren(), kind === "ok" ? 6000 : 15_000);
}

/** Runs something a button asked for; a refusal is told. */
export async function attempt(act) {
  try {
    return await act();
  } catch (error) {
    toast("wrong", error.sentence ?? error.message);
    if (error.status === 401) refresh().catch(() => {});
    return null;
  }
}

/**
 * Starts a page.
 * @param {(main: HTMLElement) => Promise<void>} draw fills the page; runs again after a change of person or language
 */
export function startDesk(draw) {
  addTexts(deskTexts);
  const redraw = async () => {
    translate(document);
    setText(at("language"), language() === "zh" ? "EN" : "中");
    drawPerson(at("person"));
    if (!person) {
      at("main").replaceChildren(
        h("h1", {}, text("problem_sign_in")),
        h("div.row", {}, h("button.main", { type: "button", onclick: () => askSignIn() }, text("sign_in"))),
      );
      return;
    }
    try {
      await draw(at("main"));
    } catch (error) {
      refused(at("main"), error, redraw);
    }
  };
  at("theme").append(shape("theme"));
  at("theme").addEventListener("click", otherTheme);
  at("language").addEventListener("click", otherLanguage);
  at("person").addEventListener("click", () => personButton((error) => toast("wrong", error.sentence)));
  addEventListener("keydown", (event) => {
    if (event.key !== "F2") return;
    event.preventDefault();
    otherLanguage();
  });
  for (const link of document.querySelectorAll(".pages a")) {
    if (new URL(link.href).pathname === location.pathname) link.setAttribute("aria-current", "page");
  }
  onLanguage(redraw);
  onSession(redraw);
  new Scanner(scanned).listen();
  refresh().catch((error) => refused(at("main"), error, () => refresh()));
  watchSession();
  return redraw;
}

function refused(main, error, again) {
  main.replaceChildren(
    h("p.refusal", { role: "alert" }, error.sentence ?? error.message),
    h(
      "div.row",
      {},
      h("button", { type: "button", onclick: () => Promise.resolve(again()).catch(() => {}) }, text("again")),
    ),
  );
}

const outbox = new Outbox({
  send: (scan) => post("/scans", scan),
  answered(scan, answer, error) {
    if (!answer) return toast("wrong", error?.sentence ?? text("scan_old"));
    if (answer.ask?.kind === "pin") {
      const badge = /^PS1:BADGE:(.+)$/.exec(scan.text)?.[1] ?? null;
      return askPerson(pick(answer.ask) || text("pin_title"), badge, signIn);
    }
    // A form that is being filled in is not left for a label that was scanned meanwhile.
    const isFilling = document.querySelector("dialog[open] form") !== null;
    if (answer.open && answer.result !== "wrong" && !isFilling) return location.assign(answer.open);
    // A question of the line is answered at the line.
    return toast(answer.result === "wrong" ? "wrong" : "ok", pick(answer));
  },
});

/** A badge goes into the place that waits for a second person, a label where a board is named, anything else to the station. */
function scanned(code) {
  const named = document.querySelector("dialog[open] input[name=identity]");
  if (named && !code.startsWith("PS1:")) {
    named.value = code.trim();
    return undefined;
  }
  const waiting = document.querySelector("dialog[open] input[name=second_badge]");
  const badge = /^PS1:BADGE:(.+)$/.exec(code)?.[1];
  if (!badge || !waiting) return outbox.add(code);
  waiting.type = "password";
  waiting.value = badge;
  waiting.form.querySelector("[name=second_pin]")?.focus();
}
