import { call, get, list, post } from "./api.js";
import { attempt, startDesk, toast } from "./desk.js";
import { field, form, openDialog } from "./dialog.js";
import { h } from "./dom.js";
import { text } from "./language.js";

/** People with their roles, and the tokens of machines. PINs go in and never come back. */

const roles = ["operator", "leader", "engineer", "owner"];
const scopes = ["read", "orders", "units"];

const redraw = startDesk(async (main) => {
  const people = list(await get("/people"), "people");
  const tokens = list(await get("/tokens"), "tokens");
  main.replaceChildren(
    h(
      "div.row",
      {},
      h("h1", {}, text("people")),
      h("button.main.push", { type: "button", id: "new", onclick: () => openPerson(null) }, text("new_person")),
    ),
    h("section.sheet", {}, table(["name", "role", "state"], people.map(personRow))),
    h(
      "div.row",
      {},
      h("h2", {}, text("tokens")),
      h("button.push", { type: "button", id: "new-token", onclick: openToken }, text("new_token")),
    ),
    h(
      "section.sheet",
      {},
      tokens.length ? table(["name", "scopes", "state"], tokens.map(tokenRow)) : h("p.quiet", {}, text("no_tokens")),
    ),
  );
});

function table(heads, rows) {
  return h(
    "table",
    {},
    h("thead", {}, h("tr", {}, ...heads.map((key) => h("th", { scope: "col" }, text(key))), h("td"))),
    h("tbody", {}, ...rows),
  );
}

const state = ({ active, locked }) => (active === false ? text("removed") : locked ? text("locked") : "");

function personRow(one) {
  return h(
    "tr",
    { data: { person: one.id } },
    h("td", {}, h("b", {}, one.name), h("span.quiet", {}, ` ${one.id}`)),
    h("td", {}, text(`role_${one.role}`)),
    h("td", {}, state(one)),
    h(
      "td",
      {},
      one.active === false ? null : h(
        "div.row",
        {},
        h("button", { type: "button", onclick: () => openPerson(one) }, text("change")),
        h("button.danger", {
          type: "button",
          onclick: () => confirm(text("remove_person", { name: one.name }), `/people/${encodeURIComponent(one.id)}`),
        }, text("remove")),
      ),
    ),
  );
}

function tokenRow(one) {
  return h(
    "tr",
    { data: { token: one.id } },
    h("td", {}, h("b", {}, one.name), h("span.quiet", {}, ` ${one.id}`)),
    h("td", {}, one.scopes.map((scope) => text(`scope_${scope}`)).join(", ")),
    h("td", {}, state(one)),
    h(
      "td",
      {},
      one.active === false ? null : h(
        "div.row",
        {},
        h("button.danger", {
          type: "button",
          onclick: () => confirm(text("remove_token", { name: one.name }), `/tokens/${encodeURIComponent(one.id)}`),
        }, text("remove")),
      ),
    ),
  );
}

/** Asks before something is taken away. */
function confirm(sentence, path) {
  const dialog = openDialog(
    text("remove"),
    h("p", {}, sentence),
    h(
      "div.row",
      {},
      h("button.main.danger", {
        type: "button",
        async onclick() {
          dialog.close();
          await attempt(async () => {
            await call("DELETE", path);
            toast("ok", text("done"));
          });
          await redraw();
        },
      }, text("remove")),
      h("button.big", { type: "button", onclick: () => dialog.close() }, text("cancel")),
    ),
  );
}

/** Adds somebody, or changes what is filled in. */
function openPerson(one) {
  const hint = one ? ` (${text("leave_empty")})` : "";
  const secret = { type: "password", inputmode: "numeric", autocomplete: "new-password", required: !one };
  const dialog = openDialog(
    one ? one.name : text("new_person"),
    form(
      text("save"),
      async (fields) => {
        const value = (key) => fields.get(key).trim() || null;
        if (value("pin") !== value("again")) throw new Error(text("pin_differs"));
        const body = { name: value("name"), role: value("role"), badge: value("badge"), pin: value("pin") };
        await (one ? call("PUT", `/people/${encodeURIComponent(one.id)}`, body) : post("/people", body));
        dialog.close();
        toast("ok", text("done"));
        await redraw();
      },
      field(text("name"), h("input", { name: "name", required: true, autocomplete: "off", value: one?.name ?? "" })),
      field(
        text("role"),
        h(
          "select",
          { name: "role" },
          ...roles.map((role) => h("option", { value: role, selected: one?.role === role }, text(`role_${role}`))),
        ),
      ),
      field(text("badge") + hint, h("input", { name: "badge", required: !one, autocomplete: "off" })),
      field(text("pin") + hint, h("input", { name: "pin", ...secret })),
      field(text("pin_again"), h("input", { name: "again", ...secret })),
    ),
  );
}

function openToken() {
  const dialog = openDialog(
    text("new_token"),
    form(
      text("add"),
      async (fields) => {
        const made = await post("/tokens", {
          name: fields.get("name").trim(),
          scopes: scopes.filter((scope) => fields.get(scope) !== null),
        });
        dialog.querySelector(".dialog-body").replaceChildren(
          h("p", {}, text("token_once")),
          h("code.once", {}, made.token),
        );
        await redraw();
      },
      field(text("name"), h("input", { name: "name", required: true, autocomplete: "off" })),
      h(
        "fieldset",
        {},
        h("legend", {}, text("scopes")),
        ...scopes.map((scope) =>
          h(
            "label.choice",
            {},
            h("input", { type: "checkbox", name: scope, checked: scope === "read" }),
            h("span", {}, text(`scope_${scope}`)),
          )
        ),
      ),
    ),
  );
}
