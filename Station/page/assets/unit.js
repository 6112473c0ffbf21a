import { get, list, post } from "./api.js";
import { attempt, startDesk, toast } from "./desk.js";
import { field, form, openDialog } from "./dialog.js";
import { h } from "./dom.js";
import { dateTime, language, text } from "./language.js";
import { chosenReason, reasonFields } from "./reasons.js";
import { secondFields, secondPerson } from "./second.js";
import { may } from "./session.js";
import { shape } from "./shapes.js";
import { steps } from "./steps.js";

/** The whole life of one unit, and what can be done with it. */

const name = document.getElementById("main").dataset.name;
const path = `/units/${encodeURIComponent(name)}`;

/** The word whose colour and shape a state of a unit, or an outcome of a run, has. */
const words = {
  claimed: "BUSY",
  failed: "FAIL",
  awaitingActivation: "HOLD",
  passed: "PASS",
  done: "DONE",
  held: "HOLD",
  scrapped: "EMPTY",
  replaced: "EMPTY",
  pass: "PASS",
  fail: "FAIL",
  aborted: "READY",
  interrupted: "HOLD",
  running: "BUSY",
};

const chip = (state, label) =>
  h("span.chip", { data: { word: words[state] ?? "READY" } }, shape(words[state] ?? "READY"), label);

const redraw = startDesk(async (main) => {
  const life = await get(path);
  main.replaceChildren(
    head(life),
    actions(life),
    section(
      "runs",
      ...(life.runs?.length
        ? [...life.runs].reverse().map((run, index) => runSheet(run, index === 0))
        : [h("p.quiet", {}, text("no_runs"))]),
    ),
    ...(life.workflows?.length ? [section("workflows", ...[...life.workflows].reverse().map(workflowSheet))] : []),
    ...(life.records?.length ? [records(life.records)] : []),
  );
});

const section = (title, ...content) => h("section", {}, h("h2", {}, text(title)), ...content);

/** What a value of the station says in one line. */
function plain(value) {
  if (value === null || value === undefined || value === "") return "–";
  if (Array.isArray(value)) return value.map(plain).join(", ");
  if (typeof value === "object") return Object.entries(value).map(([key, one]) => `${key} ${plain(one)}`).join(" · ");
  return String(value);
}

function facts(rows) {
  return h(
    "dl.facts",
    {},
    ...rows.filter(([, value]) => value !== null && value !== undefined && value !== "")
      .flatMap(([key, value]) => [h("dt", {}, text(key)), h("dd", {}, value instanceof Node ? value : plain(value))]),
  );
}

function head({ unit, order, replaces, replaced_by: replacedBy }) {
  const link = (other) => (other ? h("a", { href: `/unit/${encodeURIComponent(other)}` }, other) : null);
  return h(
    "section",
    {},
    h("div.row", {}, h("h1", {}, unit.device_name), chip(unit.state, text(`unit_${unit.state}`))),
    h(
      "div.sheet",
      {},
      facts([
        ["identity", `${unit.identity} (${unit.identity_kind})`],
        ["uid", `${unit.uid} (${unit.uid_source})`],
        ["order", `${unit.order}${order?.title ? ` ${order.title}` : ""}`],
        ["ordinal", unit.ordinal],
        ["product_key", unit.product_key],
        ["iot_id", unit.iot_id],
        ["client_id", unit.client_id],
        ["iccid", unit.iccid],
        ["pending", unit.pending && text(`do_${unit.pending}`)],
        ["replaces", link(replaces)],
        ["replaced_by", link(replacedBy)],
      ]),
    ),
  );
}

// MARK: - Workflows

