"""How people are called: surnames, nicknames, and names cut short."""

from __future__ import annotations

_GENERATIONS = {"jr", "sr", "2", "3", "4"}
_PARTICLES = {"de", "van", "von", "del", "di", "da", "la", "le"}  # "only De Niro then"
NICKNAMES = {
    "james": ("jimmy", "jim"), "robert": ("bob", "bobby", "rob"), "william": ("bill", "will"),
    "thomas": ("tom", "tommy"), "michael": ("mike",), "edward": ("ed", "eddie"),
    "joseph": ("joe",), "daniel": ("dan", "danny"), "anthony": ("tony",), "samuel": ("sam",),
    "charles": ("charlie", "chuck"), "katharine": ("kate", "katherine"), "steven": ("steve",),
    "christopher": ("chris",), "matthew": ("matt",), "benjamin": ("ben",), "david": ("dave",),
    "donald": ("don",), "jennifer": ("jen",), "susan": ("sue",), "kenneth": ("ken",),
    "leonardo": ("leo",), "john": ("johnny",), "timothy": ("tim",), "richard": ("rick",),
    "andrew": ("andy",), "gregory": ("greg",), "frederick": ("fred",), "gerald": ("jerry",),
}  # fmt: skip
"""First name -> what else its bearers are called."""


def surname_of(name: tuple[str, ...]) -> str:
    """The last word that is no generation: "Gooding" of "Cuba Gooding Jr."."""
    return name[-2] if name[-1] in _GENERATIONS and len(name) > 2 else name[-1]


def aliases(name: tuple[str, ...]) -> list[tuple[str, ...]]:
    """How else people call somebody: "Jimmy Stewart", "Samuel Jackson", "Robert Downey"."""
    first, *middle, last = name
    short: list[tuple[str, ...]] = []
    if last in _GENERATIONS and middle:
        short = [name[:-1], *aliases(name[:-1])]
    elif any(len(word) == 1 for word in middle):
        short = [(first, last)]
    elif len(middle) == 1 and middle[0] in _PARTICLES:
        short = [(middle[0], last)]
    return short + [(nickname, *name[1:]) for nickname in NICKNAMES.get(first, ())]
