import { post } from "./api.js";
import { toast } from "./desk.js";
import { field, form, openDialog } from "./dialog.js";
import { h } from "./dom.js";
import { pick, text } from "./language.js";

/** Orders from a file, CSV or JSON: all of them are taken, or none, and then every problem is told by its line. */
export function openImport(redraw) {
  const area = h("textarea", { name: "text", rows: 8, spellcheck: "false", required: true });
  const problems = h("ul.problems", { id: "problems", role: "alert", tabindex: "0" });
  const file = h("input", {
    type: "file",
    accept: ".csv,.json,text/csv,application/json",
    async onchange() {
      const chosen = file.files[0];
      if (!chosen) return;
      area.value = await chosen.text();
      problems.replaceChildren();
    },
  });
  const dialog = openDialog(
    text("import_orders"),
    h("p", {}, text("what_import")),
    form(
      text("import_orders"),
      async () => {
        problems.replaceChildren();
        try {
          const { orders } = await post("/orders/import", { text: area.value });
          dialog.close();
          toast("ok", text("imported", { n: orders.length }));
          await redraw();
        } catch (error) {
          const found = error.body?.problems ?? [];
          problems.replaceChildren(...found.map(problemRow));
          if (!found.length) throw error;
          throw new Error(text("import_problems", { n: found.length }));
        }
      },
      field(text("choose_file"), file),
      field(text("or_paste"), area),
      problems,
    ),
  );
  dialog.classList.add("wide");
  return dialog;
}

const problemRow = ({ line, field: name, ...sentence }) =>
  h(
    "li",
    { data: { line: String(line) } },
    h("b", {}, text("line_n", { n: line })),
    h("span", {}, name ? h("code", {}, name) : "", name ? " " : "", pick(sentence)),
  );
