"""The list of checks, and what they have at hand."""

from dataclasses import dataclass, field

CHECKS = []


def check(needs_server=False):
    """Registers a check. `needs_server`: it turns switches that only `line_server` has."""

    def register(function):
        CHECKS.append((function, needs_server))
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
