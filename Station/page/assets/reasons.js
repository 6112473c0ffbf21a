import { form, openDialog } from "./dialog.js";
import { h } from "./dom.js";
import { text } from "./language.js";

/** Reasons a person can choose from, by what is to be done; each list ends with one to be written. */
const presets = {
  repetition: [
    ["治具接触不良，已清洁", "Fixture contact, cleaned"],
    ["来料批次不良，已隔离", "Bad lot of boards, set apart"],
    ["排线或供电，已更换", "Cable or power, changed"],
    ["操作方法，已说明", "Handling, explained"],
  ],
  hold: [["等待工程师分析", "Waits for the engineer"], ["来料可疑", "Boards are suspect"], [
    "客户要求",
    "The customer asked",
  ]],
  release: [["已检查，无异常", "Checked, nothing found"], ["原因已排除", "Cause is gone"]],
  reflash: [["返修后重新烧录", "Repaired, flash again"], ["换新固件版本", "New release"], [
    "烧录失败重做",
    "Flash failed, again",
  ]],
  reset: [["设备密钥丢失", "Device credential is lost"], ["返修更换闪存", "Flash chip was changed"]],
  replace: [["原板损坏", "Board is dead"], ["返修判废", "Repair gave up"]],
  scrap: [["板子损坏", "Board is broken"], ["维修判废", "Repair gave up"], ["客户要求报废", "The customer asked"]],
  "keep-client-id": [["确认为同一块板重复运行", "Same board was run again"], [
    "另一块已隔离",
    "The other board is set apart",
  ]],
  "clear-client-ids": [["重复，全部重新激活", "Duplicate, activate anew"]],
  open: [["开始生产", "Production begins"], ["原因已排除，继续", "Cause is gone, go on"]],
  held: [["等待工程师分析", "Waits for the engineer"], ["缺料", "Out of material"], ["换线", "Changeover"]],
  closed: [["数量完成", "Quota is made"], ["提前结束", "Ended early"]],
  terminated: [["客户取消", "The customer cancelled"], ["未清行已由双方接受", "Open rows are accepted by both sides"]],
  amend: [["客户改数量", "The customer changed the quantity"], ["条款写错", "A term was wrong"]],
  reconcile: [["对账结果处理", "Found by reconciliation"], ["已核对实物", "Compared with the boards"]],
  extend: [["赶交期", "The delivery is due"], ["补停机时间", "To make up for a stop"]],
  handover: [["无特殊情况", "Nothing special"], [
    "待定盘有板子等工程师",
    "Boards in the HOLD tray wait for the engineer",
  ], [
    "有工位停用",
    "A slot is out of use",
  ]],
};
presets.any = [...presets.release, ...presets.repetition.slice(0, 3), [
  "标签损坏，重印",
  "Label is damaged, printed again",
]];
presets.disable = presets.hold;
presets.enable = presets.release;

/** The fields that take a reason: a choice, or a text of one's own. Both languages of a preset mean the same; the shown one is recorded. */
export function reasonFields(kind) {
  const own = h("input", {
    name: "reason_text",
    autocomplete: "off",
    maxlength: 200,
    aria: { label: text("reason_other") },
  });
  own.addEventListener("input", () => {
    if (own.value) other.checked = true;
  });
  const choice = (label, value) => {
    const input = h("input", { type: "radio", name: "reason", value });
    return [input, h("label.choice", {}, input, h("span", {}, label))];
  };
  const [other, otherLabel] = choice(text("reason_other"), "");
  const choices = (presets[kind] ?? presets.hold).map((pair) => {
    const label = document.documentElement.lang === "en" ? pair[1] : pair[0];
    return choice(label, label)[1];
  });
  return h("fieldset.reasons", {}, h("legend", {}, text("reason")), ...choices, otherLabel, own);
}

/** The reason that was chosen or written. @throws {Error} where there is none */
export function chosenReason(fields) {
  const reason = (fields.get("reason") || fields.get("reason_text") || "").trim();
  if (!reason) throw new Error(text("reason_missing"));
  return reason;
}

/** Asks for a note that may be left out, and hands it to `act`: what was chosen or written, or null. */
export function askNote(title, act) {
  const own = h("textarea", { name: "note", rows: 3, maxlength: 500, aria: { label: title } });
  const chosen = presets.handover.map((pair) => {
    const label = document.documentElement.lang === "en" ? pair[1] : pair[0];
    return h("button", {
      type: "button",
      onclick() {
        own.value = [own.value.trim(), label].filter(Boolean).join("; ");
        own.focus();
      },
    }, label);
  });
  const fields = form(
    text("ok"),
    async (given) => {
      await act(given.get("note").trim().replace(/\s+/g, " ") || null);
      dialog.close();
    },
    h("div.row", {}, ...chosen),
    own,
    h("p.quiet", {}, text("note_optional")),
  );
  fields.classList.add("note");
  const dialog = openDialog(title, fields);
  own.focus();
  return dialog;
}

/** Asks for a reason and hands it to `act`. */
export function askReason(title, kind, act) {
  const dialog = openDialog(
    title,
    form(text("ok"), async (fields) => {
      await act(chosenReason(fields));
      dialog.close();
    }, reasonFields(kind)),
  );
  return dialog;
}
