import { get, list, post } from "./api.js";
import { isRepetition } from "./banners.js";
import { attempt, startDesk, toast } from "./desk.js";
import { field, form, openDialog } from "./dialog.js";
import { h } from "./dom.js";
import { permille } from "./header.js";
import { language, pick, text } from "./language.js";
import { askReason, chosenReason, reasonFields } from "./reasons.js";
import { may } from "./session.js";
import { shape } from "./shapes.js";

/** Work orders: what there is, making one, opening, holding and closing. */

const words = { draft: "EMPTY", open: "BUSY", held: "HOLD", closing: "HOLD", closed: "DONE", terminated: "EMPTY" };

const redraw = startDesk(async (main) => {
  const orders = list(await get("/orders"), "orders");
  main.replaceChildren(
    h(
      "div.row",
      {},
      h("h1", {}, text("orders")),
      may("order.create")
        ? h("button.main.push", { type: "button", id: "new", onclick: openNew }, text("new_order"))
        : null,
    ),
    ...(orders.length ? orders.map(sheet) : [h("p.quiet", {}, text("no_orders"))]),
  );
});

function sheet(order) {
  const figure = (name, value) => h("div", {}, h("dt", {}, text(name)), h("dd", {}, String(value ?? "–")));
  const hold = language() === "zh" ? order.hold_zh : order.hold_en;
  return h(
    "section.sheet",
    { data: { order: order.order } },
    h(
      "div.head",
      {},
      h("h2", {}, order.order),
      h("span", {}, order.title || ""),
      h(
        "span.chip",
        { data: { word: words[order.state] ?? "READY" } },
        shape(words[order.state] ?? "READY"),
        text(`state_${order.state}`),
      ),
      h(
        "span.quiet.push",
        {},
        [
          order.product_key,
          `${order.profile} ${order.release}`,
          text(`mode_${order.mode}`),
          activation(order.activation),
        ].join(" · "),
      ),
    ),
    order.hold_code ? h("p.failure", { data: { kind: "held" } }, h("b", {}, order.hold_code), ` ${hold ?? ""}`) : null,
    h(
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
    ),
    h("div.row", {}, ...buttons(order)),
  );
}

function activation(mode) {
  const sample = /^sample[= ](\d+)$/.exec(mode);
  return sample ? `${text("activation_sample")} 1/${sample[1]}` : text(`activation_${mode}`);
}

function buttons(order) {
  const path = `/orders/${encodeURIComponent(order.order)}`;
  const found = [];
  const add = (isShown, label, act, kind = "") => {
    if (isShown) found.push(h(`button.big${kind}`, { type: "button", onclick: act }, label));
  };
  const change = may("order.change");
  add(
    change && (order.state === "draft" || (order.state === "held" && !isRepetition(order))),
    text("order_open"),
    () => ask(order, "open"),
    ".main",
  );
  add(
    order.first_article === "waiting-for-leader" && may("order.first-article"),
    text("confirm_first"),
    () =>
      attempt(async () => {
        await post(`${path}/first-article`);
        await redraw();
      }),
    ".main",
  );
  add(
    isRepetition(order) && may("order.repetition"),
    text("name_cause"),
    () =>
      askReason(text("name_cause"), "repetition", async (reason) => {
        await post(`${path}/repetition`, { reason });
        await redraw();
      }),
    ".main",
  );
  add(change && order.state === "open", text("order_held"), () => ask(order, "held"));
  add(
    change && ["open", "held", "draft"].includes(order.state),
    text("order_closed"),
    () => ask(order, "closed"),
    ".danger",
  );
  add(may("report"), text("report"), () => openReport(order));
  return found;
}

function ask(order, state) {
  const dialog = openDialog(
    `${text(`order_${state}`)} · ${order.order}`,
    h("p", {}, text(`what_${state}`)),
    form(
      text(`order_${state}`),
      async (fields) => {
        await post(`/orders/${encodeURIComponent(order.order)}/state`, {
          state,
          reason: chosenReason(fields),
          leaving_unsettled: fields.get("leaving") !== null,
        });
        dialog.close();
        toast("ok", `${order.order} ${text(`state_${state}`)}`);
        await redraw();
      },
      reasonFields(state),
      state === "closed"
        ? h(
          "label.choice",
          {},
          h("input", { type: "checkbox", name: "leaving" }),
          h("span", {}, text("leaving_unsettled")),
        )
        : "",
    ),
  );
}

