import { barCell, columnChart, paretoChart, spanCell } from "./charts.js";
import { h } from "./dom.js";
import { dateTime, language, text } from "./language.js";
import { steps } from "./steps.js";

/** Draws a report's figures, as the station computed them: nothing is computed here but how it is shown. */

/** Hundredths of a percent as a person reads them; a dash where there is no denominator. */
export const basisPoints = (value) => (value === null || value === undefined ? "–" : `${(value / 100).toFixed(2)}%`);

const seconds = (ms) => (ms === null || ms === undefined ? "–" : `${(ms / 1000).toFixed(1)} s`);

/** Counts in the order in which they are read; those about quota stand for a batch alone. */
const counts = [
  "input",
  "first_pass",
  "after_retest",
  "passed",
  "done",
  "failed",
  "held",
  "scrapped",
  "replaced",
  "offline_debt",
  "open",
  "unjudged",
  "reflashed",
  "reset",
  "refused_duplicates",
  "interrupted",
  "aborted",
  "relay_passes",
  "runs",
  "quota",
  "claimed",
  "quota_returned",
  "quota_left",
];
const rates = ["fpy_bp", "final_yield_bp", "retest_bp", "second_bp", "third_bp", "last_bp"];

/**
 * @param {object} report as `GET /reports/…` answers it
 * @param {{pareto: string, choosePareto: (by: string) => void}} shown which Pareto is seen, and what chooses another
 */
export function reportView(report, shown) {
  const zone = report.shift?.zone;
  const isEmpty = report.counts.runs === 0 && report.counts.input === 0;
  return h(
    "div.report",
    {},
    head(report),
    isEmpty ? h("p.quiet", {}, text("no_figures")) : "",
    h("section", {}, h("h2", {}, text("rates")), rateList(report.rates)),
    h("section", {}, h("h2", {}, text("counts")), countList(report.counts)),
    isEmpty ? "" : hours(report.hours, zone),
    isEmpty ? "" : pareto(report.pareto, shown),
    isEmpty ? "" : h("div.beside", {}, cycle(report.cycle), stepYield(report.steps)),
    isEmpty ? "" : slots(report.slots),
    report.adjustments.length ? adjustments(report) : "",
    definitions(),
  );
}

function facts(rows) {
  return h(
    "dl.facts",
    {},
    ...rows.filter(([, value]) => value !== null && value !== undefined && value !== "").flatMap(([key, value]) => [
      h("dt", {}, text(key)),
      h("dd", {}, String(value)),
    ]),
  );
}

const span = (from, until) => `${dateTime(from)} — ${dateTime(until)}`;

function head(report) {
  const { shift, order, cut } = report;
  const rows = [];
  if (shift) {
    rows.push(
      ["planned", span(shift.planned_from, shift.planned_until)],
      ["began_ended", shift.began && span(shift.began, shift.ended)],
      ["people_of", shift.people?.join(language() === "zh" ? "、" : ", ")],
      ["plan_per_hour", shift.plan_per_hour],
      ["handover", shift.note],
    );
  }
  if (order) {
    rows.push(["state", text(`state_${order.state}`)], ["product_key", order.product_key], [
      "release",
      `${order.profile} ${order.release}`,
    ]);
  }
  if (report.report === "station") rows.push(["time", span(report.from, report.until)]);
  return h(
    "section.sheet",
    {},
    h(
      "div.head",
      {},
      h("h2", {}, title(report)),
      h("span.quiet.push", {}, `${text("cut_at", { seq: cut.seq })} · `, h("code", {}, cut.hash.slice(0, 12))),
    ),
    rows.length ? facts(rows) : "",
  );
}

/** The page says its own title, in its own language: the report's is the file's. */
function title({ report, shift, order, station }) {
  if (report === "shift") return `${shift.date} ${shift.name}`;
  if (report === "batch") return [order.order, order.title].filter(Boolean).join(" · ");
  return station;
}

function rateList(found) {
  return h(
    "dl.rates",
    {},
    ...rates.map((key, index) =>
      h(
        index < 2 ? "div" : "div.minor",
        { data: { rate: key } },
        h("dt", {}, text(`rate_${key}`)),
        h("dd", {}, basisPoints(found[key])),
      )
    ),
  );
}

function countList(found) {
  return h(
    "dl.figures",
    {},
    ...counts.filter((key) => found[key] !== null && found[key] !== undefined).map((key) =>
      h("div", { data: { count: key } }, h("dt", {}, text(`count_${key}`)), h("dd", {}, String(found[key])))
    ),
  );
}

// MARK: - Charts

/** Hours in columns; where there are many, whole days. */
export function columnsOfTime(found, zone) {
  const at = (hour, options) =>
    new Date(hour).toLocaleString(language() === "zh" ? "zh-CN" : "en-GB", { timeZone: zone, ...options });
  if (found.length <= 72) {
    return found.map(({ hour, good, plan }) => ({
      label: at(hour, { hour: "2-digit", hour12: false, minute: found.length <= 24 ? "2-digit" : undefined }),
      title: `${at(hour, { dateStyle: "short", timeStyle: "short" })}: ${good}${plan === null ? "" : ` / ${plan}`}`,
      value: good,
      plan,
    }));
  }
  const days = new Map();
  for (const { hour, good, plan } of found) {
    const day = at(hour, { month: "2-digit", day: "2-digit" });
    const one = days.get(day) ?? { label: day, value: 0, plan: null };
    one.value += good;
    if (plan !== null) one.plan = (one.plan ?? 0) + plan;
    days.set(day, one);
  }
  return [...days.values()].map((one) => ({ ...one, title: `${one.label}: ${one.value}` }));
}

