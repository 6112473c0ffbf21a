"""Lines in every state, and sample answers of the API, for `line_server`."""

import json
import random
from datetime import datetime, timedelta, timezone

import reconcile_scenes
import report_scenes

NAMES = (
    "mixed",
    "empty",
    "ready",
    "scan",
    "place",
    "busy",
    "pass",
    "done",
    "fail",
    "hold",
    "wait",
    "trouble",
    "first",
    "repetition",
    "between",
    "handover",
    "live",
)
STEPS = ["identify", "claim", "register", "flash", "verify", "boot", "activate", "conclude"]

LOOK = ["look", "unit.hold"]
WORK = ["work"]
LEAD = [
    "order.change",
    "shift.change",
    "order.first-article",
    "order.repetition",
    "unit.release",
    "unit.reflash",
    "unit.reset",
    "unit.scrap",
    "unit.replace",
    "unit.client-ids",
    "unit.disable",
    "countersign",
    "report",
]


def person(number, name, role, permissions):
    return {"id": f"P-{number:04}", "name": name, "role": role, "active": True, "permissions": permissions}


PEOPLE = {
    "operator": person(1, "王小明", "operator", LOOK + WORK),
    "leader": person(2, "李秀英", "leader", LOOK + WORK + LEAD),
    "engineer": person(3, "陈工", "engineer", LOOK + WORK + LEAD + ["order.create", "release.add", "people"]),
    "owner": person(4, "Brand", "owner", LOOK + ["countersign", "report", "order.create"]),
}
BADGES = {"1001": "operator", "1002": "leader", "1003": "engineer", "1004": "owner"}

FAILURES = {
    "FL-102": (
        ("闪存块写入失败", "取下板子，放入不良盘", "工程师：检查供电与闪存"),
        (
            "A flash block could not be written",
            "Remove the board to the reject tray",
            "Engineer checks power and flash chip",
        ),
    ),
    "CL-101": (
        ("同一标识已属于另一块板", "取下板子，放入待定盘", "线长与工程师两人判定"),
        (
            "This identity already belongs to another board",
            "Remove the board to the HOLD tray",
            "Leader and engineer decide together",
        ),
    ),
    "ID-108": (
        ("上电后固件报告的标识与先前读到的不同", "取下板子，叫线长", "线长"),
        (
            "The firmware names another identity than was read before the power cycle",
            "Remove the board and call the leader",
            "Line leader",
        ),
    ),
    "ST-108": (
        ("板子插在没有登记的端口上", "把板子放到工位上", "工程师登记端口 (station slot map)"),
        (
            "A board is on a port that belongs to no slot",
            "Place the board on a slot",
            "Engineer maps the port (station slot map)",
        ),
    ),
}


def at(seconds=0):
    moment = datetime.now(timezone.utc) - timedelta(seconds=seconds)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def failure(code):
    zh, en = FAILURES[code]
    names = ("happened", "action", "help")
    return {"code": code, "zh": dict(zip(names, zh)), "en": dict(zip(names, en))}


def slot(number, word="EMPTY", **changes):
    name = f"a4cf12{0x4b0000 + int(number) * 4:06x}"
    one = {
        "slot": str(number),
        "word": word,
        "run": None,
        "step": None,
        "done": None,
        "total": None,
        "identity": None,
        "device_name": None,
        "code": None,
        "zh": None,
        "en": None,
        "message_zh": "",
        "message_en": "",
        "order": None,
        "profile": "esp32c3",
        "seconds_left": None,
        "since": at(20),
    }
    if word not in ("EMPTY", "PLACE"):
        one.update(run=100 + int(number), identity=name.upper(), device_name=name, order="WO-0001")
    if word == "BUSY":
        one.update(step="flash", done=300_000 + 20_000 * int(number), total=1_200_000, seconds_left=42)
    if word == "FAIL":
        one.update(failure("FL-102"))
    if word == "HOLD":
        one.update(failure("CL-101"))
    if word == "SCAN":
        one.update(message_zh="扫这块板的标签", message_en="Scan this board's label", identity=None, device_name=None)
    one.update(changes)
    return one


