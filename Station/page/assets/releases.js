import { call, get, list } from "./api.js";
import { startDesk, toast } from "./desk.js";
import { field, form } from "./dialog.js";
import { h } from "./dom.js";
import { pick, text } from "./language.js";
import { may } from "./session.js";
import { shape } from "./shapes.js";

/** Firmware releases: what there is with every digest, and the import of a new one from a folder or files. */

let files = [];
let digests = new Map();
/** The files each board profile takes. */
let regions = {};

startDesk(async (main) => {
  const answer = await get("/releases");
  const releases = list(answer, "releases");
  regions = answer.profile_regions ?? {};
  const profiles = answer.profiles ?? [...new Set(releases.map(({ profile }) => profile))];
  main.replaceChildren(
    h("h1", {}, text("page_releases")),
    ...(may("release.add") ? [importer(profiles)] : []),
    ...(releases.length ? releases.map((one) => sheet(one)) : [h("p.quiet", {}, text("no_releases"))]),
  );
});

const hex = (bytes) => [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const size = (bytes) => text("bytes", { n: bytes.toLocaleString("en") });

/** @param {object} release @param {Map<string, string>|null} own digests computed here, by file name */
function sheet(release, own = null) {
  return h(
    "section.sheet",
    { data: { release: `${release.profile} ${release.version}` } },
    h(
      "div.head",
      {},
      h("h2", {}, `${release.profile} ${release.version}`),
      h("span.quiet", {}, release.device_sdk ?? ""),
    ),
    h("p", {}, h("span.quiet", {}, `${text("set_digest")} `), h("code", {}, release.sha256)),
    ...findings(release),
    h(
      "div.scrolls",
      {},
      h(
        "table",
        {},
        h(
          "thead",
          {},
          h(
            "tr",
            {},
            ...["region", "files", "size"].map((key) => h("th", { scope: "col" }, text(key))),
            h("th", { scope: "col" }, "SHA-256"),
          ),
        ),
        h(
          "tbody",
          {},
          ...(release.images ?? []).map((image) =>
            h(
              "tr",
              {},
              h("td", {}, image.region),
              h("td", {}, image.file),
              h("td.number", {}, size(image.size)),
              h(
                "td",
                {},
                h("code", {}, image.sha256),
                own?.has(image.file) ? compared(own.get(image.file) === image.sha256) : null,
              ),
            )
          ),
        ),
      ),
    ),
    Object.keys(release.ship ?? {}).length
      ? h("p.quiet", {}, Object.entries(release.ship).map(([key, value]) => `${key}=${value}`).join(", "))
      : null,
  );
}

const compared = (isSame) =>
  h(
    "div.finding",
    { data: { level: isSame ? "ok" : "bad" } },
    shape(isSame ? "ok" : "bad"),
    text(isSame ? "same_here" : "not_same"),
  );

function findings({ findings: found }) {
  return (found ?? []).map((one) => {
    const level = one.level ?? "warn";
    return h("div.finding", { data: { level } }, shape(level), typeof one === "string" ? one : pick(one));
  });
}

// MARK: - Import

function importer(profiles) {
  const shown = h("div.scrolls", {});
  const result = h("div", { aria: { live: "polite" } });
  const take = async (chosen) => {
    files = chosen.filter(({ name }) => !name.startsWith("."));
    digests = new Map();
    draw();
    for (const file of files.filter(({ size: bytes }) => bytes < 512 << 20)) {
      // Only a secure context (loopback or TLS) has `subtle`; elsewhere the station's digest stands alone.
      if (crypto.subtle) digests.set(file.name, hex(await crypto.subtle.digest("SHA-256", await file.arrayBuffer())));
      draw();
    }
  };
  const profile = h(
    "select",
    { name: "profile", required: true, onchange: () => draw() },
    ...profiles.map((name) => h("option", { value: name }, name)),
  );
  const draw = () => {
    const wanted = regions[profile.value];
    const row = (name, bytes, digest, note) =>
      h(
        "tr",
        {},
        h("td", {}, name),
        h("td.number", {}, bytes === null ? "–" : size(bytes)),
        h("td", {}, h("code", {}, digest)),
        h("td", {}, note),
      );
    const chosen = files.map((file) =>
      row(
        file.name,
        file.size,
        digests.get(file.name) ?? "…",
        takes(wanted, file.name) ? text("file_taken") : text("file_ignored"),
      )
    );
    const missing = (wanted ?? []).filter((name) => !files.some((file) => file.name === name)).map((name) =>
      row(name, null, "", h("b", {}, shape("warn"), ` ${text("file_missing")}`))
    );
    shown.replaceChildren(
      h(
        "table",
        {},
        h(
          "thead",
          {},
          h(
            "tr",
            {},
            ...[text("files"), text("size"), "SHA-256", text("result")].map((name) => h("th", { scope: "col" }, name)),
          ),
        ),
        h("tbody", {}, ...chosen, ...missing),
      ),
    );
    if (!files.length && !missing.length) shown.replaceChildren(h("p.quiet", {}, text("no_files")));
  };
  draw();
  const picker = (isFolder) => {
    const input = h("input", {
      type: "file",
      multiple: true,
      webkitdirectory: isFolder,
      hidden: true,
      onchange: () => take([...input.files]),
    });
    return [
      h("button", { type: "button", onclick: () => input.click() }, text(isFolder ? "choose_folder" : "choose_files")),
      input,
    ];
  };
  const over = (isOver) => (event) => {
    event.preventDefault();
    drop.dataset.over = String(isOver);
  };
  const drop = h(
    "div.drop",
    {
      ondragover: over(true),
      ondragleave: over(false),
      async ondrop(event) {
        over(false)(event);
        await take(await dropped(event.dataTransfer));
      },
    },
    h("p", {}, text("drop_here")),
    h("div.row", {}, ...picker(true), ...picker(false)),
  );
  return h(
    "section.sheet",
    {},
    h("h2", {}, text("new_release")),
    form(
      text("new_release"),
      async (fields) => {
        if (!files.length) throw new Error(text("no_files"));
        result.replaceChildren();
        const own = new Map(digests);
        const release = await call("POST", "/releases", parts(fields));
        result.replaceChildren(sheet(release, own));
        if (!release.findings?.length) {
          result.append(
            h("div.finding", { data: { level: "ok" } }, shape("ok"), text("no_findings")),
          );
        }
        toast("ok", `${release.profile} ${release.version} ${text("done")}`);
      },
      drop,
      shown,
      h(
        "div.columns",
        {},
        field(text("profile"), profile),
        field(text("version"), h("input", { name: "version", required: true, autocomplete: "off" })),
        field(
          `${text("device_sdk")} (${text("optional")}, ${text("sdk_hint")})`,
          h("input", { name: "device_sdk", autocomplete: "off" }),
        ),
        field(`${text("ship_values")} (${text("optional")})`, h("textarea", { name: "ship", rows: 2 })),
      ),
    ),
    result,
  );
}

/** The form as the station takes it: fields first, then a part for each file. */
function parts(fields) {
  const body = new FormData();
  for (const name of ["profile", "version", "device_sdk"]) {
    const value = fields.get(name)?.trim();
    if (value) body.append(name, value);
  }
  for (const line of fields.get("ship").split("\n")) {
    const [name, ...value] = line.split("=");
    if (name.trim()) body.append(`ship.${name.trim()}`, value.join("=").trim());
  }
  for (const file of files) {
    if (takes(regions[fields.get("profile")], file.name)) body.append(file.name, file, file.name);
  }
  return body;
}

/** Whether a profile takes a file of that name; where its regions are not known the station decides. */
const takes = (wanted, name) => !wanted || wanted.includes(name);

/** The files of what was dropped: files, or everything in the folders. */
async function dropped(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return [...transfer.files];
  const found = [];
  const walk = async (entry) => {
    if (entry.isFile) return found.push(await new Promise((done, fail) => entry.file(done, fail)));
    const reader = entry.createReader();
    // A reader gives a folder in pieces, the last of them empty.
    for (;;) {
      const piece = await new Promise((done, fail) => reader.readEntries(done, fail));
      if (!piece.length) return undefined;
      for (const one of piece) await walk(one);
    }
  };
  for (const entry of entries) await walk(entry);
  return found;
}