/** Each action with the permission it takes and the states in which it makes sense. */
const possible = [
  ["release", "unit.release", (unit) => unit.state === "held"],
  ["reflash", "unit.reflash", (unit) => !gone(unit)],
  ["reset", "unit.reset", (unit) => !gone(unit)],
  ["hold", "unit.hold", (unit) => !gone(unit) && unit.state !== "held"],
  ["replace", "unit.replace", (unit) => !gone(unit)],
  ["scrap", "unit.scrap", (unit) => !gone(unit)],
  ["clientids", "unit.client-ids", (_, order) => order?.mode === "no-preregistration"],
  ["disable", "unit.disable", (unit) => unit.iot_id !== null && !gone(unit)],
  ["enable", "unit.disable", (unit) => unit.iot_id !== null && !gone(unit)],
];
const gone = ({ state }) => state === "scrapped" || state === "replaced";
const dangerous = new Set(["scrap", "replace", "clear-client-ids"]);

let takesTwo = new Set();

function actions({ unit, order, actions: said }) {
  takesTwo = new Set((said ?? []).filter(({ two }) => two).map(({ action }) => action));
  const refused = new Set((said ?? []).filter(({ allowed }) => !allowed).map(({ action }) => action));
  const cards = possible.filter(([action, permission, fits]) =>
    may(permission) && fits(unit, order) && !refused.has(action)
  ).map(([action]) =>
    h(
      "div.action-card",
      {},
      h(`button${dangerous.has(action) ? ".danger" : ""}`, {
        type: "button",
        data: { action },
        onclick: () => (action === "clientids" ? openClientIDs() : ask(action)),
      }, text(`do_${action}`)),
      h("p", {}, text(`what_${action}`)),
    )
  );
  return cards.length ? section("actions", h("div.actions", {}, ...cards)) : h("section", { hidden: true });
}

/** Asks for reason, second person and whatever else an action takes, after saying what will happen. */
function ask(action, clientID = null) {
  const takesIdentity = action === "replace";
  const mayBeDestroyed = action === "replace" || action === "scrap";
  const second = secondFields(true);
  const box = (key, label, changed) =>
    h(
      "label.choice",
      {},
      h("input", { type: "checkbox", name: key, onchange: (event) => changed(event.target.checked) }),
      h("span", {}, label),
    );
  const signs = box("signs", text("second_signs"), (isOn) => {
    second.hidden = !isOn;
  });
  const dialog = openDialog(
    `${text(`do_${action}`)} · ${name}`,
    h("p", {}, text(`what_${action}`, { id: clientID })),
    form(
      text(`do_${action}`),
      async (fields) => {
        await post(`${path}/${action}`, body(fields, clientID));
        dialog.close();
        toast("ok", `${text(`do_${action}`)} ${text("done")}`);
        await redraw();
      },
      takesIdentity
        ? field(text("other_identity"), h("input", { name: "identity", required: true, autocomplete: "off" }))
        : "",
      reasonFields(action),
      mayBeDestroyed
        ? box("destroyed", text("destroyed"), (isOn) => {
          if (isOn) signs.querySelector("input").checked = true;
          second.hidden = !signs.querySelector("input").checked;
        })
        : "",
      ...(takesTwo.has(action) ? [signs, second] : []),
    ),
  );
  if (dangerous.has(action)) dialog.querySelector("form .main").classList.add("danger");
}

function body(fields, clientID) {
  const signs = fields.get("signs") !== null && fields.get("second_badge") !== null;
  return {
    reason: chosenReason(fields),
    identity: fields.get("identity")?.trim() || null,
    destroyed: fields.get("destroyed") !== null,
    client_id: clientID,
    second: signs ? secondPerson(fields) : null,
  };
}

async function openClientIDs() {
  const found = await attempt(() => get(`${path}/clientids`));
  if (!found) return;
  const ids = list(found, "client_ids");
  const go = (action, id) => {
    dialog.close();
    ask(action, id);
  };
  const dialog = openDialog(
    text("do_clientids"),
    ids.length
      ? h(
        "table",
        {},
        h(
          "tbody",
          {},
          ...ids.map((one) =>
            h(
              "tr",
              {},
              h("td", {}, h("code", {}, one.client_id)),
              h("td", {}, dateTime(one.created_at ?? one.created_at_ms)),
              h(
                "td",
                {},
                h(
                  "button",
                  { type: "button", onclick: () => go("keep-client-id", one.client_id) },
                  text("do_keep-client-id"),
                ),
              ),
            )
          ),
        ),
      )
      : h("p", {}, text("no_clientids")),
    ids.length
      ? h(
        "div.row",
        {},
        h("button.danger", { type: "button", onclick: () => go("clear-client-ids") }, text("do_clear-client-ids")),
      )
      : "",
  );
}

