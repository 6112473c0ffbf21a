import { post } from "./api.js";
import { field, form, openDialog } from "./dialog.js";
import { h } from "./dom.js";
import { dateTime, language, text } from "./language.js";
import { chosenReason, reasonFields } from "./reasons.js";
import { may } from "./session.js";

/** The shift: what it is, what the one before left, its end by card, and what a leader can change. */

/** @param {(text: string) => void} send sends what a scanner would */
export function openShift(line, send) {
  const { shift, next, handover } = line.shift ?? {};
  const fact = (name, value) => (value ? [h("dt", {}, text(name)), h("dd", {}, String(value))] : []);
  const planned = shift ?? next;
  const leads = may("shift.change");
  const button = (label, act, kind = "") => h(`button.big${kind}`, { type: "button", onclick: act }, text(label));
  const then = (act) => () => {
    dialog.close();
    act();
  };
  const dialog = openDialog(
    shift ? `${text("shift")} ${shift.date} ${shift.name}` : text("between_shifts"),
    h(
      "dl.facts",
      {},
      ...fact(
        "planned",
        planned && `${planned.name}: ${dateTime(planned.planned_from)} — ${dateTime(planned.planned_until)}`,
      ),
      ...fact("people_of", shift?.people.join(language() === "zh" ? "、" : ", ")),
      ...fact("plan_per_hour", shift?.plan_per_hour),
      ...fact("handover", handover?.note),
    ),
    h(
      "div.grid-of-buttons",
      {},
      shift ? button("END-SHIFT", then(() => send("PS1:CMD:END-SHIFT")), ".main") : null,
      shift && leads ? button("shift_extend", then(extend)) : null,
      !shift && leads ? button("shift_begin", then(begin), ".main") : null,
      may("report")
        ? h("a.button.big", {
          href: shift ? `/reports?kind=shift&shift=${encodeURIComponent(shift.shift)}` : "/reports",
        }, text(shift ? "page_reports_now" : "page_reports"))
        : null,
    ),
  );
}

const minutesField = (label, properties) =>
  field(text(label), h("input", { name: "minutes", type: "number", min: 1, max: 720, ...properties }));

/** Moves the planned end of the open shift. */
function extend() {
  const dialog = openDialog(
    text("shift_extend"),
    form(
      text("shift_extend"),
      async (fields) => {
        await post("/shift/extend", { minutes: Number(fields.get("minutes")), reason: chosenReason(fields) });
        dialog.close();
      },
      minutesField("minutes_more", { required: true, value: 30 }),
      reasonFields("extend"),
    ),
  );
}

/** Begins a shift that the calendar does not begin by itself. */
function begin() {
  const dialog = openDialog(
    text("shift_begin"),
    form(
      text("shift_begin"),
      async (fields) => {
        await post("/shift/begin", {
          name: fields.get("name").trim() || null,
          minutes: fields.get("minutes") === "" ? null : Number(fields.get("minutes")),
        });
        dialog.close();
      },
      field(
        text("shift_name"),
        h("input", { name: "name", maxlength: 16, pattern: "[A-Za-z0-9_\\-]+", autocomplete: "off" }),
      ),
      minutesField("minutes_long", {}),
    ),
  );
}
