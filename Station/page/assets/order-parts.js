import { h } from "./dom.js";
import { permille } from "./header.js";
import { language, text } from "./language.js";
import { shape } from "./shapes.js";

/** What is shown of an order, in the list and on its own page. */

const words = { draft: "EMPTY", open: "BUSY", held: "HOLD", closing: "HOLD", closed: "DONE", terminated: "EMPTY" };

/** Whether nothing comes after the order's state. */
export const isOver = ({ state }) => state === "closed" || state === "terminated";

export function stateChip({ state }) {
  const word = words[state] ?? "READY";
  return h("span.chip", { data: { word } }, shape(word), text(`state_${state}`));
}

/** Product, profile, release and how its boards are registered and activated, in one line. */
export const inOneLine = (order) =>
  [order.product_key, `${order.profile} ${order.release}`, text(`mode_${order.mode}`), activation(order.activation)]
    .join(" · ");

export function activation(mode) {
  const sample = /^sample[= ](\d+)$/.exec(mode);
  return sample ? `${text("activation_sample")} 1/${sample[1]}` : text(`activation_${mode}`);
}

/** Why the order is on hold, where a code stands for it. */
export function holdSentence(order) {
  const hold = language() === "zh" ? order.hold_zh : order.hold_en;
  return order.hold_code
    ? h("p.failure", { data: { kind: "held" } }, h("b", {}, order.hold_code), ` ${hold ?? ""}`)
    : null;
}

export function figures(order) {
  const figure = (name, value) => h("div", {}, h("dt", {}, text(name)), h("dd", {}, String(value ?? "–")));
  return h(
    "dl.figures",
    {},
    figure("quota", order.quota),
    figure("claimed", order.claimed),
    figure("left", order.left),
    figure("passed", order.passed),
    figure("done_count", order.done),
    figure("failed", order.failed),
    figure("held", order.held),
    figure("yield", permille(order.yield_permille)),
    figure("debt", order.offline_debt),
  );
}