// MARK: - What happened

const took = (from, to) => (from && to ? `${((Date.parse(to) - Date.parse(from)) / 1000).toFixed(1)} s` : "–");

function runSheet(run, isOpen) {
  const outcome = run.outcome ?? "running";
  const failure = run[language()];
  const reached = Math.max(-1, ...(run.steps ?? []).map(({ step }) => steps.indexOf(step)));
  const isBroken = outcome !== "pass" && outcome !== "done" && outcome !== "running";
  return h(
    "details.sheet",
    { open: isOpen },
    h(
      "summary",
      {},
      h("b", {}, `${text("run")} ${run.run}`),
      chip(outcome, text(`outcome_${outcome}`)),
      run.code ? h("b", {}, run.code) : null,
      h("span.quiet", {}, `${text("slot", { slot: run.slot })} · ${run.person ?? ""} · ${run.release ?? ""}`),
      h("span.quiet.push", {}, `${dateTime(run.started)} · ${took(run.started, run.ended)}`),
    ),
    failure
      ? h(
        "p.failure",
        { data: { kind: outcome } },
        h("b", {}, failure.happened),
        ` — ${failure.action}${failure.help ? ` (${failure.help})` : ""}`,
        run.detail ? h("div.mono.quiet", {}, run.detail) : null,
      )
      : null,
    h(
      "ol.steps",
      {},
      ...steps.map((step, index) => {
        const found = run.steps?.find((one) => one.step === step);
        const is = index < reached || (index === reached && !isBroken) ? "past" : index === reached ? "broken" : "next";
        return h(
          "li",
          { data: { is: found || index <= reached ? is : "next" }, title: found?.detail || null },
          text(step),
          h("br"),
          found ? took(found.started, found.ended) : "",
        );
      }),
    ),
    run.evidence?.length
      ? h(
        "div.scrolls",
        {},
        h("h3", {}, text("evidence")),
        table(
          ["kind", "time", "state", "activated", "online", "iot_id", "request_id", "digest"],
          run.evidence.map((
            one,
          ) => [
            text(one.label ?? "–"),
            dateTime(one.time),
            one.state,
            dateTime(one.activated),
            dateTime(one.online),
            one.iot_id,
            one.request_id,
            one.digest,
          ]),
        ),
      )
      : null,
  );
}

function workflowSheet(flow) {
  return h(
    "details.sheet",
    {},
    h(
      "summary",
      {},
      h("b", {}, text(`do_${flow.kind}`)),
      h("span", {}, flow.reason),
      h("span.quiet", {}, [flow.person, flow.second].filter(Boolean).join(" + ")),
      h("span.quiet.push", {}, `${dateTime(flow.started)} · ${flow.result ?? "–"}`),
    ),
    facts([["before", flow.before], ["after", flow.after]]),
  );
}

function table(heads, rows) {
  return h(
    "table",
    {},
    h("thead", {}, h("tr", {}, ...heads.map((key) => h("th", { scope: "col" }, text(key))))),
    h("tbody", {}, ...rows.map((row) => h("tr", {}, ...row.map((cell) => h("td", {}, plain(cell)))))),
  );
}

function records(found) {
  return h(
    "details.sheet",
    {},
    h("summary", {}, h("h2", {}, `${text("records")} (${found.length})`)),
    h(
      "div.scrolls",
      { tabindex: "0", role: "region", aria: { label: text("records") } },
      table(
        ["seq", "time", "person", "kind", "body"],
        found.map((one) => [one.seq, dateTime(one.time), one.actor, one.kind, one.body]),
      ),
    ),
  );
}
