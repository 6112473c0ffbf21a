import { get, list } from "./api.js";
import { attempt, startDesk } from "./desk.js";
import { field } from "./dialog.js";
import { h } from "./dom.js";
import { Feed } from "./feed.js";
import { addTexts, clockTime, dateTime, language, text } from "./language.js";
import { Line } from "./line.js";
import { reportView } from "./report-view.js";
import { may } from "./session.js";
import { shape } from "./shapes.js";
import { reportTexts } from "./texts-reports.js";

/**
 * Reports of shifts, batches and the station. What is shown stands in the address; what still grows is asked for again when
 * the line concludes something, never faster than the station can answer.
 */

addTexts(reportTexts);

const kinds = ["shift", "batch", "station"];
/** Least time between two readings of a report, ms; a report that takes long to compute is asked for more seldom. */
const pause = { least: 3000, times: 10 };
const part = encodeURIComponent;

/** What is shown: kind, and the shift's id, the order, or a span of time. */
const chosen = {
  get query() {
    return new URLSearchParams(location.search);
  },
  get kind() {
    const kind = this.query.get("kind");
    return kinds.includes(kind) ? kind : "shift";
  },
  set(values) {
    const query = new URLSearchParams(
      Object.entries({ kind: this.kind, ...values }).filter(([, value]) => value !== null && value !== ""),
    );
    history.replaceState(null, "", `/reports?${query}`);
    redraw();
  },
};

let [shifts, orders, report] = [[], [], null];
let pareto = "code";
/** The report's place in the API, without format; null = nothing is chosen. */
let path = null;
/** When the figures were last read, and how long that took, ms. */
let [readAt, took, isReading, isStale] = [0, 0, false, false];
let body = h("div.report", { id: "report" });
const liveSign = h("span.live", { id: "live" });

const redraw = startDesk(async (main) => {
  if (!may("report")) {
    main.replaceChildren(h("h1", {}, text("page_title")), h("p.refusal", { role: "alert" }, text("takes_report")));
    return;
  }
  [shifts, orders] = await Promise.all([
    get("/reports/shifts").then((found) => list(found, "shifts")),
    get("/orders").then((found) => list(found, "orders")),
  ]);
  path = reportPath();
  main.replaceChildren(
    h(
      "div.row",
      {},
      h("h1", {}, text("page_title")),
      h(
        "div.tabs",
        { role: "group", aria: { label: text("page_title") } },
        ...kinds.map((kind) =>
          h("button.big", {
            type: "button",
            data: { kind },
            aria: { pressed: kind === chosen.kind },
            onclick: () => chosen.set({ kind }),
          }, text(`kind_${kind}`))
        ),
      ),
    ),
    h("div.picker", {}, ...picker()),
    path ? tools() : "",
    body,
    chosen.kind === "shift" && shifts.length ? shiftList() : "",
  );
  if (path) await read();
  else body.replaceChildren(h("p.quiet", {}, text(chosen.kind === "shift" ? "no_shifts" : "no_orders")));
});

// MARK: - Choosing

/** The shift that is looked at: the chosen one, else the newest, which is the open one where one is open. */
const shift = () => shifts.find(({ shift: id }) => id === chosen.query.get("shift")) ?? shifts[0];
const order = () => orders.find(({ order: id }) => id === chosen.query.get("order")) ?? lively() ?? orders.at(-1);
const lively = () => orders.find(({ state }) => state === "open" || state === "held");

function reportPath() {
  if (chosen.kind === "shift") return shift() ? `/reports/shift/${shift().shift.split("/").map(part).join("/")}` : null;
  if (chosen.kind === "batch") return order() ? `/reports/batch/${part(order().order)}` : null;
  return "/reports/station";
}

/** Query of the API for a format, or for JSON in the page. */
function queryOf(values = {}) {
  const query = new URLSearchParams(values);
  if (chosen.kind === "station") {
    for (const key of ["from", "until"]) {
      const time = chosen.query.get(key);
      if (time) query.set(key, new Date(time).toISOString());
    }
  }
  return query.size ? `?${query}` : "";
}

function picker() {
  const option = (value, label, isChosen) => h("option", { value, selected: isChosen }, label);
  if (chosen.kind === "shift") {
    if (!shifts.length) return [];
    return [
      field(
        text("which_shift"),
        h(
          "select",
          { id: "shift", onchange: (event) => chosen.set({ shift: event.target.value }) },
          ...shifts.map((one) =>
            option(
              one.shift,
              `${one.date} ${one.name}${one.ended ? "" : ` (${text("current")})`}`,
              one.shift === shift().shift,
            )
          ),
        ),
      ),
    ];
  }
  if (chosen.kind === "batch") {
    if (!orders.length) return [];
    return [
      field(
        text("which_order"),
        h(
          "select",
          { id: "order", onchange: (event) => chosen.set({ order: event.target.value }) },
          ...orders.map((one) =>
            option(
              one.order,
              `${one.order} ${one.title ?? ""} (${text(`state_${one.state}`)})`,
              one.order === order().order,
            )
          ),
        ),
      ),
    ];
  }
  const time = (name) =>
    field(
      text(name),
      h("input", { type: "datetime-local", id: name, name, value: chosen.query.get(name) ?? "" }),
    );
  return [
    time("from"),
    time("until"),
    h("button.main", {
      type: "button",
      id: "show",
      onclick: () =>
        chosen.set({ from: document.getElementById("from").value, until: document.getElementById("until").value }),
    }, text("show")),
  ];
}