function hours(found, zone) {
  if (!found.length) return "";
  const columns = columnsOfTime(found, zone);
  const name = found.length > 72 ? "days" : found.some(({ plan }) => plan !== null) ? "hours_with_plan" : "hours";
  return h("section.sheet", {}, h("h2", {}, text(name)), columnChart(columns, text(name)));
}

function pareto(found, shown) {
  const rows = found[shown.pareto] ?? [];
  if (!found.code.length) return "";
  const label = `${text("pareto")}: ${text(`pareto_${shown.pareto}`)}`;
  return h(
    "section.sheet",
    {},
    h(
      "div.head",
      {},
      h("h2", {}, text("pareto")),
      h(
        "div.tabs.push",
        { role: "group", aria: { label: text("pareto") } },
        ...["code", "slot", "operator", "release"].map((by) =>
          h("button", {
            type: "button",
            data: { pareto: by },
            aria: { pressed: by === shown.pareto },
            onclick: () => shown.choosePareto(by),
          }, text(`pareto_${by}`))
        ),
      ),
    ),
    paretoChart(rows, label),
    h(
      "details",
      {},
      h("summary", {}, `${text(`pareto_${shown.pareto}`)} · ${text("count")} · ${text("cumulative")}`),
      table([`pareto_${shown.pareto}`, "count", "cumulative"], [
        ...rows.map(({ key, count, cumulative_bp: sum }) => [key, number(count), number(basisPoints(sum))]),
      ]),
    ),
  );
}

// MARK: - Tables

const number = (value) => h("td.number", {}, String(value));

function table(heads, rows) {
  return h(
    "div.scrolls",
    {},
    h(
      "table",
      {},
      h("thead", {}, h("tr", {}, ...heads.map((key) => h("th", { scope: "col" }, key ? text(key) : "")))),
      h(
        "tbody",
        {},
        ...rows.map((row) => h("tr", {}, ...row.map((cell) => (cell instanceof Node ? cell : h("td", {}, cell))))),
      ),
    ),
  );
}

function cycle(found) {
  if (!found.length) return "";
  const whole = Math.max(...found.map(({ p95_ms: p95 }) => p95)) * 1.1;
  return h(
    "section.sheet",
    {},
    h("h2", {}, text("cycle")),
    table(["step", "minimum", "median", "p95", "maximum", "count_runs"], [
      ...found.map((row) => [
        h("td", {}, text(row.step), spanCell(row, whole)),
        number(seconds(row.min_ms)),
        number(seconds(row.median_ms)),
        number(seconds(row.p95_ms)),
        number(seconds(row.max_ms)),
        number(row.n),
      ]),
    ]),
  );
}

function stepYield(found) {
  if (!found.length) return "";
  const sorted = [...found].sort((a, b) => steps.indexOf(a.step) - steps.indexOf(b.step));
  return h(
    "section.sheet",
    {},
    h("h2", {}, text("step_yield")),
    table(["step", "entered", "step_ok", "step_rate"], [
      ...sorted.map((row) => [
        h("td", {}, text(row.step), barCell([[row.ok, "good"], [row.entered - row.ok, "bad"]], row.entered)),
        number(row.entered),
        number(row.ok),
        number(basisPoints(row.yield_bp)),
      ]),
    ]),
  );
}

function slots(found) {
  if (!found.length) return "";
  const most = Math.max(...found.map(({ runs }) => runs));
  return h(
    "section.sheet",
    {},
    h("h2", {}, text("slots_compared")),
    table(["slots", "", "count_runs", "good", "count_failed", "count_held", "interrupted", "median"], [
      ...found.map((row) => [
        h("th", { scope: "row" }, row.slot),
        h(
          "td",
          {},
          barCell([[row.good, "good"], [row.failed, "bad"], [row.held, "held"], [row.interrupted, "faint"]], most),
        ),
        ...[row.runs, row.good, row.failed, row.held, row.interrupted].map(number),
        number(seconds(row.median_total_ms)),
      ]),
    ]),
  );
}

function adjustments({ adjustments: found, adjustments_total: total }) {
  return h(
    "section.sheet",
    {},
    h("h2", {}, text("adjustments")),
    found.length < total ? h("p.quiet", {}, text("adjustments_more", { n: total, shown: found.length })) : "",
    table(["device_name", "was", "is", "time", "seq"], [
      ...found.map((one) => [
        one.device_name
          ? h("td", {}, h("a", { href: `/unit/${encodeURIComponent(one.device_name)}` }, one.device_name))
          : String(one.unit),
        one.was ? text(`unit_${one.was}`) : "–",
        one.is ? text(`unit_${one.is}`) : "–",
        dateTime(one.time),
        number(one.seq),
      ]),
    ]),
  );
}

function definitions() {
  const rows = [
    ["count_input", "define_input"],
    ["word_attempt", "define_attempt"],
    ["rate_fpy_bp", "define_fpy"],
    ["rate_second_bp", "define_second"],
    ["rate_final_yield_bp", "define_final"],
    ["rate_retest_bp", "define_retest"],
    ["shifts", "define_shift"],
    ["cycle", "define_cycle"],
  ];
  return h(
    "section.sheet",
    {},
    h("h2", {}, text("definitions")),
    h(
      "dl.definitions",
      {},
      ...rows.flatMap(([word, meaning]) => [h("dt", {}, text(word)), h("dd", {}, text(meaning))]),
    ),
  );
}
