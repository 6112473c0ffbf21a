import { h, setData, setText } from "./dom.js";
import { clockTime, minuteTime, pick, text } from "./language.js";
import { person } from "./session.js";
import { shape } from "./shapes.js";

/** The head of the page: orders, health, HOLD tray, person and clock. Redrawn as a whole; it changes seldom. */

/** Tenths of a percent as a person reads them. */
export const permille = (value) => (value === null || value === undefined ? "–" : `${(value / 10).toFixed(1)}%`);

export function drawOrders(element, line) {
  const orders = line.working;
  setData(element, "count", String(Math.min(orders.length, 4)));
  element.replaceChildren(
    ...(orders.length ? orders.map(orderItem) : [h("li.order.none", {}, shape("off"), text("no_order"))]),
  );
}

function orderItem(order) {
  const figure = (name, value, ...more) =>
    h(`span.figure.${name}`, {}, h("span.figure-name", {}, text(name)), h("b", {}, ...more, value));
  const debt = figure("debt", String(order.offline_debt), order.offline_debt ? shape("warn") : null);
  debt.classList.toggle("zero", order.offline_debt === 0);
  return h(
    "li.order",
    { data: { state: order.state, order: order.order } },
    h("span.order-id", {}, h("b", {}, order.order), h("span.order-title", {}, ` ${order.title || order.release}`)),
    order.state === "open" ? null : h("span.order-state", {}, shape("HOLD"), text(`state_${order.state}`)),
    figure("made", `${order.passed + order.done}/${order.quota}`),
    figure("left", String(order.left)),
    figure("yield", permille(order.yield_permille)),
    debt,
  );
}

const keys = ["cloud", "switch", "access-point", "fixture", "disk", "clock", "plant", "mes"];

export function drawHealth(element, line) {
  const parts = [...line.health.values()].sort((a, b) => place(a) - place(b));
  element.replaceChildren(...parts.map((part) => {
    const isFine = part.level === "ok" || part.level === "off";
    const [name, said] = [text(`health_${part.key}`), pick(part)];
    // Where it is fine a tick behind its name is enough; trouble says its sentence.
    return h(
      "li.part",
      { data: { level: part.level, key: part.key }, title: said },
      shape(part.level),
      h("span.part-text", {}, isFine ? name : said || `${name} ${text(`level_${part.level}`)}`),
      h("span.unseen", {}, isFine ? ` ${text(`level_${part.level}`)}` : ""),
    );
  }));
}

const place = ({ key }) => (keys.includes(key) ? keys.indexOf(key) : keys.length);

export function drawTray(button, line) {
  const count = line.tray.length;
  setData(button, "count", String(count));
  button.replaceChildren(shape("HOLD"), h("span", {}, text("tray", { n: count })));
}

/** The shift and until when it is planned; hidden where no shifts are worked. */
export function drawShift(button, line) {
  const { shift } = line.shift ?? {};
  button.hidden = !shift && !line.isBetweenShifts;
  setData(button, "open", String(Boolean(shift)));
  button.replaceChildren(
    shape(shift ? "BUSY" : "HOLD"),
    h(
      "span",
      {},
      shift
        ? text("shift_until", { name: shift.name, time: minuteTime(shift.planned_until, shift.zone) })
        : text("between_shifts"),
    ),
  );
}

export function drawPerson(button) {
  button.replaceChildren(
    ...(person
      ? [h("b", {}, person.name), h("span.role", {}, text(`role_${person.role}`))]
      : [h("b", {}, text("sign_in")), h("span.role", {}, text("nobody"))]),
  );
  setData(button, "signed", String(person !== null));
}

/** The station's time, which may differ from this computer's. */
export class Clock {
  #element;
  #ahead = 0;
  constructor(element) {
    this.#element = element;
  }
  set(stationTime) {
    this.#ahead = Date.parse(stationTime) - Date.now() || 0;
  }
  tick() {
    const now = new Date(Date.now() + this.#ahead);
    setText(this.#element, clockTime(now));
  }
}
