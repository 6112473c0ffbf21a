import { get, list } from "./api.js";
import { field, form, openDialog } from "./dialog.js";
import { h } from "./dom.js";
import { clockTime, dateTime, language, pick, text } from "./language.js";
import { person } from "./session.js";
import { shape } from "./shapes.js";
import { isSoundOn, isSpeechOn, setSound, setSpeech, voice } from "./sound.js";
import { otherTheme } from "./theme.js";

/** The dialogs of the operator's page. Whatever a scan can start, a button here starts the same way: by sending its text. */

/** Commands that have a card. */
export const commands = [
  "OK",
  "CANCEL",
  "REPRINT",
  "RED-BIN",
  "CALL",
  "END-SHIFT",
  "REFLASH",
  "RESET",
  "REPLACE",
  "SCRAP",
];

/** @param {(text: string) => void} send sends what a scanner would */
export async function openCommands(line, send) {
  const give = (code) => {
    dialog.close();
    send(code);
  };
  const orders = h("div.grid-of-buttons");
  const dialog = openDialog(
    text("commands_title"),
    h(
      "div.grid-of-buttons",
      {},
      ...commands.map((command) =>
        h("button.big", { type: "button", data: { command }, onclick: () => give(`PS1:CMD:${command}`) }, text(command))
      ),
    ),
    form(text("send"), async (fields) => {
      if (fields.get("label").trim()) give(fields.get("label").trim());
    }, field(text("typed_label"), h("input", { name: "label", autocomplete: "off" }))),
    h("h3", {}, text("choose_order")),
    orders,
  );
  // The orders come later and below: no button may move under a finger.
  dialog.classList.add("grows");
  let known = line.working;
  if (person) {
    try {
      known = list(await get("/orders"), "orders").filter(({ state }) => state === "open" || state === "held");
    } catch { /* those of the line are shown */ }
  }
  orders.replaceChildren(
    ...(known.length
      ? known.map(({ order, title, release }) =>
        h("button.big", { type: "button", onclick: () => give(`PS1:ORDER:${order}`) }, `${order} ${title || release}`)
      )
      : [h("p", {}, text("none"))]),
  );
}

/** Everything known of one slot, and what can be done there. */
export function openSlot(slot, send) {
  const failure = slot[language()];
  const fact = (name, value) => (value ? [h("dt", {}, text(name)), h("dd", {}, String(value))] : []);
  const dialog = openDialog(
    `${text("slot", { slot: slot.slot })} · ${text(slot.word)}`,
    h(
      "div.signal",
      { data: { word: slot.word } },
      shape(slot.word),
      h("b", {}, text(slot.word)),
      h("span.code", {}, slot.code ?? ""),
    ),
    h(
      "dl.facts",
      {},
      ...fact("happened", failure?.happened),
      ...fact("action", failure?.action),
      ...fact("help", failure?.help),
      ...fact("step", slot.step && text(slot.step)),
      ...fact("device_name", slot.device_name),
      ...fact("identity", slot.identity),
      ...fact("order", slot.order),
      ...fact("profile", slot.profile),
      ...fact("run", slot.run),
      ...fact("since", slot.since && clockTime(slot.since)),
    ),
    h(
      "div.grid-of-buttons",
      {},
      h("button.big.main", {
        type: "button",
        onclick: () => {
          dialog.close();
          send(`PS1:SLOT:${slot.slot}`);
        },
      }, text("choose_slot")),
      slot.device_name
        ? h("a.button.big", { href: `/unit/${encodeURIComponent(slot.device_name)}` }, text("unit_open"))
        : null,
    ),
  );
}

/** The boards that wait in the HOLD tray. */
export function openTray(line) {
  openDialog(
    text("tray_title"),
    line.tray.length
      ? h(
        "ul.tray-list",
        {},
        ...line.tray.map(({ unit, code, since }) =>
          h(
            "li",
            {},
            h("a", { href: `/unit/${encodeURIComponent(unit)}` }, unit),
            h("b.code", {}, code ?? ""),
            h("span", {}, text("tray_since", { time: dateTime(since) })),
          )
        ),
      )
      : h("p", {}, text("tray_empty")),
  );
}

/** Pages, messages, and how this screen looks and sounds. */
export function openMenu(line) {
  const toggle = (name, isOn, set, note) => {
    const button = h("button.big", {
      type: "button",
      disabled: Boolean(note),
      aria: { pressed: isOn() },
      onclick() {
        set(!isOn());
        button.setAttribute("aria-pressed", String(isOn()));
        button.textContent = label();
      },
    });
    const label = () => `${text(name)}：${note || text(isOn() ? "on" : "off")}`;
    button.textContent = label();
    return button;
  };
  openDialog(
    text("menu"),
    h(
      "nav.grid-of-buttons",
      { aria: { label: text("pages") } },
      h("a.button.big", { href: "/orders" }, text("page_orders")),
      h("a.button.big", { href: "/reports" }, text("page_reports")),
      h("a.button.big", { href: "/releases" }, text("page_releases")),
      h("a.button.big", { href: "/people" }, text("page_people")),
    ),
    h(
      "div.grid-of-buttons",
      {},
      h("button.big", { type: "button", id: "theme", onclick: otherTheme }, text("theme")),
      toggle("sound", isSoundOn, setSound),
      toggle("speech", isSpeechOn, setSpeech, voice() ? "" : text("no_voice")),
    ),
    h("h3", {}, text("health")),
    h(
      "ul.messages",
      {},
      ...[...line.health.values()].map((part) =>
        h(
          "li",
          {},
          shape(part.level),
          " ",
          pick(part) || `${text(`health_${part.key}`)}: ${text(`level_${part.level}`)}`,
        )
      ),
    ),
    h("h3", {}, text("messages")),
    line.notices.length
      ? h(
        "ul.messages",
        {},
        ...line.notices.slice(-12).reverse().map((notice) =>
          h("li", {}, h("time", {}, clockTime(notice.time)), " ", pick(notice))
        ),
      )
      : h("p", {}, text("no_messages")),
  );
}
