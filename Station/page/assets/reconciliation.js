import { get, post } from "./api.js";
import { attempt, toast } from "./desk.js";
import { field, form, openDialog } from "./dialog.js";
import { h } from "./dom.js";
import { addTexts, dateTime, pick, text } from "./language.js";
import { chosenReason, reasonFields } from "./reasons.js";
import { secondFields, secondPerson } from "./second.js";
import { may } from "./session.js";
import { shape } from "./shapes.js";
import { reconciliationTexts } from "./texts-reconciliation.js";

/**
 * The reconciliation of an order: journal, cloud and, where it is given, what was packed. Classes in their printed order;
 * each row with its evidence, its owner, and the one thing that can safely be done about it.
 */

addTexts(reconciliationTexts);

/** Rows of a class that are fetched at once. */
const page = 50;

/**
 * @param {object} order
 * @param {() => Promise<void>} redraw the whole page, after an action
 * @returns {{element: HTMLElement, load: () => Promise<void>, stop: () => void}}
 */
export function reconciliationSection(order, redraw) {
  const path = `/orders/${encodeURIComponent(order.order)}`;
  const [bar, content] = [h("div", { role: "status" }), h("div.report", { id: "reconciled" })];
  const element = h(
    "section",
    { id: "reconciliation" },
    h(
      "div.row",
      {},
      h("h2", {}, text("reconciliation")),
      may("order.change")
        ? h("button.main", { type: "button", id: "reconcile", onclick: () => openStart() }, text("reconcile"))
        : null,
    ),
    bar,
    content,
  );
  /** The classes in both languages, as the station says them. */
  let words = new Map();
  let isGone = false;
  const stop = () => {
    isGone = true;
  };

  async function load() {
    content.replaceChildren(...result(await get(`${path}/reconciliation`)));
  }

  /** Has the station go on until it is done: it answers every while how far it is, and forgets nothing in between. */
  async function run(packed) {
    const button = element.querySelector("#reconcile");
    button.disabled = true;
    try {
      while (!isGone) {
        const progress = await post(`${path}/reconcile`, { packed });
        if (progress.state === "concluded") break;
        drawProgress(progress);
        if (progress.state === "waiting") await new Promise((wake) => setTimeout(wake, 3000));
      }
    } finally {
      bar.replaceChildren();
      button.disabled = false;
    }
  }

  function drawProgress({ state, devices, total, left, trouble }) {
    const words = {
      reading: () => text("reconcile_reading", { n: devices ?? 0, total: total ?? "?" }),
      asking: () => text("reconcile_asking", { n: left ?? 0 }),
      waiting: () => `${text("reconcile_waiting")} ${trouble ?? ""}`,
      begun: () => text("reconcile_begun"),
    };
    bar.replaceChildren(
      h("p", {}, shape(state === "waiting" ? "warn" : "BUSY"), ` ${words[state]()}`),
      h("progress.meter", {
        aria: { label: text("reconciliation") },
        max: state === "reading" && total ? total : null,
        value: state === "reading" && total ? devices : null,
      }),
    );
  }

  // MARK: - Starting

  function openStart() {
    const packed = h("textarea", { name: "packed", rows: 4, spellcheck: "false" });
    const file = h("input", {
      type: "file",
      accept: ".csv,.txt,text/csv,text/plain",
      async onchange() {
        if (file.files[0]) packed.value = await file.files[0].text();
      },
    });
    const dialog = openDialog(
      `${text("reconcile")} · ${order.order}`,
      h("p", {}, text("what_reconcile")),
      form(
        text("reconcile"),
        async () => {
          dialog.close();
          drawProgress({ state: "begun" });
          await attempt(() => run(packed.value.trim() || null));
          await redraw();
        },
        field(`${text("packed_file")} (${text("optional")})`, file),
        field(`${text("packed_list")} (${text("optional")})`, packed),
      ),
    );
    dialog.querySelector("form .main").focus();
  }

  // MARK: - The result

  function result(found) {
    if (!found.result) return [h("p.quiet", {}, text("never_reconciled"))];
    const { result: one, classes } = found;
    words = new Map(classes.map((each) => [each.class, each]));
    const isClean = one.open === 0;
    return [
      h(
        "div.sheet",
        {},
        h(
          "div.head",
          {},
          h(
            "span.chip",
            { data: { word: isClean ? "PASS" : "FAIL" }, id: "open-rows" },
            shape(isClean ? "PASS" : "FAIL"),
            isClean ? text("nothing_open") : text("rows_open", { n: one.open }),
          ),
          h("span", {}, text("reconciliation_n", { n: one.reconciliation })),
          h(
            "span.quiet.push",
            {},
            `${text("cloud_read", { from: dateTime(one.cloud_began), until: dateTime(one.cloud_read) })} · ${
              text("cut_at_record", { seq: one.head })
            }`,
          ),
        ),
        h("p.quiet", {}, h("code", {}, one.rows_sha256)),
      ),
      ...classes.filter(({ count }) => count > 0).map(classSheet),
    ];
  }

  function classSheet(one) {
    const rows = h("tbody");
    const more = h("button", { type: "button", hidden: true }, text("more_rows"));
    let next = 0;
    const fetchRows = async () => {
      const found = await attempt(() =>
        get(
          `${path}/reconciliation?class=${encodeURIComponent(one.class)}&after=${next}&limit=${page}`,
        )
      );
      if (!found) return;
      rows.append(...found.rows.map((row) => rowOf(row)));
      [next, more.hidden] = [found.next, found.next === null];
    };
    more.addEventListener("click", fetchRows);
    const details = h(
      "details.sheet",
      { data: { class: one.class, open: String(one.open) } },
      h(
        "summary",
        {},
        shape(one.open ? "bad" : "ok"),
        h("b", {}, pick(one)),
        h("span.number", {}, `${one.count}`),
        one.open ? h("span.quiet.push", {}, `${text("owner")}: ${text(`owner_${one.owner}`)}`) : null,
      ),
      h(
        "div.scrolls",
        { tabindex: "0", role: "region", aria: { label: pick(one) } },
        h(
          "table.rows",
          {},
          h(
            "thead",
            {},
            h(
              "tr",
              {},
              ...["device_name", "state", "cloud_side", "found_by", "notes", "what_to_do"].map((key) =>
                h("th", { scope: "col" }, text(key))
              ),
            ),
          ),
          rows,
        ),
      ),
      h("div.row", {}, more),
    );
    details.addEventListener("toggle", () => {
      if (details.open && !rows.childElementCount) fetchRows();
    });
    return details;
  }

  function rowOf(row) {
    const isNamed = !row.identity || row.identity.toLowerCase() === row.device_name.toLowerCase();
    return h(
      "tr",
      { data: { device: row.device_name } },
      h(
        "td",
        {},
        row.unit ? h("a", { href: `/unit/${encodeURIComponent(row.device_name)}` }, row.device_name) : row.device_name,
        isNamed ? "" : h("div.quiet", {}, row.identity),
      ),
      h("td", {}, row.state ? text(`unit_${row.state}`) : "–"),
      h("td", {}, plain(row.cloud)),
      h("td", {}, plain(row.evidence)),
      h("td", {}, (row.notes ?? []).map((note) => classWord(note)).join(", ") || "–"),
      h("td", {}, row.action ? actionButton(row) : "–"),
    );
  }

  const classWord = (key) => pick(words.get(key)) || key;

  // MARK: - Actions

  function actionButton(row) {
    const { action } = row;
    // What only hands can do is said, and nothing can be pressed.
    if (!action.permission) return h("span", {}, pick(action));
    if (!may(action.permission)) {
      return h("span.quiet", {}, `${pick(action)} (${text("explain_who", { role: text(`role_${action.role}`) })})`);
    }
    return h(
      "div",
      {},
      h("button", { type: "button", data: { action: action.key }, onclick: () => ask(row) }, text(`act_${action.key}`)),
      h("div.quiet", {}, pick(action)),
    );
  }

  function ask(row) {
    const { action } = row;
    const dialog = openDialog(
      `${text(`act_${action.key}`)} · ${row.device_name}`,
      h("p", {}, h("b", {}, classWord(row.class)), ` — ${pick(action)}`),
      h("p.quiet", {}, plain(row.evidence)),
      form(
        text(`act_${action.key}`),
        async (fields) => {
          const { rows } = await post(`${path}/reconciliation/actions`, {
            class: row.class,
            device_name: row.device_name,
            action: action.key,
            reason: chosenReason(fields),
            second: action.two ? secondPerson(fields) : null,
          });
          const refused = rows.find(({ done }) => !done);
          if (refused) throw new Error(pick({ zh: refused.zh, en: refused.sentence }) || refused.sentence);
          dialog.close();
          toast("ok", `${row.device_name} ${text(`act_${action.key}`)} ${text("done")} — ${text("reconcile_again")}`);
        },
        reasonFields("reconcile"),
        ...(action.two ? [h("h3", {}, text("second_signs")), secondFields()] : []),
      ),
    );
  }

  return { element, load, stop };
}

/** What a value of the station says in one line. */
export function plain(value) {
  if (value === null || value === undefined || value === "") return "–";
  if (Array.isArray(value)) return value.map(plain).join(", ") || "–";
  if (typeof value === "object") {
    return Object.entries(value).filter(([, one]) => one !== null).map(([key, one]) => `${key} ${plain(one)}`).join(
      " · ",
    );
  }
  return String(value);
}
