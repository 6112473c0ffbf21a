"""Sample reconciliations in the form in which the station answers them, for `line_server`."""

from report_scenes import iso, today

# class, zh, en, owner, open, action
CLASSES = [
    ("active-not-ours", "已激活但非本站（泄漏）", "active, not ours (leak)", "owner", True, "stop"),
    ("one-name-two-boards", "一名两板", "one name, two boards", "leader", True, "hold"),
    ("one-board-two-names", "一板两名", "one board, two names", "leader", True, "hold"),
    ("duplicate-client-ids", "ClientID 重复", "duplicate ClientIDs", "engineer", True, "keep-client-id"),
    ("active-before-flash", "烧录前已激活", "active before it was flashed", "engineer", True, "hold"),
    ("active-outside-window", "在生产窗口外激活", "active outside the window", "owner", True, "hold"),
    ("reset-without-record", "无记录的重置", "reset without a record", "engineer", True, "reset"),
    ("deleted-in-cloud", "云端已删除", "deleted in the cloud", "leader", True, "scrap"),
    ("flashed-not-registered", "已烧录未注册", "flashed, not registered", "leader", True, "place"),
    ("passed-not-active", "合格但云端未激活", "passed, not active", "leader", True, "reflash"),
    ("active-not-passed", "云端已激活但未合格", "active, not passed", "leader", True, "place"),
    (
        "registered-never-flashed",
        "已注册从未烧录（幽灵）",
        "registered, never flashed (ghost)",
        "leader",
        True,
        "clean-up",
    ),
    ("packed-unknown", "装箱但不属于本工单", "packed, not of this order", "leader", True, "unpack"),
    ("packed-twice", "重复装箱", "packed twice", "leader", True, "correct"),
    ("packed-not-passed", "未合格却已装箱", "packed, not passed", "leader", True, "unpack"),
    ("passed-not-packed", "合格未装箱", "passed, not packed", "leader", True, "find"),
    ("replaced", "已更换", "replaced", "leader", False, None),
    ("scrapped", "已报废", "scrapped", "leader", False, None),
    ("held", "暂停或未了结", "on hold or not concluded", "leader", True, "release"),
    ("not-activated-by-plan", "按计划不激活", "not activated by plan", "leader", False, None),
    ("ok", "相符", "agrees", "leader", False, None),
]
# zh, en, permission (None = by hand), the lowest role that has it, two people
ACTIONS = {
    "stop": (
        "禁用该设备；控制台：关闭动态注册",
        "disable the device; console: switch dynamic registration off",
        "unit.disable",
        "leader",
        False,
    ),
    "hold": ("暂停该设备，查明原因", "put the unit on hold and find out why", "unit.hold", "operator", False),
    "release": ("查明后由班长放行", "released by a leader who knows why", "unit.release", "leader", True),
    "keep-client-id": (
        "保留本板的 ClientID，作废其余",
        "keep the board's own ClientID and void the others",
        "unit.client-ids",
        "leader",
        False,
    ),
    "reset": ("下达重置，重新放板并激活", "order a reset, then place the board", "unit.reset", "leader", False),
    "reflash": (
        "下达重新烧录，重新放板验证",
        "order a re-flash, then place the board",
        "unit.reflash",
        "leader",
        False,
    ),
    "scrap": ("报废该设备", "give the unit up (scrap)", "unit.scrap", "leader", False),
    "clean-up": (
        "清理幽灵名称（工单已停止、超过 24 小时、仍未激活）",
        "clean up the ghost: order not open, older than 24 h, still UNACTIVE",
        "order.change",
        "leader",
        False,
    ),
    "place": ("重新放入工位完成，或报废", "place the board on a slot again, or scrap it", None, None, False),
    "unpack": ("从箱中取出，核对身份", "take the board out of its box and see what it is", None, None, False),
    "correct": ("核对装箱清单，改正重复行", "put the packing list right", None, None, False),
    "find": ("找到该板并装箱，或报废", "find the board and pack it, or scrap it", None, None, False),
}
COUNTS = {"active-not-ours": 1, "duplicate-client-ids": 2, "deleted-in-cloud": 1, "registered-never-flashed": 3}
COUNTS.update({"held": 4, "scrapped": 1, "ok": 19_988})


