import { call, get, list, post } from "./api.js";
import { attempt, toast } from "./desk.js";
import { field, form, openDialog } from "./dialog.js";
import { h } from "./dom.js";
import { text } from "./language.js";
import { chosenReason, reasonFields } from "./reasons.js";

/** Making an order, and changing its terms later. Both take the same terms; a change says why, and sends only what differs. */

/** What an order may ask of the line, and whether it usually does. */
const rules = { label_scan: false, first_article: true, stop_on_repetition: true };
/** Limits that are whole numbers; empty = the station's own, or none. */
const limits = {
  run_limit: [1, 20],
  step_retries: [0, 20],
  offline_boards: [1, 1_000_000],
  offline_minutes: [1, 86_400],
};

const option = (value, label, isChosen = false) => h("option", { value, selected: isChosen }, label);
const optional = (label) => `${label} (${text("optional")})`;

/** A local time for a field of a form, from an ISO time. */
function localTime(iso) {
  if (!iso) return "";
  const time = new Date(iso);
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** The terms that can be changed later: quota, limits, window. */
function laterFields(order) {
  const [from, until] = (order?.window ?? "").split("/");
  const time = (name, value) =>
    field(
      optional(`${text("window")} ${text(name)}`),
      h("input", { name, type: "datetime-local", value: localTime(value) }),
    );
  return [
    field(
      text("quota"),
      h("input", { name: "quota", type: "number", min: 1, max: 10_000_000, required: true, value: order?.quota ?? "" }),
    ),
    ...Object.entries(limits).map(([key, [min, max]]) =>
      field(
        optional(text(`limit_${key}`)),
        h("input", { name: key, type: "number", min, max, value: order?.[key] ?? "" }),
      )
    ),
    time("from", from),
    time("until", until),
  ];
}

/** What these fields say, as the API takes it: what is left empty is null. */
function laterTerms(fields) {
  const [from, until] = [fields.get("from"), fields.get("until")].map(
    (time) => (time ? new Date(time).toISOString().replace(".000Z", "Z") : ""),
  );
  const number = (key) => (fields.get(key) === "" ? null : Number(fields.get(key)));
  return {
    quota: number("quota"),
    window: from || until ? `${from}/${until}` : null,
    ...Object.fromEntries(Object.keys(limits).map((key) => [key, number(key)])),
  };
}

/** The terms that an order has for good. */
function fixedFields(releases) {
  const every = field(
    text("sample_every"),
    h("input", { name: "every", type: "number", min: 2, max: 1000, value: 10 }),
  );
  every.hidden = true;
  const list = field(
    text("allow_list"),
    h("textarea", { name: "identities", rows: 4, spellcheck: "false" }),
  );
  list.hidden = true;
  const rule = h(
    "select",
    {
      name: "allow",
      onchange: (event) => {
        list.hidden = event.target.value !== "list";
        value.hidden = event.target.value === "any" || event.target.value === "list";
      },
    },
    ...["any", "list", "range", "oui", "tac", "pattern"].map((one) => option(one, text(`allow_${one}`))),
  );
  const value = field(text("allow_value"), h("input", { name: "allow_value", autocomplete: "off" }));
  value.hidden = true;
  return [
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
    field(text("allow"), rule),
    value,
    list,
    h(
      "div",
      {},
      ...Object.entries(rules).map(([name, isUsual]) =>
        h(
          "label.choice",
          {},
          h("input", { type: "checkbox", name, checked: isUsual }),
          h("span", {}, text(`rule_${name}`)),
        )
      ),
    ),
  ];
}

function fixedTerms(fields, releases) {
  const { profile, version } = releases[Number(fields.get("release"))] ?? {};
  const allow = fields.get("allow");
  return {
    product_key: fields.get("product_key").trim(),
    release: version,
    profile,
    mode: fields.get("mode"),
    activation: fields.get("activation") === "sample" ? `sample=${fields.get("every")}` : fields.get("activation"),
    allow: allow === "any" ? null : `${allow}:${fields.get(allow === "list" ? "identities" : "allow_value").trim()}`,
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
        const order = await post("/orders", { ...fixedTerms(fields, releases), ...laterTerms(fields) });
        dialog.close();
        toast("ok", `${order.order} ${text("done")}`);
        await redraw();
      },
      h("div.columns", {}, ...fixedFields(releases), ...laterFields(null)),
    ),
  );
  dialog.classList.add("wide");
}

/** Changes the terms of an order that can be changed. */
export function openAmend(order, redraw) {
  let before = {};
  const dialog = openDialog(
    `${text("amend")} · ${order.order}`,
    form(
      text("save"),
      async (fields) => {
        const changed = Object.fromEntries(
          Object.entries(laterTerms(fields)).filter(([key, value]) => value !== before[key]),
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
      h("div.columns", {}, ...laterFields(order)),
      reasonFields("amend"),
    ),
  );
  dialog.classList.add("wide");
  before = laterTerms(new FormData(dialog.querySelector("form")));
}
