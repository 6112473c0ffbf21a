"""Keys as a keyboard or a scanner gives them: trusted events, timed by this process, not by the driver's round trips."""

import json
import time
import urllib.request

import websocket

SHIFTED = dict(zip('!@#$%^&*()_+{}|:"<>?~', "1234567890-=[]\\;',./`"))
SIGNS = {
    "-": "Minus",
    "=": "Equal",
    "[": "BracketLeft",
    "]": "BracketRight",
    "\\": "Backslash",
    ";": "Semicolon",
    "'": "Quote",
    ",": "Comma",
    ".": "Period",
    "/": "Slash",
    "`": "Backquote",
    " ": "Space",
}
CONTROLS = {"\x1d": ("]", "BracketRight"), "\x1e": ("6", "Digit6"), "\x04": ("d", "KeyD")}
SHIFT, CTRL = 8, 2


def strokes(text):
    """The keys of a US keyboard that write a text: (key, code, modifiers, text)."""
    for char in text:
        if char in CONTROLS:
            key, code = CONTROLS[char]
            yield key, code, CTRL, ""
        elif char.isalpha():
            yield char, "Key" + char.upper(), SHIFT if char.isupper() else 0, char
        elif char.isdigit():
            yield char, "Digit" + char, 0, char
        else:
            base = SHIFTED.get(char, char)
            code = "Digit" + base if base.isdigit() else SIGNS[base]
            yield char, code, SHIFT if char in SHIFTED else 0, char


class Keyboard:
    """One keyboard at a browser's page."""

    def __init__(self, driver):
        address = driver.capabilities["goog:chromeOptions"]["debuggerAddress"]
        pages = json.load(urllib.request.urlopen(f"http://{address}/json"))
        page = next(one for one in pages if one["type"] == "page" and one["id"] in driver.current_window_handle)
        self.socket = websocket.create_connection(page["webSocketDebuggerUrl"], suppress_origin=True)
        self.number = 0

    def close(self):
        self.socket.close()

    def send(self, **event):
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": "Input.dispatchKeyEvent", "params": event}))

    def settle(self):
        """Waits until the browser has taken every key."""
        while json.loads(self.socket.recv()).get("id") != self.number:
            pass

    def press(self, key, code, modifiers=0, text="", virtual=0):
        down = {"type": "keyDown" if text else "rawKeyDown", "key": key, "code": code, "modifiers": modifiers}
        if text:
            down["text"] = text
        if virtual:
            down["windowsVirtualKeyCode"] = virtual
        self.send(**down)
        self.send(type="keyUp", key=key, code=code, modifiers=modifiers)

    def end(self, key="Enter"):
        self.press(key, key, text="\r" if key == "Enter" else "", virtual=13 if key == "Enter" else 9)

    def scan(self, text, gap=0.003, end="Enter", composing=False):
        """A scanner's burst. `composing`: as an input method shows the keys, without their characters."""
        for key, code, modifiers, char in strokes(text):
            if composing:
                self.press("Process", code, modifiers, virtual=229)
            else:
                self.press(key, code, modifiers, char)
            time.sleep(gap)
        if end:
            self.end(end)

    def type(self, text, gap=0.09):
        """A person's typing."""
        for key, code, modifiers, char in strokes(text):
            self.press(key, code, modifiers, char)
            time.sleep(gap)