def row(kind, number):
    _, _, _, owner, is_open, action = next(one for one in CLASSES if one[0] == kind)
    index = [one[0] for one in CLASSES].index(kind)
    name = f"a4cf12{0x400000 + index * 0x8000 + number * 4:06x}"
    found = None
    if action:
        zh, en, permission, role, two = ACTIONS[action]
        found = {"key": action, "zh": zh, "en": en, "permission": permission, "role": role, "two": two}
    return {
        "device_name": name,
        "identity": name.upper(),
        "unit": None if kind in ("active-not-ours", "registered-never-flashed") else 100 + number,
        "order": "WO-0001",
        "class": kind,
        "notes": ["active-outside-window"] if kind == "duplicate-client-ids" else [],
        "state": {"held": "held", "scrapped": "scrapped"}.get(kind, None if kind == "active-not-ours" else "passed"),
        "cloud": {"state": "ONLINE", "iot_id": "7f3kQ2", "active": iso(today(3)), "client_ids": 2},
        "packed": None,
        "owner": owner,
        "evidence": {"intent": 4411, "request_id": "A1-9", "listed": iso(today(9))},
        "action": found,
        "client_ids": ["x7Fk2", "p0Qw9"] if kind == "duplicate-client-ids" else [],
        "open": is_open,
    }


def result(counts, number=1):
    opened = {kind for kind, _, _, _, is_open, _ in CLASSES if is_open}
    return {
        "reconciliation": number,
        "order": "WO-0001",
        "head": 90_211,
        "cloud_began": iso(today(9)),
        "cloud_read": iso(today(9.2)),
        "counts": counts,
        "open": sum(count for kind, count in counts.items() if kind in opened),
        "rows_sha256": "0f4a1c5d2be0b8f5f0ad4c7ce0a4d7a7c1f3f58a8aab3a1b2e4f5c6d7e8f9a0b",
        "packed_sha256": None,
        "file": f"reconcile/{number}.jsonl",
    }


def answer(server, query):
    """`GET /orders/…/reconciliation`."""
    held = server.reconciliation
    counts = held["counts"] or {}
    rows, after = [], None
    if query.get("class"):
        start, limit = int(query.get("after", 0)), int(query.get("limit", 50))
        count = counts.get(query["class"], 0)
        rows = [row(query["class"], number) for number in range(start, min(count, start + limit))]
        after = start + limit if start + limit < count else None
    return {
        "result": result(counts, held["number"]) if held["counts"] else None,
        "classes": [
            {"class": kind, "zh": zh, "en": en, "owner": owner, "open": is_open, "count": counts.get(kind, 0)}
            for kind, zh, en, owner, is_open, _ in CLASSES
        ],
        "rows": rows,
        "next": after,
    }


def fresh():
    return {"counts": None, "number": 0, "answers": 0}


def change(server, path, body):
    """Goes on with one, or takes an action: what is done away with is not in the next result."""
    held = server.reconciliation
    if path == "reconcile":
        held["answers"] += 1
        progress = {"state": "reading", "devices": 1200, "total": 20_000, "left": None, "trouble": None, "result": None}
        if held["answers"] % 4:
            server.running.wait(8)
            states = ({}, {"state": "waiting", "trouble": "throttled"}, {"state": "asking", "devices": None, "left": 7})
            return dict(progress, **states[held["answers"] % 4 - 1])
        counts = dict(COUNTS)
        for kind in server.settled:
            counts["ok"] += counts.pop(kind, 0)
        if body.get("packed"):
            counts["packed-unknown"] = 1
        held.update(counts=counts, number=held["number"] + 1)
        return dict(progress, state="concluded", result=result(counts, held["number"]))
    name = body["device_name"]
    if body["action"] == "clean-up" and not server.settled:
        server.settled.add("none")
        return {
            "rows": [{"device_name": name, "action": None, "done": False, "sentence": "it is ONLINE now"}],
            "left": 0,
        }
    server.settled.add(
        next(kind for kind, n in COUNTS.items() if name in {row(kind, i)["device_name"] for i in range(n)})
    )
    return {"rows": [{"device_name": name, "action": body["action"], "done": True, "sentence": "done"}], "left": 0}
