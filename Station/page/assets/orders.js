import { get, list } from "./api.js";
import { startDesk } from "./desk.js";
import { h } from "./dom.js";
import { text } from "./language.js";
import { orderButtons } from "./order-actions.js";
import { openNew } from "./order-form.js";
import { openImport } from "./order-import.js";
import { figures, holdSentence, inOneLine, stateChip } from "./order-parts.js";
import { may } from "./session.js";

/** Work orders: what there is, making and importing them. Each has a page of its own. */

const redraw = startDesk(async (main) => {
  const orders = list(await get("/orders"), "orders");
  const make = (id, label, act, kind = "") => h(`button${kind}`, { type: "button", id, onclick: act }, text(label));
  main.replaceChildren(
    h(
      "div.row",
      {},
      h("h1", {}, text("orders")),
      ...(may("order.create")
        ? [
          make("import", "import_orders", () => openImport(redraw), ".push"),
          make("new", "new_order", () => openNew(redraw), ".main"),
        ]
        : []),
    ),
    ...(orders.length ? orders.map(sheet) : [h("p.quiet", {}, text("no_orders"))]),
  );
});

function sheet(order) {
  const id = encodeURIComponent(order.order);
  return h(
    "section.sheet",
    { data: { order: order.order } },
    h(
      "div.head",
      {},
      h("h2", {}, h("a", { href: `/order/${id}` }, order.order)),
      h("span", {}, order.title || ""),
      stateChip(order),
      h("span.quiet.push", {}, inOneLine(order)),
    ),
    holdSentence(order),
    figures(order),
    h(
      "div.row",
      {},
      ...orderButtons(order, redraw),
      may("report") ? h("a.button.big", { href: `/reports?kind=batch&order=${id}` }, text("page_reports")) : null,
      may("report") ? h("a.button.big", { href: `/order/${id}#reconciliation` }, text("reconciliation")) : null,
    ),
  );
}