def waiting(number):
    return slot(
        number,
        "HOLD",
        code=None,
        zh=None,
        en=None,
        step="register",
        message_zh="云端限流，等待重试",
        message_en="The cloud throttles, waiting to retry",
        seconds_left=63,
    )


def order(**changes):
    one = {
        "order": "WO-0001",
        "product_key": "a1B2c3D4e5F",
        "release": "1.4.2",
        "profile": "esp32c3",
        "quota": 500,
        "claimed": 231,
        "left": 269,
        "state": "open",
        "hold_code": None,
        "hold_zh": None,
        "hold_en": None,
        "mode": "pre-registered",
        "activation": "board",
        "passed": 222,
        "done": 0,
        "failed": 6,
        "held": 3,
        "yield_permille": 982,
        "offline_debt": 0,
        "first_article": "confirmed",
        "title": "智能插座 1.4.2",
        "window": None,
        "rules": {"label_scan": False, "first_article": True, "stop_on_repetition": True},
        "allow": "oui:A4CF12",
        "run_limit": 3,
        "step_retries": None,
        "offline_boards": 200,
        "offline_minutes": None,
        "quota_rule": {
            "zh": "每块首次登记的板占一个名额；只有报废且经证实擦除，或销毁有两人签字，名额才退回。",
            "en": "Every unit takes a place with its first claim; it comes back with a proved erase or two signatures.",
        },
    }
    one.update(changes)
    return one


def health(**levels):
    words = {
        "cloud": ("云：正常", "Cloud: fine"),
        "switch": ("注册开关：开", "Switch: on"),
        "access-point": ("热点：正常", "Access point: fine"),
        "fixture": ("治具：正常", "Fixture: fine"),
        "disk": ("磁盘：剩 120 GB", "Disk: 120 GB left"),
        "clock": ("时钟：已同步", "Clock: in step"),
        "plant": ("工厂库：未用", "Plant: not used"),
        "mes": ("MES：未用", "MES: not used"),
    }
    trouble = {
        "cloud": ("云：连不上，板子会待定", "Cloud: not reached, boards will hold"),
        "switch": ("注册开关关着，不能激活", "Switch is off, nothing can activate"),
        "access-point": ("热点：探测失败", "Access point: probe failed"),
        "fixture": ("治具：工位 3 端口打不开", "Fixture: slot 3's port cannot be opened"),
        "disk": ("磁盘：只剩 0.8 GB", "Disk: only 0.8 GB left"),
        "clock": ("时钟：未同步", "Clock: not in step"),
        "plant": ("工厂库：连不上", "Plant: not reached"),
        "mes": ("MES：没有应答", "MES: no answer"),
    }
    found = []
    for key, (zh, en) in words.items():
        level = levels.get(key.replace("-", "_"), "off" if key in ("plant", "mes") else "ok")
        if level in ("warn", "bad", "unknown"):
            zh, en = trouble[key]
        found.append({"key": key, "level": level, "zh": zh, "en": en})
    return found


