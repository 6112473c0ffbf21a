"""The list of checks, and what they have at hand."""

from dataclasses import dataclass, field

CHECKS = []


def check(needs_server=False, needs_station=False):
    """Registers a check. `needs_server`: it turns switches that only `line_server` has; `needs_station`: it starts a
    real station of its own."""

    def register(function):
        CHECKS.append((function, needs_server or needs_station))
        return function

    return register


class Skipped(Exception):
    """A check that cannot be made here, with the reason."""


@dataclass
class Bench:
    """What a check works with."""

    browser: object
    base: str
    start: object
    """Starts a `LineServer` of its own: start(count, scene, person)."""
    program: str | None = None
    """The executable `station`, where a real one can be started, and its HOME."""
    home: str | None = None
    shots: str | None = None
    """Folder for pictures."""
    wires: list = field(default_factory=list)
    notes: list = field(default_factory=list)

    def note(self, sentence):
        """Something measured, printed beside the check's name."""
        self.notes.append(sentence)


def equal(found, expected, what):
    if found != expected:
        raise AssertionError(f"{what}: expected {shorten(expected)}, found {shorten(found)}")


def shorten(value):
    text = repr(value)
    return text if len(text) < 600 else text[:600] + "…"
