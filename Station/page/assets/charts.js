/** The charts of a report, drawn as SVG in the page's own colours. Every figure in them stands in a table beside them too. */

const space = "http://www.w3.org/2000/svg";

/** An element of SVG. */
function s(tag, attributes = {}, ...children) {
  const element = document.createElementNS(space, tag);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

function chart(width, height, label, ...content) {
  return s("svg", { viewBox: `0 0 ${width} ${height}`, class: "chart", role: "img", "aria-label": label }, ...content);
}

const said = (content, x, y, kind = "", anchor = "middle") =>
  s("text", { x, y, class: kind, "text-anchor": anchor }, String(content));

/** Numbers of an axis from 0 to at least `top`: 0 and three to six more, whole and round. */
export function ticks(top) {
  const rough = Math.max(1, top) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough));
  const found = [];
  for (let value = 0; value < top + step; value += step) found.push(value);
  return found.length > 1 ? found : [0, 1];
}

/**
 * Columns over time with the plan as a line.
 * @param {{label: string, value: number, plan: number|null, title: string}[]} columns
 */
export function columnChart(columns, label, width = 960, height = 260) {
  const [left, right, top, foot] = [46, 8, 18, 26];
  const axis = ticks(Math.max(1, ...columns.map(({ value, plan }) => Math.max(value, plan ?? 0))));
  const scale = (height - top - foot) / axis.at(-1);
  const y = (value) => height - foot - value * scale;
  const each = (width - left - right) / columns.length;
  const content = axis.map((value) =>
    s(
      "g",
      {},
      s("line", { x1: left, x2: width - right, y1: y(value), y2: y(value), class: "grid" }),
      said(value, left - 6, y(value) + 4, "", "end"),
    )
  );
  // As many labels as find room.
  const every = Math.max(1, Math.ceil((columns.length * 44) / (width - left - right)));
  columns.forEach(({ label: below, value, title }, index) => {
    const x = left + index * each;
    const bar = s(
      "rect",
      { x: x + each * 0.12, width: each * 0.76, y: y(value), height: Math.max(0, value * scale), class: "bar" },
      s("title", {}, title),
    );
    content.push(bar);
    const isInside = value * scale > 24;
    if (each >= 26 && value) {
      content.push(said(value, x + each / 2, y(value) + (isInside ? 16 : -4), isInside ? "inside" : "value"));
    }
    if (index % every === 0) content.push(said(below, x + each / 2, height - 8));
  });
  const plan = columns.flatMap(({ plan: wanted }, index) =>
    wanted === null ? [] : [`${left + index * each},${y(wanted)} ${left + (index + 1) * each},${y(wanted)}`]
  );
  if (plan.length) content.push(s("polyline", { points: plan.join(" "), class: "plan" }));
  return chart(width, height, label, ...content);
}

/**
 * Pareto: bars from the largest down, and the line of their sum in hundredths of a percent.
 * @param {{key: string, count: number, cumulative_bp: number}[]} rows
 */
export function paretoChart(rows, label, width = 960, height = 280) {
  const shown = rows.slice(0, 12);
  const [left, right, top, foot] = [46, 50, 18, 26];
  const axis = ticks(Math.max(1, ...shown.map(({ count }) => count)));
  const room = height - top - foot;
  const y = (value) => height - foot - (value * room) / axis.at(-1);
  const share = (bp) => height - foot - (bp * room) / 10_000;
  const each = (width - left - right) / Math.max(shown.length, 4);
  const middle = (index) => left + (index + 0.5) * each;
  const content = [
    ...axis.map((value) =>
      s(
        "g",
        {},
        s("line", { x1: left, x2: width - right, y1: y(value), y2: y(value), class: "grid" }),
        said(value, left - 6, y(value) + 4, "", "end"),
      )
    ),
    ...[0, 50, 100].map((percent) => said(`${percent}%`, width - right + 6, share(percent * 100) + 4, "", "start")),
    ...shown.flatMap(({ key, count }, index) => [
      s(
        "rect",
        {
          x: middle(index) - each * 0.36,
          width: each * 0.72,
          y: y(count),
          height: height - foot - y(count),
          class: "bar bad",
        },
        s("title", {}, `${key} ${count}`),
      ),
      said(count, middle(index), Math.max(y(count) - 4, 12), "value"),
      said(key.length > 12 ? `${key.slice(0, 11)}…` : key, middle(index), height - 8),
    ]),
    s("polyline", {
      points: shown.map(({ cumulative_bp: bp }, index) => `${middle(index)},${share(bp)}`).join(" "),
      class: "sum",
    }),
    ...shown.map(({ cumulative_bp: bp }, index) =>
      s("circle", { cx: middle(index), cy: share(bp), r: 4, class: "dot" })
    ),
  ];
  return chart(width, height, label, ...content);
}

/** A bar for a cell of a table: parts side by side out of `whole`, each with a kind. */
export function barCell(parts, whole) {
  let x = 0;
  const total = Math.max(1, whole);
  return s(
    "svg",
    { viewBox: "0 0 100 10", class: "bar-cell", preserveAspectRatio: "none", "aria-hidden": "true" },
    ...parts.map(([value, kind]) => {
      const width = (100 * value) / total;
      const part = s("rect", { x, y: 1, width, height: 8, class: `bar ${kind}` });
      x += width;
      return part;
    }),
  );
}

/** A span for a cell of a table: from the least to the largest, the middle half dark up to p95, a tick at the median. */
export function spanCell({ min_ms: min, median_ms: median, p95_ms: p95, max_ms: max }, whole) {
  const x = (value) => Math.min(100, (100 * value) / Math.max(1, whole));
  return s(
    "svg",
    { viewBox: "0 0 100 10", class: "bar-cell", preserveAspectRatio: "none", "aria-hidden": "true" },
    s("rect", { x: x(min), y: 4, width: Math.max(0.5, x(max) - x(min)), height: 2, class: "bar faint" }),
    s("rect", { x: x(min), y: 2, width: Math.max(0.5, x(p95) - x(min)), height: 6, class: "bar" }),
    s("rect", { x: Math.max(0, x(median) - 0.4), y: 0, width: 0.8, height: 10, class: "bar tick" }),
  );
}
