import { h } from "./dom.js";
import { text } from "./language.js";

/**
 * A dialog over the page. Scans still go through while it is open.
 *
 * @param {string} title
 * @param {...Node} content
 * @returns {HTMLDialogElement} already open; it removes itself when it is closed
 */
export function openDialog(title, ...content) {
  const heading = h("h2", { id: `dialog-${(openDialog.count = (openDialog.count ?? 0) + 1)}` }, title);
  const dialog = h(
    "dialog",
    { aria: { labelledby: heading.id } },
    h(
      "header",
      {},
      heading,
      h("button.close", { type: "button", onclick: () => dialog.close(), aria: { label: text("close") } }, "×"),
    ),
    h("div.dialog-body", {}, ...content),
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  // What is to be filled in has the focus; else the way out: a stray Enter must not do anything.
  dialog.querySelector(".dialog-body :is([autofocus], input)")?.focus();
  return dialog;
}

/** A labelled field. */
export function field(label, input) {
  return h("label.field", {}, h("span", {}, label), input);
}

/** A place for one sentence of refusal; `show("")` hides it. */
export function refusal() {
  const element = h("p.refusal", { role: "alert", hidden: true });
  return {
    element,
    show(sentence) {
      element.textContent = sentence;
      element.hidden = !sentence;
    },
  };
}

/** A form whose submission runs `act`, shows what it refuses, and can't be sent twice meanwhile. */
export function form(submitText, act, ...content) {
  const problem = refusal();
  const button = h("button.main", { type: "submit" }, submitText);
  const element = h(
    "form",
    {
      async onsubmit(event) {
        event.preventDefault();
        button.disabled = true;
        problem.show("");
        try {
          await act(new FormData(element));
        } catch (error) {
          problem.show(error.sentence ?? error.message);
        }
        button.disabled = false;
      },
    },
    ...content,
    problem.element,
    h("div.row", {}, button),
  );
  return element;
}