def snapshot(count=8, scene="mixed"):
    words = {
        "empty": ["EMPTY"],
        "ready": ["READY"],
        "scan": ["SCAN"],
        "place": ["PLACE"],
        "busy": ["BUSY"],
        "pass": ["PASS"],
        "done": ["DONE"],
        "fail": ["FAIL"],
        "hold": ["HOLD"],
        "wait": ["WAIT"],
        "first": ["EMPTY"],
        "live": ["EMPTY"],
        "repetition": ["FAIL", "FAIL", "FAIL", "EMPTY"],
        "trouble": ["EMPTY"],
        "between": ["EMPTY", "BUSY", "EMPTY", "PASS"],
        "handover": ["EMPTY"],
        "mixed": ["PASS", "BUSY", "FAIL", "BUSY", "HOLD", "EMPTY", "SCAN", "DONE", "READY", "WAIT", "PLACE", "BUSY"],
    }[scene]
    slots = []
    for index in range(count):
        word = words[index % len(words)]
        one = waiting(index + 1) if word == "WAIT" else slot(index + 1, word)
        if word == "BUSY" and scene in ("mixed", "busy"):
            step = STEPS[(index + 2) % 8]
            one.update(step=step, **({} if step in ("flash", "verify") else {"done": None, "total": None}))
        slots.append(one)
    orders = [order()]
    tray = [
        {"unit": "a4cf124b0014", "code": "CL-101", "since": at(900)},
        {"unit": "a4cf124b0020", "code": "AC-203", "since": at(300)},
    ]
    parts = health()
    if scene == "empty":
        tray = []
    if scene == "ready":
        orders, tray = [], []
        for one in slots:
            one.update(
                message_zh="没有 esp32c3 的开放工单", message_en="no open order for esp32c3 boards", device_name=None
            )
    if scene == "trouble":
        orders = [order(offline_debt=17)]
        parts = health(cloud="bad", switch="unknown", disk="warn", plant="bad", mes="warn")
    if scene == "first":
        orders = [order(first_article="waiting-for-leader", passed=1, claimed=1, left=499)]
    if scene == "repetition":
        orders = [
            order(
                state="held",
                hold_code="CL-204",
                hold_zh="同一故障连续出现，工单已暂停。停止放板，叫线长。",
                hold_en="One failure repeats: the work order is on hold. Place no more boards and call the leader.",
            )
        ]
    return {
        "cursor": "",
        "station": {"id": "LINE-1", "time": at(), "version": "0.5.0", "language": "zh"},
        "slots": slots,
        "orders": orders,
        "health": parts,
        "notices": [{"time": at(60), "zh": "工单 WO-0001 已开", "en": "Order WO-0001 is open"}],
        "tray": tray,
        "shift": shift_of(scene),
    }


def shift_of(scene):
    """The shift as the header shows it: most scenes have one that has just begun."""
    handover = report_scenes.shift("night", "2026-11-25", ended=True)
    night = {"name": "night", "planned_from": report_scenes.iso(report_scenes.today(12)), "zone": "Asia/Shanghai"}
    night.update(shift="2026-11-26/night", planned_until=report_scenes.iso(report_scenes.today(24)))
    return {
        "is_kept": True,
        "shift": None if scene == "between" else report_scenes.shift(began=at(60 if scene == "handover" else 7200)),
        "next": night,
        "handover": {key: handover[key] for key in ("shift", "note")},
    }


def advance(line):
    """A little of a shift: every slot goes its way by itself."""
    for one in line.snapshot["slots"]:
        one = dict(one)
        if random.random() < 0.4:
            continue
        if one["word"] == "EMPTY" and random.random() < 0.3:
            one = slot(one["slot"], "BUSY", step="identify", done=None, total=None)
        elif one["word"] == "BUSY":
            if one["total"] and one["done"] < one["total"]:
                one["done"] = min(one["total"], one["done"] + 200_000)
            else:
                index = STEPS.index(one["step"]) + 1
                if index == 8:
                    one = slot(one["slot"], random.choice(["PASS"] * 6 + ["FAIL", "HOLD"]))
                else:
                    one.update(
                        step=STEPS[index],
                        done=0 if index in (3, 4) else None,
                        total=1_200_000 if index in (3, 4) else None,
                    )
        elif one["word"] != "EMPTY" and random.random() < 0.3:
            one = slot(one["slot"], "EMPTY")
        else:
            continue
        line.publish("slot", one)


# --- answers of the API


