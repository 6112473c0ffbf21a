import { get, post } from "./api.js";
import { isRepetition } from "./banners.js";
import { attempt, toast } from "./desk.js";
import { field, form, openDialog } from "./dialog.js";
import { h } from "./dom.js";
import { pick, text } from "./language.js";
import { isOver } from "./order-parts.js";
import { openAmend } from "./order-form.js";
import { askReason, chosenReason, reasonFields } from "./reasons.js";
import { secondFields, secondPerson } from "./second.js";
import { may } from "./session.js";

/** What can be done with an order: opened, held, amended, closed, terminated. The station decides; this only asks. */

const path = (order) => `/orders/${encodeURIComponent(order.order)}`;

/**
 * @param {object} order
 * @param {() => Promise<void>} redraw after a change
 * @returns {HTMLButtonElement[]} for whom is signed in
 */
export function orderButtons(order, redraw) {
  const found = [];
  const add = (isShown, label, act, kind = "", action = label) => {
    if (isShown) {
      found.push(h(`button.big${kind}`, { type: "button", data: { action }, onclick: act }, text(label)));
    }
  };
  const change = may("order.change");
  add(
    change && (order.state === "draft" || (order.state === "held" && !isRepetition(order))),
    "order_open",
    () => ask(order, "open", redraw),
    ".main",
  );
  add(
    order.first_article === "waiting-for-leader" && may("order.first-article"),
    "confirm_first",
    () =>
      attempt(async () => {
        await post(`${path(order)}/first-article`);
        await redraw();
      }),
    ".main",
  );
  add(
    isRepetition(order) && may("order.repetition"),
    "name_cause",
    () =>
      askReason(text("name_cause"), "repetition", async (reason) => {
        await post(`${path(order)}/repetition`, { reason });
        await redraw();
      }),
    ".main",
  );
  add(change && order.state === "open", "order_held", () => ask(order, "held", redraw));
  add(may("order.create") && ["draft", "open", "held"].includes(order.state), "amend", () => openAmend(order, redraw));
  add(change && ["open", "held", "draft", "closing"].includes(order.state), "order_close", () => close(order, redraw));
  add(change && !isOver(order), "order_terminate", () => terminate(order, redraw), ".danger");
  return found;
}

function ask(order, state, redraw) {
  const dialog = openDialog(
    `${text(`order_${state}`)} · ${order.order}`,
    h("p", {}, text(`what_${state}`)),
    form(
      text(`order_${state}`),
      async (fields) => {
        await post(`${path(order)}/state`, { state, reason: chosenReason(fields) });
        dialog.close();
        toast("ok", `${order.order} ${text(`state_${state}`)}`);
        await redraw();
      },
      reasonFields(state),
    ),
  );
}

/**
 * Ends a batch: the station reconciles once more, which takes as long as the cloud does and is told meanwhile, then writes the
 * archive.
 * @param {(sentence: string) => void} tell how far it is
 */
async function end(order, kind, body, tell) {
  for (;;) {
    const found = await post(`${path(order)}/${kind}`, body);
    if (found.state === "open-rows") throw new Error(text("still_open", { n: found.result.open }));
    if (found.state !== "reconciling") return found;
    const { state, devices, total, left, trouble } = found.progress;
    tell(text(`reconcile_${state}`, { n: devices ?? left ?? 0, total: total ?? "?" }) + (trouble ? ` ${trouble}` : ""));
    if (state === "waiting") await new Promise((wake) => setTimeout(wake, 3000));
  }
}

/** A form that ends the batch and tells how far it is. */
function endForm(order, kind, body, redraw, ...content) {
  const told = h("p.quiet", { role: "status" });
  const dialog = openDialog(
    `${text(`order_${kind}`)} · ${order.order}`,
    h("p", {}, text(`what_${kind}`)),
    form(
      text(`order_${kind}`),
      async (fields) => {
        told.textContent = text("reconcile_begun");
        try {
          const found = await end(order, kind, body(fields), (sentence) => {
            told.textContent = sentence;
          });
          dialog.close();
          toast("ok", `${order.order} ${text(`state_${found.state}`)} — ${text("archive_at", found.archive ?? {})}`);
        } finally {
          told.textContent = "";
          await redraw();
        }
      },
      ...content,
      told,
    ),
  );
  return dialog;
}

function close(order, redraw) {
  endForm(order, "close", (fields) => ({ reason: chosenReason(fields) }), redraw, reasonFields("closed"));
}

/** Ends with exceptions: a reason for each class of rows that stay open, signed by two. */
async function terminate(order, redraw) {
  const found = await get(`${path(order)}/reconciliation`).catch(() => null);
  const open = (found?.classes ?? []).filter((one) => one.open && one.count);
  const dialog = endForm(
    order,
    "terminate",
    (fields) => ({
      reason: chosenReason(fields),
      reasons: Object.fromEntries(open.map((one) => [one.class, fields.get(`class ${one.class}`).trim()])),
      second: secondPerson(fields),
    }),
    redraw,
    reasonFields("terminated"),
    ...open.map((one) =>
      field(
        `${pick(one)} (${one.count})`,
        h("input", { name: `class ${one.class}`, required: true, maxlength: 200, autocomplete: "off" }),
      )
    ),
    h("h3", {}, text("second_signs")),
    secondFields(),
  );
  dialog.querySelector("form .main").classList.add("danger");
}
