import { refusal } from "./dialog.js";
import { h, setText } from "./dom.js";
import { text } from "./language.js";

/**
 * Keys for a PIN, large enough for a finger; digits of a keyboard count as well. The digits are never shown.
 *
 * @param {(pin: string) => Promise<void>} submit throws what the pad then shows
 */
export function pinPad(submit) {
  let pin = "";
  let isBusy = false;
  const dots = h("p.dots", { role: "status" });
  const problem = refusal();
  const show = () => {
    setText(dots, "●".repeat(pin.length) || "·");
    dots.setAttribute("aria-label", text("pin_digits", { n: pin.length }));
  };
  const press = async (key) => {
    if (isBusy) return;
    if (/^[0-9]$/.test(key) && pin.length < 12) pin += key;
    else if (key === "Backspace") pin = pin.slice(0, -1);
    else if (key === "Enter" && pin) {
      const given = pin;
      [pin, isBusy] = ["", true];
      problem.show("");
      try {
        await submit(given);
      } catch (error) {
        problem.show(refused(error));
      }
      isBusy = false;
    } else return;
    show();
  };
  const key = (name, label, aria) =>
    h(`button.key${name.length > 1 ? `.${name.toLowerCase()}` : ""}`, {
      type: "button",
      data: { key: name },
      aria: aria ? { label: aria } : {},
      onclick: () => press(name),
    }, label);
  const element = h(
    "div.pinpad",
    {
      onkeydown(event) {
        if (event.target.tagName === "INPUT" || !/^([0-9]|Backspace)$/.test(event.key)) return;
        event.preventDefault();
        press(event.key);
      },
    },
    dots,
    problem.element,
    h(
      "div.keys",
      {},
      ..."123456789".split("").map((digit) => key(digit, digit)),
      key("Backspace", "⌫", text("delete_digit")),
      key("0", "0"),
      key("Enter", "OK"),
    ),
  );
  show();
  return { element, press };
}

function refused(error) {
  if (error.status === 429) return text("pin_locked", { n: error.wait || "?" });
  if (error.status === 401) return error.body?.detail ? error.sentence : text("pin_wrong");
  return error.sentence ?? error.message;
}
