import { call, get, list, post } from "./api.js";
import { attempt, toast } from "./desk.js";
import { field, form, openDialog } from "./dialog.js";
import { h } from "./dom.js";
import { text } from "./language.js";
import { chosenReason, reasonFields } from "./reasons.js";

/** Making an order, and changing its terms later. Both take the same terms; a change says why, and sends only what differs. */

/** What an order may ask of the line, and whether it usually does. */
const rules = { label_scan: false, first_article: true, stop_on_repetition: true };
/** Limits that are whole numbers; empty = the station's own. */
const limits = {
  run_limit: [1, 20],
  step_retries: [0, 20],
  offline_boards: [0, 100_000],
  offline_minutes: [0, 10_080],
};

const option = (value, label, isChosen = false) => h("option", { value, selected: isChosen }, label);
const optional = (label) => `${label} (${text("optional")})`;

/** A local time for a field of a form, from an ISO time. */
function localTime(iso) {
  if (!iso) return "";
  const time = new Date(iso);
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** The fields that hold the terms of an order; a new one's where `order` is null. */
function termFields(order) {
  const sample = /^sample[= ](\d+)$/.exec(order?.activation ?? "");
  const every = field(
    text("sample_every"),
    h("input", { name: "every", type: "number", min: 2, max: 1000, value: sample?.[1] ?? 10 }),
  );
  every.hidden = !sample;
  const [from, until] = (order?.window ?? "").split("/");
  const isOn = (rule) => (order ? Boolean(order.rules?.[rule] ?? order[rule]) : rules[rule]);
  return [
    field(
      text("quota"),
      h("input", { name: "quota", type: "number", min: 1, max: 10_000_000, required: true, value: order?.quota ?? "" }),
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
        ...["board", "relay", "sample"].map((mode) =>
          option(mode, text(`activation_${mode}`), mode === (sample ? "sample" : order?.activation ?? "board"))
        ),
      ),
    ),
    every,
    h(
      "div",
      {},
      ...Object.keys(rules).map((rule) =>
        h(
          "label.choice",
          {},
          h("input", { type: "checkbox", name: rule, checked: isOn(rule) }),
          h("span", {}, text(`rule_${rule}`)),
        )
      ),
    ),
    field(
      optional(text("allow")),
      h("input", { name: "allow", autocomplete: "off", placeholder: text("allow_hint"), value: order?.allow ?? "" }),
    ),
    ...Object.entries(limits).map(([key, [min, max]]) =>
      field(
        optional(text(`limit_${key}`)),
        h("input", { name: key, type: "number", min, max, value: order?.[key] ?? "" }),
      )
    ),
    field(
      optional(`${text("window")} ${text("from")}`),
      h("input", { name: "from", type: "datetime-local", value: localTime(from) }),
    ),
    field(
      optional(`${text("window")} ${text("until")}`),
      h("input", { name: "until", type: "datetime-local", value: localTime(until) }),
    ),
  ];
}

/** What the fields say, as the API takes it: what is left empty is null. */
function termsIn(fields) {
  const [from, until] = [fields.get("from"), fields.get("until")].map(
    (time) => (time ? new Date(time).toISOString().replace(".000Z", "Z") : ""),
  );
  const number = (key) => (fields.get(key) === "" ? null : Number(fields.get(key)));
  return {
    quota: Number(fields.get("quota")),
    activation: fields.get("activation") === "sample" ? `sample=${fields.get("every")}` : fields.get("activation"),
    window: from || until ? `${from}/${until}` : null,
    allow: fields.get("allow").trim() || null,
    ...Object.fromEntries(Object.keys(limits).map((key) => [key, number(key)])),
    ...Object.fromEntries(Object.keys(rules).map((rule) => [rule, fields.get(rule) !== null])),
  };
}

/** Makes an order. */
export async function openNew(redraw) {
  const releases = list(await attempt(() => get("/releases")), "releases");
  const dialog = openDialog(
    text("new_order"),
    form(
      text("save"),
      async (fields) => {
        const { profile, version } = releases[Number(fields.get("release"))] ?? {};
        const order = await post("/orders", {
          product_key: fields.get("product_key").trim(),
          release: version,
          profile,
          mode: fields.get("mode"),
          ...termsIn(fields),
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
        field(
          text("mode"),
          h(
            "select",
            { name: "mode" },
            ...["pre-registered", "no-preregistration"].map((mode) => option(mode, text(`mode_${mode}`))),
          ),
        ),
        ...termFields(null),
      ),
    ),
  );
  dialog.classList.add("wide");
}

/** Changes the terms of an order. */
export function openAmend(order, redraw) {
  const element = h("div.columns", {}, ...termFields(order));
  let before = {};
  const dialog = openDialog(
    `${text("amend")} · ${order.order}`,
    form(
      text("save"),
      async (fields) => {
        const now = termsIn(fields);
        const changed = Object.fromEntries(
          Object.entries(now).filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(before[key])),
        );
        if (!Object.keys(changed).length) throw new Error(text("nothing_changed"));
        await call("PATCH", `/orders/${encodeURIComponent(order.order)}`, {
          reason: chosenReason(fields),
          ...changed,
        });
        dialog.close();
        toast("ok", `${order.order} ${text("done")}`);
        await redraw();
      },
      element,
      reasonFields("amend"),
    ),
  );
  dialog.classList.add("wide");
  before = termsIn(new FormData(dialog.querySelector("form")));
}