const reported = [
  "input",
  "first_pass",
  "after_retest",
  "done",
  "failed_open",
  "held",
  "scrapped",
  "replaced",
  "running",
  "offline_debt",
  "fpy_permille",
  "yield_permille",
  "quota_before",
  "quota_left",
];

async function openReport(order) {
  const found = await attempt(() => get(`/reports/order/${encodeURIComponent(order.order)}`));
  if (!found) return;
  openDialog(
    `${text("report")} · ${order.order}`,
    h(
      "table",
      {},
      h(
        "tbody",
        {},
        ...reported.filter((key) => key in found).map((key) =>
          h(
            "tr",
            {},
            h("th", { scope: "row" }, text(`report_${key}`)),
            h("td.number", {}, key.endsWith("_permille") ? permille(found[key]) : String(found[key])),
          )
        ),
      ),
    ),
    found.definitions ? h("p.quiet", {}, pick(found.definitions)) : "",
  );
}

/** What an order may ask of the line, and whether it usually does. */
const rules = { label_scan: false, first_article: true, stop_on_repetition: true };

async function openNew() {
  const releases = list(await attempt(() => get("/releases")), "releases");
  const option = (value, label) => h("option", { value }, label);
  const every = field(
    text("sample_every"),
    h("input", { name: "every", type: "number", min: 2, max: 1000, value: 10 }),
  );
  every.hidden = true;
  const dialog = openDialog(
    text("new_order"),
    form(
      text("save"),
      async (fields) => {
        const { profile, version } = releases[Number(fields.get("release"))] ?? {};
        const [from, until] = [fields.get("from"), fields.get("until")].map((
          time,
        ) => (time ? new Date(time).toISOString() : ""));
        const order = await post("/orders", {
          product_key: fields.get("product_key").trim(),
          release: version,
          profile,
          quota: Number(fields.get("quota")),
          mode: fields.get("mode"),
          activation: fields.get("activation") === "sample"
            ? `sample=${fields.get("every")}`
            : fields.get("activation"),
          window: from || until ? `${from}/${until}` : null,
          ...Object.fromEntries(Object.keys(rules).map((rule) => [rule, fields.get(rule) !== null])),
        });
        dialog.close();
        toast("ok", `${order.order} ${text("done")}`);
        await redraw();
      },
      h(
        "div.columns",
        {},
        field(text("product_key"), h("input", { name: "product_key", required: true, autocomplete: "off" })),
        field(
          text("release"),
          h(
            "select",
            { name: "release", required: true },
            ...releases.map(({ profile, version }, index) => option(index, `${profile} ${version}`)),
          ),
        ),
        field(text("quota"), h("input", { name: "quota", type: "number", min: 1, required: true })),
        field(
          text("mode"),
          h(
            "select",
            { name: "mode" },
            ...["pre-registered", "no-preregistration"].map((mode) => option(mode, text(`mode_${mode}`))),
          ),
        ),
        field(
          text("activation"),
          h(
            "select",
            {
              name: "activation",
              onchange: (event) => {
                every.hidden = event.target.value !== "sample";
              },
            },
            ...["board", "relay", "sample"].map((mode) => option(mode, text(`activation_${mode}`))),
          ),
        ),
        every,
        h(
          "div",
          {},
          ...Object.entries(rules).map(([rule, isUsual]) =>
            h(
              "label.choice",
              {},
              h("input", { type: "checkbox", name: rule, checked: isUsual }),
              h("span", {}, text(`rule_${rule}`)),
            )
          ),
        ),
        field(
          `${text("window")} ${text("from")} (${text("optional")})`,
          h("input", { name: "from", type: "datetime-local" }),
        ),
        field(
          `${text("window")} ${text("until")} (${text("optional")})`,
          h("input", { name: "until", type: "datetime-local" }),
        ),
      ),
    ),
  );
}
