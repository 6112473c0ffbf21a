/** Every text of the page: Chinese first, then English. What the station says itself comes in both from the station. */
export const texts = {
  // State words: as short as they can be, and none that holds another
  EMPTY: ["空位", "EMPTY"], READY: ["就绪", "READY"], SCAN: ["扫码", "SCAN"], PLACE: ["放板", "PLACE"],
  REMOVE: ["取板", "REMOVE"], BUSY: ["运行", "BUSY"], PASS: ["合格", "PASS"], DONE: ["完成", "DONE"],
  FAIL: ["不良", "FAIL"], HOLD: ["待定", "HOLD"],

  // What the operator does now
  act_EMPTY: ["可放板", "place a board"], act_READY: ["板子已在位", "board is in place"],
  act_SCAN: ["扫这块板的标签", "Scan this board's label"], act_PLACE: ["把板子放到这里", "Place the board here"],
  act_BUSY: ["勿取板", "do not remove"], act_PASS: ["取下，放良品盘", "Remove to the good tray"],
  act_DONE: ["取下，按未激活放", "Remove, not activated"], act_FAIL: ["取下，放不良盘", "Remove to the reject tray"],
  act_HOLD: ["取下，放待定盘", "Remove to the HOLD tray"], act_WAIT: ["等待，勿取板", "wait, do not remove"],
  act_WAIT_ORDER: ["先不放板", "place no board yet"], no_order: ["没有工单", "no open order"], by_plan: ["按计划未激活", "not activated, by plan"],

  identify: ["识别", "identify"], claim: ["登记", "claim"], register: ["注册", "register"], flash: ["烧录", "flash"],
  verify: ["校验", "verify"], boot: ["启动", "boot"], activate: ["激活", "activate"], conclude: ["收尾", "conclude"],
  step_of: ["{step} {n}/8", "{step} {n}/8"], progress_of: ["工位 {slot} 进度", "Progress of slot {slot}"],
  seconds: ["{n} 秒", "{n} s"], minutes: ["{n} 分", "{n} min"], slot: ["工位 {slot}", "Slot {slot}"], slots: ["工位", "Slots"],

  // Header
  orders: ["工单", "Orders"], health: ["设备与网络", "Station health"], made: ["完成", "made"], left: ["余", "left"],
  yield: ["直通率", "FPY"], debt: ["离线欠账", "offline debt"], sign_in: ["登录", "Sign in"], sign_off: ["退出", "Sign off"],
  nobody: ["未登录", "nobody"], other_language: ["English", "中文"], menu: ["菜单", "Menu"], theme: ["深色 / 浅色", "Dark / light"],
  tray: ["待定盘 {n}", "HOLD tray {n}"], tray_title: ["待定盘", "HOLD tray"], tray_empty: ["待定盘是空的", "The HOLD tray is empty"],
  tray_since: ["自 {time}", "since {time}"],
  role_operator: ["操作员", "operator"], role_leader: ["线长", "leader"], role_engineer: ["工程师", "engineer"], role_owner: ["品牌方", "owner"],
  state_draft: ["草稿", "draft"], state_open: ["生产中", "open"], state_held: ["暂停", "held"], state_closing: ["关闭中", "closing"],
  state_closed: ["已关闭", "closed"], state_terminated: ["已终止", "terminated"],

  "health_cloud": ["云", "Cloud"], "health_switch": ["注册开关", "Switch"], "health_access-point": ["热点", "Access pt"],
  "health_fixture": ["治具", "Fixture"], "health_disk": ["磁盘", "Disk"], "health_clock": ["时钟", "Clock"],
  "health_plant": ["工厂库", "Plant"], "health_mes": ["MES", "MES"],
  level_ok: ["正常", "fine"], level_warn: ["注意", "warning"], level_bad: ["故障", "trouble"], level_unknown: ["未知", "unknown"], level_off: ["未用", "off"],

  // Banners
  first_wanted: ["首件：只放一块板", "First article: place one board only"],
  first_running: ["首件运行中，其他工位先不放板", "First article is running, place no other board"],
  first_leader: ["首件已合格 — 线长：刷工牌，扫工单卡，再扫 OK 卡", "First article passed. Leader: badge, order card, OK card"],
  confirm_first: ["确认首件", "Confirm first article"],
  repeats: ["同一故障连续出现，停止放板。", "One failure repeats, place no boards."],
  held_leader: ["线长：刷工牌，扫工单卡，说明原因", "Leader: badge, order card, then the cause"],
  name_cause: ["说明原因并继续", "Name the cause"],
  held_person: ["由人暂停 — 线长：刷工牌，扫工单卡开始", "held by a person. Leader: badge, order card"],
  held_wait: ["自动重试中，恢复后继续", "retried by itself, goes on when it is back"],
  banner_closing: ["工单 {order} 正在关闭，不再放新板", "Order {order} is closing, place no new boards"],
  banner_full: ["工单 {order} 数量已满，不再放新板", "Order {order} is full, place no new boards"],

  // Scan bar
  idle_nobody: ["请刷工牌", "Scan your badge"], idle_order: ["请扫工单", "Scan the work order"],
  idle: ["放板，或扫标签", "Place boards, or scan a label"],
  sending: ["已扫，发送中 {n}", "Scanned, sending {n}"],
  scan_old: ["没有应答，刚才的扫码作废，请重扫", "No answer: that scan is void, scan again"],
  enter_pin: ["输入 PIN", "Enter PIN"], answer: ["回答", "Answer"],
  commands: ["命令", "Commands"], unit_open: ["看记录", "Show record"],
  OK: ["确认 OK", "OK"], CANCEL: ["取消", "CANCEL"], REPRINT: ["重印标签", "REPRINT"], CALL: ["呼叫工程师", "CALL ENGINEER"],
  "END-SHIFT": ["交班", "END SHIFT"], "RED-BIN": ["放不良盘", "RED BIN"],
  commands_title: ["不用扫码枪时", "Without the scanner"], typed_label: ["板子标签", "Board label"], send: ["发送", "Send"],
  choose_order: ["选工单", "Choose order"],
  stale: ["已断开", "OFFLINE"], stale_since: ["画面已停 {n} 秒，正在重连。先不要取放板子。", "Nothing heard for {n} s, reconnecting. This page shows the past: do not place or remove boards."],

  // Dialogs
  close: ["关闭", "Close"], cancel: ["取消", "Cancel"], ok: ["确定", "OK"], badge: ["工牌号", "Badge"], badge_scanned: ["工牌已刷", "Badge is scanned"], pin: ["PIN 码", "PIN"],
  pin_title: ["输入 PIN 码", "Enter your PIN"], pin_digits: ["已输入 {n} 位", "{n} digits entered"], delete_digit: ["退格", "Delete"],
  pin_wrong: ["工牌或 PIN 不对", "Badge or PIN is wrong"], pin_locked: ["已锁定，{n} 秒后再试", "Locked, try again in {n} s"],
  second_title: ["第二人签字", "Second person signs"], second_badge: ["第二人：刷工牌，或输入工牌号", "Second person: scan your badge, or type it"],
  reason: ["原因", "Reason"], reason_title: ["说明原因", "Name the cause"], reason_other: ["其他（写明）", "Other (write it)"], reason_missing: ["请选一个原因或写明", "Choose a reason or write one"],
  first_start: ["首次启动", "First start"], first_start_what: ["本站还没有人员。一次性代码显示在本站终端上。", "No person is known yet. The one-time code is on the station's terminal."],
  code: ["一次性代码", "One-time code"], name: ["姓名", "Name"], role: ["角色", "Role"], pin_again: ["再输一次 PIN", "PIN again"], pin_differs: ["两次 PIN 不同", "The two PINs differ"],
  pages: ["页面", "Pages"], page_line: ["产线", "Line"], page_orders: ["工单", "Orders"], page_releases: ["固件", "Releases"], page_people: ["人员", "People"], page_unit: ["板子", "Unit"],
  sound: ["声音", "Sound"], speech: ["语音播报", "Spoken words"], no_voice: ["本机没有语音", "no voice on this computer"], on: ["开", "on"], off: ["关", "off"],
  messages: ["消息", "Messages"], no_messages: ["没有消息", "No messages"],
  blink: ["让板子闪灯", "Make the board blink"], choose_slot: ["选这个工位（同扫工位码）", "Choose this slot (as its label)"],
  identity: ["标识", "Identity"], device_name: ["设备名", "DeviceName"], run: ["运行", "Run"], step: ["步骤", "Step"], since: ["自", "Since"],
  profile: ["板型", "Profile"], order: ["工单", "Order"], happened: ["发生了什么", "What happened"], action: ["现在做什么", "What to do now"], help: ["找谁", "Who is needed"], failure_code: ["代码", "Code"],
  say_slot: ["{slot} 号 {word}", "{slot} {word}"],
  problem_network: ["本站没有应答，请检查后再试", "The station does not answer, try again"], problem_status: ["本站拒绝（{status}）", "The station refused ({status})"],
  problem_sign_in: ["请先登录", "Sign in first"], loading: ["读取中", "Loading"], none: ["无", "none"], done: ["已完成", "Done"],
};