def scan_answer(server, text):
    answer = {
        "kind": "label",
        "result": "ok",
        "zh": "",
        "en": "",
        "speak": None,
        "ask": None,
        "unit": None,
        "slot": None,
        "open": None,
    }

    def say(**changes):
        answer.update(changes)
        return answer

    def ask(kind, zh, en):
        return {"id": f"ask-{len(server.answers)}", "kind": kind, "zh": zh, "en": en}

    if text.startswith("PS1:BADGE:"):
        return say(
            kind="badge",
            result="ask",
            zh="请输入 PIN",
            en="Enter your PIN",
            ask=ask("pin", "请输入 PIN", "Enter your PIN"),
        )
    if text.startswith("PS1:SLOT:"):
        return say(kind="slot", zh=f"工位 {text[9:]} 已选", en=f"Slot {text[9:]} is chosen", slot=text[9:], speak="ok")
    if text.startswith("PS1:ORDER:"):
        return say(
            kind="order",
            result="ask",
            zh=f"换到工单 {text[10:]}？",
            en=f"Change over to {text[10:]}?",
            ask=ask("confirm", "扫 OK 卡确认", "Scan the OK card"),
        )
    if text == "PS1:CMD:END-SHIFT":
        return say(
            kind="command",
            result="ask",
            zh="交班？写交接说明，扫 OK",
            en="End the shift? Write the hand-over note, scan OK",
            ask=ask("note", "交班：交接说明", "End of the shift: hand-over note"),
        )
    if text.startswith("PS1:CMD:"):
        return say(kind="command", zh=f"{text[8:]} 已收到", en=f"{text[8:]} is taken", speak="ok")
    if text.startswith("FAILED"):
        return say(
            result="ask",
            zh="这块板上次不良 FL-102，重新烧录？",
            en="This board failed with FL-102. Flash it again?",
            ask=ask("reason", "说明重新烧录的原因", "Why is it flashed again?"),
            unit="a4cf124b000c",
            open="/unit/a4cf124b000c",
        )
    if text.startswith("SECOND"):
        return say(
            result="ask",
            zh="需要第二人签字",
            en="A second person must sign",
            ask=ask("second", "第二人：刷工牌", "Second person: scan your badge"),
        )
    if text.startswith("WRONG"):
        return say(
            result="wrong",
            zh="标签与板子不符，取下板子，叫线长",
            en="The label is not this board's. Remove the board, call the leader",
        )
    return say(zh="已登记，请放板", en="Known, place the board", unit=text, open=f"/unit/{text}")


def orders(server):
    """The orders of the line, and those that are only in the list."""
    return server.line.snapshot["orders"] + [
        order(
            order="WO-0002",
            state="draft",
            claimed=0,
            left=2000,
            quota=2000,
            passed=0,
            failed=0,
            held=0,
            yield_permille=None,
            first_article="wanted",
            title="智能灯 2.0.0",
            release="2.0.0",
        ),
        order(
            order="WO-0000",
            state="closed",
            claimed=1000,
            left=0,
            quota=1000,
            passed=998,
            failed=0,
            held=0,
            yield_permille=975,
            title="智能插座 1.4.1",
            release="1.4.1",
        ),
    ]


def resource(server, path, query):
    parts = path.split("/")
    if parts[0] == "orders":
        if len(parts) == 2:
            return next((one for one in orders(server) if one["order"] == parts[1]), None)
        if len(parts) == 3 and parts[2] == "reconciliation":
            return reconcile_scenes.answer(server, query)
        return {"orders": orders(server)}
    if parts[0] == "units" and len(parts) == 2:
        return unit(parts[1])
    if parts[0] == "units" and parts[2] == "clientids":
        return {
            "client_ids": [
                {"client_id": "x7Fk2", "created_at_ms": 1764000000000},
                {"client_id": "p0Qw9", "created_at_ms": 1764000600000},
            ]
        }
    if parts[0] == "releases":
        return {
            "releases": [release()],
            "profiles": ["esp32c3", "stm32-uart"],
            "profile_regions": {"esp32c3": ["bootloader.bin", "app.bin"], "stm32-uart": ["app.bin"]},
        }
    if parts[0] == "people":
        return {"people": list(PEOPLE.values())}
    if parts[0] == "tokens":
        return {"tokens": [{"id": "T-0001", "name": "MES", "scopes": ["read", "orders"], "active": True}]}
    return None


