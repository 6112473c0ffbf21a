import { field } from "./dialog.js";
import { h } from "./dom.js";
import { text } from "./language.js";

/** Where a second person signs with badge and PIN, at the same screen. A badge that is scanned meanwhile goes into its field. */
export function secondFields(isHidden = false) {
  return h(
    "div.columns",
    { hidden: isHidden },
    field(text("second_badge_field"), h("input", { name: "second_badge", autocomplete: "off" })),
    field(
      text("second_pin"),
      h("input", { name: "second_pin", type: "password", inputmode: "numeric", autocomplete: "off" }),
    ),
  );
}

/** What was typed there, as the API takes it. */
export const secondPerson = (fields) => ({
  badge: (fields.get("second_badge") ?? "").trim(),
  pin: fields.get("second_pin") ?? "",
});
