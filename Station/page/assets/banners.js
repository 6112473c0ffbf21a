import { h } from "./dom.js";
import { keep, kept } from "./kept.js";
import { language, minuteTime, text } from "./language.js";
import { may } from "./session.js";
import { shape } from "./shapes.js";

/** Whether the order was stopped because boards failed alike. Only a person who names the cause lets it go on. */
export const isRepetition = (order) => order.state === "held" && order.hold_code === "CL-204";

/** Who or what ends a hold: a cause that is named, a leader, or the cloud and the switch by themselves. */
function endOfHold(order) {
  if (isRepetition(order)) return "held_leader";
  return order.hold_code === null ? "held_person" : "held_wait";
}

/** How long the note of the shift before is shown to the next one, ms. */
const noteStands = 30 * 60_000;

/** What the shift before left, for the first half hour or until somebody has read it at this screen. */
function handoverBanner({ shift, handover }) {
  if (!shift || !handover?.note || kept("handover") === handover.shift) return [];
  if (Date.now() - Date.parse(shift.began) > noteStands) return [];
  const note = banner(
    "calm",
    "ask",
    h("b", {}, `${text("handover_of", { shift: handover.shift.replace("/", " ") })} `),
    h("span", {}, handover.note),
    h("button", {
      type: "button",
      onclick() {
        keep("handover", handover.shift);
        note.remove();
      },
    }, text("read")),
  );
  return [note];
}

function betweenBanner({ next }) {
  const when = next ? text("next_shift", { name: next.name, time: minuteTime(next.planned_from, next.zone) }) : "";
  return banner("warn", "HOLD", text("no_shift_open"), h("span", {}, when));
}

/**
 * What holds the line or an order, or wants somebody: between shifts, the hand-over, then first article, holds, full, closing.
 *
 * @param {Line} line
 * @param {{confirm: (order: object) => void, cause: (order: object) => void}} press what the leader's buttons do
 */
export function drawBanners(element, line, press) {
  const rows = line.isBetweenShifts ? [betweenBanner(line.shift)] : [...handoverBanner(line.shift ?? {})];
  for (const order of line.working) {
    if (order.state === "held") rows.push(heldBanner(order, press));
    else if (order.state === "closing") {
      rows.push(banner("warn", "HOLD", text("banner_closing", { order: order.order })));
    } else if (order.first_article === "wanted") {
      rows.push(banner("act", "PLACE", `${order.order} ${text("first_wanted")}`));
    } else if (order.first_article === "running") {
      rows.push(banner("calm", "BUSY", `${order.order} ${text("first_running")}`));
    } else if (order.first_article === "waiting-for-leader") {
      rows.push(banner(
        "act",
        "SCAN",
        `${order.order} ${text("first_leader")}`,
        may("order.first-article")
          ? h("button", { type: "button", onclick: () => press.confirm(order) }, text("confirm_first"))
          : null,
      ));
    } else if (order.left === 0) rows.push(banner("calm", "off", text("banner_full", { order: order.order })));
  }
  element.replaceChildren(...rows);
}

function heldBanner(order, press) {
  const said = language() === "zh" ? order.hold_zh : order.hold_en;
  const why = [order.hold_code, isRepetition(order) ? text("repeats") : said].filter(Boolean).join(" ");
  return banner(
    "warn",
    "HOLD",
    order.order,
    h("b.why", {}, why || text("state_held")),
    h("span", {}, text(endOfHold(order))),
    isRepetition(order) && may("order.repetition")
      ? h("button", { type: "button", onclick: () => press.cause(order) }, text("name_cause"))
      : null,
  );
}

function banner(kind, sign, sentence, ...more) {
  return h("div.banner", { data: { kind }, role: "status" }, shape(sign), h("span", {}, sentence), ...more);
}
