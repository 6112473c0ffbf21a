import { get, post } from "./api.js";
import { attempt, toast } from "./desk.js";
import { field, form, openDialog } from "./dialog.js";
import { h } from "./dom.js";
import { addTexts, dateTime, language, pick, text } from "./language.js";
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
  let timer = null;
  const stop = () => clearTimeout(timer);

  async function load() {
    stop();
    const found = await get(`${path}/reconciliation`);
    drawProgress(found);
    if (found.state === "running") timer = setTimeout(() => load().catch(() => {}), 1000);
    else content.replaceChildren(...result(found));
  }

  function drawProgress(found) {
    element.querySelector("#reconcile")?.toggleAttribute("disabled", found.state === "running");
    bar.replaceChildren(
      ...(found.state === "running"
        ? [
          h("p", {}, shape("BUSY"), ` ${text("reconcile_running", { n: found.read ?? 0 })}`),
          h("progress.meter", { aria: { label: text("reconciliation") } }),
        ]
        : found.state === "failed"
        ? [h("p.refusal", { role: "alert" }, pick(found.error))]
        : []),
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
          const list = packed.value.trim() || null;
          dialog.close();
          // The answer comes when it is done, which may take minutes; what it has read is asked for meanwhile.
          const done = attempt(() => post(`${path}/reconcile`, { packed: list }));
          timer = setTimeout(() => load().catch(() => {}), 300);
          if (await done) await redraw();
          else await load().catch(() => {});
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
          h("span", {}, text("reconciliation_n", { n: one.number ?? one.reconciliation })),
          h(
            "span.quiet.push",
            {},
            `${text("cloud_read", { from: dateTime(one.cloud_began), until: dateTime(one.cloud_read) })} · ${
              text("cut_at_record", { seq: one.head })
            }`,
          ),
        ),
        h("p.quiet", {}, h("code", {}, one.rows_sha256)),
        h(
          "div.row",
          {},
          ...["csv", "jsonl"].map((format) =>
            h("a.button", {
              href: `/api/v1${path}/reconciliation?format=${format}&language=${language()}`,
              download: `${order.order}-reconciliation.${format}`,
              data: { format },
            }, `${text("download")} ${format}`)
          ),
        ),
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
          await post(`${path}/reconciliation/actions`, {
            device_name: row.device_name,
            action: action.key,
            reason: chosenReason(fields),
            second: action.two ? secondPerson(fields) : null,
          });
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
