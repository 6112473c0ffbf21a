/**
 * What the page knows of the line: a snapshot, and events that each replace one thing in it. It knows nothing of how it is
 * shown.
 */
export class Line {
  station = null;
  slots = new Map();
  orders = new Map();
  health = new Map();
  notices = [];
  tray = [];
  /** `{shift, next, handover}`: the open shift, the calendar's next one, what the one before left; each may be null. */
  shift = null;

  /** Takes one event. @returns {{kind: string, key?: string, before?: object}} what it changed */
  take(event, data) {
    switch (event) {
      case "snapshot":
        this.station = data.station;
        this.slots = new Map(data.slots.map((slot) => [slot.slot, slot]));
        this.orders = new Map(data.orders.map((order) => [order.order, order]));
        this.health = new Map(data.health.map((part) => [part.key, part]));
        [this.notices, this.tray, this.shift] = [[...data.notices], data.tray, data.shift ?? null];
        return { kind: "snapshot" };
      case "slot":
        return this.#replace("slot", this.slots, data.slot, data);
      case "order":
        return this.#replace("order", this.orders, data.order, data);
      case "health":
        return this.#replace("health", this.health, data.key, data);
      case "notice":
        this.notices = [...this.notices, data].slice(-Line.noticesKept);
        return { kind: "notice" };
      case "tray":
        this.tray = Array.isArray(data) ? data : data.tray;
        return { kind: "tray" };
      case "shift":
        this.shift = data;
        return { kind: "shift" };
      default:
        return { kind: event };
    }
  }

  /** As the server would say it in a snapshot; two pages that show the same are equal in it. */
  get picture() {
    return {
      slots: [...this.slots.values()],
      orders: [...this.orders.values()].filter(({ state }) => state !== "closed"),
      health: [...this.health.values()],
      notices: this.notices,
      tray: this.tray,
      shift: this.shift,
    };
  }

  /** Whether shifts are worked here and none is open: no board starts then. */
  get isBetweenShifts() {
    return this.shift !== null && this.shift.shift === null && this.shift.is_kept;
  }

  static noticesKept = 50;

  /** The orders that boards are made for, and those that wait for somebody. */
  get working() {
    return [...this.orders.values()].filter(({ state }) => state === "open" || state === "held" || state === "closing");
  }

  /**
   * Whether a board may be placed on an empty slot now.
   * @returns {"yes"|"wait"|"no order"}
   */
  takes(slot) {
    const orders = this.working.filter((
      { order, profile },
    ) => (slot.order ? order === slot.order : profile === slot.profile));
    if (!orders.length) return "no order";
    if (this.isBetweenShifts) return "wait";
    const isOpen = ({ state, left, first_article: first }) =>
      state === "open" && left > 0 && first !== "running" && first !== "waiting-for-leader";
    return orders.some(isOpen) ? "yes" : "wait";
  }

  #replace(kind, map, key, value) {
    const before = map.get(key);
    map.set(key, value);
    return { kind, key, before };
  }
}