// MARK: - Files and paper

function tools() {
  const href = (format) => `/api/v1${path}${queryOf({ format, language: language() })}`;
  const name = (format) => `${path.split("/").slice(2).join("-")}.${format}`;
  return h(
    "div.row",
    { id: "tools" },
    h("button", { type: "button", id: "print", onclick: () => print(href("html")) }, text("print")),
    h("a.button", { href: href("html"), target: "_blank", rel: "noopener" }, text("open_html")),
    ...["csv", "jsonl", "json"].map((format) =>
      h("a.button", { href: href(format), download: name(format), data: { format } }, `${text("download")} ${format}`)
    ),
    liveSign,
  );
}

/** Prints the report as the station lays it out for paper. */
function print(address) {
  document.querySelector("iframe.printed")?.remove();
  const frame = h("iframe.printed", { title: text("print"), tabindex: "-1", aria: { hidden: "true" } });
  frame.addEventListener("load", () => {
    frame.dataset.loaded = "true";
    frame.contentWindow.print();
  });
  frame.src = address;
  document.body.append(frame);
}

function shiftList() {
  const row = (one) =>
    h(
      "tr",
      {},
      h("td", {}, h("a", { href: `/reports?kind=shift&shift=${part(one.shift)}` }, `${one.date} ${one.name}`)),
      h("td.number", {}, dateTime(one.began)),
      h("td.number", {}, one.ended ? dateTime(one.ended) : text("current")),
      h("td", {}, (one.people ?? []).join(", ")),
      h("td", {}, one.note ?? ""),
    );
  return h(
    "details.sheet",
    { id: "shifts" },
    h("summary", {}, h("h2", {}, `${text("shifts")} (${shifts.length})`)),
    h(
      "div.scrolls",
      { tabindex: "0", role: "region", aria: { label: text("shifts") } },
      h(
        "table",
        {},
        h(
          "thead",
          {},
          h(
            "tr",
            {},
            ...["shifts", "from", "until", "people_of", "handover"].map((key) => h("th", { scope: "col" }, text(key))),
          ),
        ),
        h("tbody", {}, ...shifts.map(row)),
      ),
    ),
  );
}

// MARK: - Reading

async function read() {
  [isReading, isStale] = [true, false];
  const [asked, began] = [path + queryOf(), performance.now()];
  try {
    const found = await get(asked);
    if (asked === path + queryOf()) {
      report = found;
      draw();
    }
  } finally {
    [readAt, took, isReading] = [performance.now(), performance.now() - began, false];
  }
}

function draw() {
  if (!report) return;
  const open = [...body.querySelectorAll("details")].map((one) => one.open);
  const focused = document.activeElement?.dataset?.pareto;
  const view = reportView(report, {
    pareto,
    choosePareto(by) {
      pareto = by;
      draw();
    },
  });
  view.id = "report";
  [...view.querySelectorAll("details")].forEach((one, index) => {
    one.open = open[index] ?? false;
  });
  body.replaceWith(view);
  body = view;
  if (focused) body.querySelector(`[data-pareto=${focused}]`)?.focus();
  drawLive();
}

function drawLive() {
  liveSign.dataset.live = String(grows());
  liveSign.replaceChildren(
    shape(grows() ? "ok" : "off"),
    text(grows() ? "live_on" : "live_off", { time: clockTime(report.made_at) }),
  );
}

/** Whether what is shown can still change by itself. */
function grows() {
  if (!report) return false;
  if (report.report === "shift") return !report.shift?.ended;
  if (report.report === "batch") return !["closed", "terminated"].includes(report.order?.state);
  return !report.until || Date.parse(report.until) > Date.now();
}

// MARK: - Live

const line = new Line();

/** Whether an event of the line may have changed a figure. */
function concludes(event, data) {
  const { before } = line.take(event, data);
  if (event === "slot") return before !== undefined && before.word !== data.word;
  return event === "order" || event === "tray" || event === "shift" || event === "snapshot";
}

const feed = new Feed({
  url: "/api/v1/events",
  take(event, data) {
    if (concludes(event, data)) isStale = true;
  },
  show() {},
});

setInterval(() => {
  if (!isStale || isReading || !path || !report || !grows()) return;
  if (performance.now() - readAt < Math.max(pause.least, took * pause.times)) return;
  attempt(read);
}, 500);

addEventListener("pagehide", () => feed.stop());
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
feed.run();

// For tests, which compare what is shown with what was answered.
globalThis.reports = {
  get report() {
    return report;
  },
  feed,
};