def release():
    return {
        "profile": "esp32c3",
        "version": "1.4.2",
        "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "device_sdk": "c-4.2.0",
        "ship": {},
        "findings": [
            {
                "level": "warn",
                "zh": "镜像比分区小很多：app 612 KB / 1.5 MB",
                "en": "app is much smaller than its region: 612 KB of 1.5 MB",
            }
        ],
        "images": [
            {
                "region": "bootloader",
                "file": "bootloader.bin",
                "size": 21472,
                "sha256": "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752",
            },
            {
                "region": "app",
                "file": "app.bin",
                "size": 627_312,
                "sha256": "fd61a03af4f77d870fc21e05e7e80678095c92d808cfb3b5c279ee04c74aca13",
            },
        ],
    }


def unit(name):
    return {
        "unit": {
            "unit": 57,
            "order": "WO-0001",
            "ordinal": 57,
            "product_key": "a1B2c3D4e5F",
            "identity_kind": "mac",
            "identity": name.upper(),
            "uid": "4b00a4cf12",
            "uid_source": "chip",
            "device_name": name,
            "state": "failed",
            "runs": 2,
            "iot_id": "7f3kQ2",
            "pending": None,
            "client_id": None,
            "iccid": None,
        },
        "order": order(),
        "replaces": None,
        "replaced_by": None,
        "runs": [
            {
                "run": 112,
                "slot": "3",
                "person": "王小明",
                "started": at(3600),
                "ended": at(3540),
                "outcome": "fail",
                **failure("FL-102"),
                "release": "1.4.2",
                "steps": [
                    {"step": step, "started": at(3600 - 8 * i), "ended": at(3592 - 8 * i), "detail": ""}
                    for i, step in enumerate(STEPS[:4])
                ],
                "evidence": [],
            },
            {
                "run": 140,
                "slot": "5",
                "person": "王小明",
                "started": at(900),
                "ended": at(840),
                "outcome": "pass",
                "code": None,
                "zh": None,
                "en": None,
                "release": "1.4.2",
                "steps": [
                    {"step": step, "started": at(900 - 7 * i), "ended": at(893 - 7 * i), "detail": ""}
                    for i, step in enumerate(STEPS)
                ],
                "evidence": [
                    {
                        "time": at(880),
                        "label": "before",
                        "state": "UNACTIVE",
                        "activated": None,
                        "online": None,
                        "iot_id": "7f3kQ2",
                        "request_id": "A1-3",
                        "digest": None,
                    },
                    {
                        "time": at(842),
                        "label": "after",
                        "state": "ONLINE",
                        "activated": at(845),
                        "online": at(843),
                        "iot_id": "7f3kQ2",
                        "request_id": "A1-9",
                        "digest": "k1:55aa",
                    },
                ],
            },
        ],
        "actions": [
            {"action": one, "allowed": True, "two": one in ("scrap", "replace", "release"), "zh": "", "en": ""}
            for one in ("reflash", "reset", "scrap", "replace", "hold", "disable", "enable")
        ],
        "workflows": [
            {
                "workflow": 4,
                "kind": "reflash",
                "reason": "烧录失败重做",
                "person": "李秀英",
                "second": None,
                "started": at(1000),
                "ended": at(999),
                "result": "done",
                "before": {"state": "UNACTIVE"},
                "after": {"state": "UNACTIVE"},
            }
        ],
        "records": [
            {
                "seq": 881,
                "time": at(3598),
                "actor": "slot:3",
                "kind": "identity.read",
                "body": {"identity": name.upper(), "uid": "4b00a4cf12"},
            },
            {
                "seq": 882,
                "time": at(3597),
                "actor": "slot:3",
                "kind": "claim.bound",
                "body": {"order": "WO-0001", "device_name": name, "ordinal": 57},
            },
            {
                "seq": 890,
                "time": at(3540),
                "actor": "slot:3",
                "kind": "run.concluded",
                "body": {"outcome": "fail", "code": "FL-102"},
            },
        ],
    }


