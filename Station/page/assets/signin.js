import { field, form, openDialog } from "./dialog.js";
import { h } from "./dom.js";
import { text } from "./language.js";
import { pinPad } from "./pinpad.js";
import { isFirstStart, person, signIn, signOff, start } from "./session.js";
import { shape } from "./shapes.js";

let open = null;

/** Lets a dialog count as one that asks for something of the line: the next one takes its place. */
export function asking(dialog) {
  closeAsking();
  open = dialog;
}

/** Closes whatever asks for a person now. */
export function closeAsking() {
  open?.close();
  open = null;
}

/**
 * Asks for a badge and its PIN.
 *
 * @param {string} title
 * @param {string|null} badge as scanned; null = it is typed
 * @param {(badge: string, pin: string) => Promise<void>} submit
 */
export function askPerson(title, badge, submit) {
  closeAsking();
  const input = badge === null
    ? h("input", { name: "badge", autocomplete: "off", required: true, autofocus: true })
    : null;
  const pad = pinPad(async (pin) => {
    const given = badge ?? input.value.trim();
    if (!given) return input.focus();
    await submit(given, pin);
    dialog.close();
  });
  const dialog = openDialog(
    title,
    input ? field(text("badge"), input) : h("p.badge", {}, shape("ok"), ` ${text("badge_scanned")}`),
    pad.element,
  );
  dialog.classList.add("asks-person");
  // Wherever the focus is in the dialog, digits and Enter are for the pad; a key of the pad is pressed with space.
  dialog.addEventListener("keydown", (event) => {
    if (event.target === dialog || event.target.classList.contains("close")) {
      if (/^([0-9]|Backspace)$/.test(event.key)) pad.press(event.key);
    }
    if (event.key === "Enter" && !event.target.classList.contains("close")) {
      event.preventDefault();
      pad.press("Enter");
    }
  });
  if (badge !== null) pad.element.querySelector("[data-key='1']").focus();
  open = dialog;
  return dialog;
}

/** Signs in at this screen, by a scanned badge or a typed one. */
export function askSignIn(badge = null) {
  if (isFirstStart && badge === null) return askFirstStart();
  const dialog = askPerson(text("pin_title"), badge, async (given, pin) => {
    await signIn(given, pin);
  });
  if (badge === null) {
    dialog.querySelector(".dialog-body").append(
      h("button.link", {
        type: "button",
        onclick: () => {
          dialog.close();
          askFirstStart();
        },
      }, text("first_start")),
    );
  }
  return dialog;
}

/** The button of the header: signs in or off. */
export function personButton(problem) {
  if (!person) return askSignIn();
  const dialog = openDialog(
    `${person.name} · ${text(`role_${person.role}`)}`,
    h(
      "div.row",
      {},
      h("button.main", {
        type: "button",
        async onclick() {
          try {
            await signOff();
          } catch (error) {
            problem(error);
          }
          dialog.close();
        },
      }, text("sign_off")),
    ),
  );
}

/** The very first person, with the code from the station's terminal. */
export function askFirstStart() {
  closeAsking();
  const secret = { type: "password", inputmode: "numeric", autocomplete: "off", required: true };
  const dialog = openDialog(
    text("first_start"),
    h("p", {}, text("first_start_what")),
    form(
      text("ok"),
      async (fields) => {
        if (fields.get("pin") !== fields.get("again")) throw new Error(text("pin_differs"));
        await start({
          code: fields.get("code").trim(),
          name: fields.get("name").trim(),
          badge: fields.get("badge").trim(),
          pin: fields.get("pin"),
        });
        dialog.close();
      },
      field(text("code"), h("input", { name: "code", autocomplete: "off", required: true, autofocus: true })),
      field(text("name"), h("input", { name: "name", autocomplete: "off", required: true })),
      field(text("badge"), h("input", { name: "badge", autocomplete: "off", required: true })),
      field(text("pin"), h("input", { name: "pin", ...secret })),
      field(text("pin_again"), h("input", { name: "again", ...secret })),
    ),
  );
  open = dialog;
  return dialog;
}
