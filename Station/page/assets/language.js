import { keep } from "./kept.js";
import { texts } from "./texts.js";

/** The language of the page: `zh` or `en`. `early.js` has set it on the root element before the first paint. */
export function language() {
  return document.documentElement.lang === "en" ? "en" : "zh";
}

/** Adds the texts of a page. */
export function addTexts(more) {
  Object.assign(texts, more);
}

const listeners = new Set();

/** Calls `listener` after every change of language. */
export function onLanguage(listener) {
  listeners.add(listener);
}

export function setLanguage(chosen) {
  document.documentElement.lang = chosen === "en" ? "en" : "zh-CN";
  keep("language", language());
  translate(document);
  for (const listener of listeners) listener();
}

export function otherLanguage() {
  setLanguage(language() === "zh" ? "en" : "zh");
}

/** A text by its key, `{name}` filled in from `values`. A key without a text is shown as it is. */
export function text(key, values = {}) {
  const pair = texts[key];
  const found = pair ? pair[language() === "zh" ? 0 : 1] : key;
  return found.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** The half of `{zh, en}` that is to be shown; empty where there is none. */
export function pick(both) {
  return both ? (both[language()] ?? "") : "";
}

const locale = () => (language() === "zh" ? "zh-CN" : "en-GB");

/** Time of day of an ISO time, on this computer's clock. */
export const clockTime = (iso) => new Date(iso).toLocaleTimeString(locale(), { hour12: false });

/** Hour and minute of an ISO time, in a zone or on this computer's clock. */
export const minuteTime = (iso, timeZone) =>
  new Date(iso).toLocaleTimeString(locale(), { hour: "2-digit", minute: "2-digit", hour12: false, timeZone });

/** Date and time of an ISO time; a dash where there is none. */
export function dateTime(iso) {
  return iso ? new Date(iso).toLocaleString(locale(), { hour12: false, dateStyle: "short", timeStyle: "medium" }) : "–";
}

/** Fills in every element of `root` that names its text. */
export function translate(root) {
  for (const element of root.querySelectorAll("[data-text]")) element.textContent = text(element.dataset.text);
  for (const element of root.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", text(element.dataset.label));
  }
}
