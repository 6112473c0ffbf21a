import { get } from "./api.js";
import { startDesk } from "./desk.js";
import { h } from "./dom.js";
import { pick, text } from "./language.js";
import { orderButtons } from "./order-actions.js";
import { activation, figures, holdSentence, stateChip } from "./order-parts.js";
import { reconciliationSection } from "./reconciliation.js";
import { may } from "./session.js";

/** One order: its terms, what can be done with it, and its reconciliation with the cloud. */

const name = document.getElementById("main").dataset.name;
const id = encodeURIComponent(name);
let section = null;

const redraw = startDesk(async (main) => {
  const order = await get(`/orders/${id}`);
  section?.stop();
  section = may("report") ? reconciliationSection(order, redraw) : null;
  main.replaceChildren(
    h(
      "section",
      {},
      h("div.row", {}, h("h1", {}, order.order), h("span", {}, order.title || ""), stateChip(order)),
      holdSentence(order),
      figures(order),
      h(
        "div.row",
        {},
        ...orderButtons(order, redraw),
        may("report") ? h("a.button.big", { href: `/reports?kind=batch&order=${id}` }, text("page_reports")) : null,
      ),
    ),
    h("section", {}, h("h2", {}, text("terms")), h("div.sheet", {}, terms(order))),
    section?.element ?? "",
  );
  await section?.load();
  if (location.hash === "#reconciliation") section?.element.scrollIntoView();
});

const yesNo = (value) => text(value ? "on" : "off");

/** Every term that the order has, in the words of its form. */
function terms(order) {
  const rule = (key) => order.rules?.[key] ?? order[key];
  const rows = [
    [text("product_key"), order.product_key],
    [text("release"), `${order.profile} ${order.release}`],
    [text("mode"), text(`mode_${order.mode}`)],
    [text("activation"), activation(order.activation)],
    [text("quota_rule"), pick(order.quota_rule)],
    [text("window"), order.window],
    [text("allow"), order.allow === "any" ? text("allow_any") : order.allow],
    ...["run_limit", "step_retries", "offline_boards", "offline_minutes"].map((key) => [
      text(`limit_${key}`),
      order[key],
    ]),
    ...["label_scan", "first_article", "stop_on_repetition"].filter((key) => typeof rule(key) === "boolean").map((
      key,
    ) => [text(`rule_${key}`), yesNo(rule(key))]),
  ];
  return h(
    "dl.facts",
    { id: "terms" },
    ...rows.filter(([, value]) => value !== null && value !== undefined && value !== "").flatMap(([word, value]) => [
      h("dt", {}, word),
      h("dd", {}, String(value)),
    ]),
  );
}