def change(server, method, path, body):
    parts = path.split("/")
    if parts[0] == "asks":
        if body.get("pin") not in (None, "2468"):
            return (401, "工牌或 PIN 不对", "badge or PIN is wrong")
        return {
            "kind": "label",
            "result": "ok",
            "zh": "已接受，请把板子放上任一工位",
            "en": "Taken. Place the board on any slot",
            "speak": "ok",
            "ask": None,
            "unit": None,
            "slot": None,
            "open": None,
        }
    if parts[0] in ("slots", "shift"):
        return {}
    if parts[0] == "units":
        if body.get("second") and body["second"].get("pin") != "2468":
            return (401, "第二人的工牌或 PIN 不对", "the second person's badge or PIN is wrong")
        return unit(parts[1])["unit"]
    if parts[0] == "orders":
        return change_order(server, method, parts, body)
    if parts[0] == "releases":
        return release()
    if parts[0] == "people":
        return dict(PEOPLE["operator"], **{k: v for k, v in body.items() if k in ("name", "role") and v})
    if parts[0] == "tokens":
        return {
            "id": "T-0002",
            "active": True,
            "name": body.get("name"),
            "scopes": body.get("scopes"),
            "token": "ps1_EXAMPLE",
        }
    return None


def change_order(server, method, parts, body):
    terms = {key: body[key] for key in ("quota", "release", "profile") if key in body}
    if len(parts) == 1:
        return order(order="WO-0003", state="draft", **terms)
    if parts[1] == "import":
        return import_orders(body["text"])
    one = dict(next(found for found in orders(server) if found["order"] == parts[1]))
    if method == "PATCH":
        one.update(terms)
    elif parts[2] in ("reconcile", "reconciliation"):
        return reconcile_scenes.change(server, parts[2], body)
    elif parts[2] == "state":
        one["state"] = body["state"]
    elif parts[2] == "first-article":
        one["first_article"] = "confirmed"
    elif parts[2] in ("close", "terminate"):
        return end_order(server, parts[2], one, body)
    else:
        one.update(state="open", hold_code=None, hold_zh=None, hold_en=None)
    server.line.publish("order", one)
    return one


def end_order(server, kind, one, body):
    """Reconciles at the first call, and says what came of it at the second."""
    server.endings += 1
    answer = {"state": "reconciling", "progress": None, "result": None, "archive": None, "switch": None}
    if kind == "terminate" and body["second"]["pin"] != "2468":
        return (401, "第二人的工牌或 PIN 不对", "the second person's badge or PIN is wrong")
    if server.endings == 1:
        progress = {"state": "reading", "devices": 400, "total": 20_000, "left": None, "trouble": None, "result": None}
        return dict(answer, progress=progress)
    result = reconcile_scenes.result(reconcile_scenes.COUNTS)
    if kind == "close" and server.settled != {"all"}:
        return dict(answer, state="open-rows", result=result)
    one["state"] = "closed" if kind == "close" else "terminated"
    server.line.publish("order", one)
    archive = {"order": one["order"], "folder": "batches/WO-0001", "manifest_sha256": "9f86d081", "head": 90_300}
    return dict(answer, state=one["state"], result=result, archive=archive, switch={"code": "6288"})


def import_orders(text):
    lines = text.strip().splitlines()
    problems = [
        {
            "line": number,
            "field": "quota",
            "zh": f"应为 1 到 10000000 的整数，收到 {line.split(',')[1]}",
            "en": f"expected a whole number from 1 to 10000000, received {line.split(',')[1]}",
        }
        for number, line in enumerate(lines[1:], 2)
        if not line.split(",")[1].isdigit()
    ]
    if problems:
        return (422, "导入的内容有问题", "the import has problems", None, (), {"problems": problems})
    return {"orders": [order(order=f"WO-{number:04}", state="draft") for number in range(4, 3 + len(lines))]}
