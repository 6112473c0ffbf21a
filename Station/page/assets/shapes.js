/**
 * The shape of each state: a state is never told by its colour alone. One 24 × 24 path each, even-odd filled, so that they
 * differ in outline: square, circle, hourglass, tick, octagon, pause in a diamond, arrows.
 */
const paths = {
  EMPTY: "M3 3h5v2H5v3H3zM16 3h5v5h-2V5h-3zM3 16h2v3h3v2H3zM19 16h2v5h-5v-2h3z",
  READY: "M12 2a10 10 0 1 1 0 20a10 10 0 0 1 0-20zm0 3a7 7 0 1 0 0 14a7 7 0 0 0 0-14z",
  BUSY:
    "M5 2h14v2h-2v3.5L13.5 12L17 16.5V20h2v2H5v-2h2v-3.5L10.5 12L7 7.5V4H5zM9 4v3l3 3.8L15 7V4zM12 14l-3 3.8V20h6v-2.2z",
  PASS: "M12 1a11 11 0 1 1 0 22a11 11 0 0 1 0-22zM9.9 17.5L19 8.4l-2.3-2.3l-6.8 6.9l-2.7-2.7L4.9 12.5z",
  DONE: "M2 2h20v20H2zM5 5v14h14V5zM7.5 10.5h9v3h-9z",
  FAIL:
    "M7.5 1h9L23 7.5v9L16.5 23h-9L1 16.5v-9zM7 9.2l2.8 2.8L7 14.8L9.2 17l2.8-2.8l2.8 2.8l2.2-2.2l-2.8-2.8l2.8-2.8L14.8 7L12 9.8L9.2 7z",
  HOLD: "M12 0.5L23.5 12L12 23.5L0.5 12zM8.3 7.5v9h2.7v-9zM13 7.5v9h2.7v-9z",
  SCAN:
    "M2 4h5v2H4v3H2zM17 4h5v5h-2V6h-3zM2 15h2v3h3v2H2zM20 15h2v5h-5v-2h3zM6 8h2v8H6zM9.5 8h1v8h-1zM12 8h3v8h-3zM16.5 8h1.5v8h-1.5z",
  PLACE: "M10 2h4v8h4.5L12 17L5.5 10H10zM3 19h18v3H3z",
  REMOVE: "M12 2l6.5 7H14v8h-4V9H5.5zM3 19h18v3H3z",
  ok: "M12 1a11 11 0 1 1 0 22a11 11 0 0 1 0-22zM9.9 17.5L19 8.4l-2.3-2.3l-6.8 6.9l-2.7-2.7L4.9 12.5z",
  warn: "M12 1.5L23.5 22H0.5zM10.7 9v6.5h2.6V9zM10.7 17v2.6h2.6V17z",
  bad:
    "M7.5 1h9L23 7.5v9L16.5 23h-9L1 16.5v-9zM7 9.2l2.8 2.8L7 14.8L9.2 17l2.8-2.8l2.8 2.8l2.2-2.2l-2.8-2.8l2.8-2.8L14.8 7L12 9.8L9.2 7z",
  unknown:
    "M12 1a11 11 0 1 1 0 22a11 11 0 0 1 0-22zM12 5c-2.5 0-4 1.5-4 3.8h2.3c0-1 .600-1.7 1.7-1.7s1.7 .600 1.7 1.5c0 1.7-2.8 1.9-2.8 5.4h2.2c0-2.6 2.9-2.7 2.9-5.5C16 6.4 14.4 5 12 5zM10.8 16v2.6h2.5V16z",
  off: "M12 1a11 11 0 1 1 0 22a11 11 0 0 1 0-22zM6 10.7v2.6h12v-2.6z",
  ask: "M3 3h18v14h-8l-5 5v-5H3zM10.7 5.5v5.5h2.6V5.5zM10.7 12.5v2.3h2.6v-2.3z",
  menu: "M3 5h18v3H3zM3 10.5h18v3H3zM3 16h18v3H3z",
  theme: "M12 2a10 10 0 1 1 0 20a10 10 0 0 1 0-20zM12 4.5v15a7.5 7.5 0 0 0 0-15z",
  hand: "M7.5 1h9L23 7.5v9L16.5 23h-9L1 16.5v-9zM10.6 5v9h2.8V5zM10.6 16v3h2.8v-3z",
};
paths.wrong = paths.hand;

const space = "http://www.w3.org/2000/svg";

/** A shape, drawn in the colour of the text beside it. */
export function shape(name) {
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "shape");
  svg.setAttribute("aria-hidden", "true");
  svg.append(document.createElementNS(space, "path"));
  setShape(svg, name);
  return svg;
}

/** Turns a shape into another. */
export function setShape(svg, name) {
  if (svg.dataset.shape === name) return;
  svg.dataset.shape = name;
  svg.firstChild.setAttribute("d", paths[name] ?? paths.unknown);
  svg.firstChild.setAttribute("fill-rule", "evenodd");
}
