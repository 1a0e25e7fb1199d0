"""How answers are to be from now on: how long, and how far from what everybody has seen."""

from __future__ import annotations

import re
from dataclasses import replace

from app import frames
from app.session import NOVELTIES, State

_FROM_NOW_ON = (
    r"^\W*(?:(?:ok(?:ay)?|well|but|please|pls|could you|can you|let['’]?s|try to|from now on)\W+)*"
)
_PLEASE = r"\W*(?:please|pls|thanks|(?:next|this) time|from now on|then|now|a (?:bit|little))?\W*$"
_LET_ME_HAVE = r"(?:(?:give me|show me|write|use|i want|i(?:['’]d| would) (?:like|prefer)) )?"
_FILMS = r"(?:ones?|films?|movies?|picks|choices|suggestions|recommendations|options|stuff)"
_RATHER = r"(?:(?:a (?:bit|little)|some|even|much|way|far) )?"
_BRIEFLY = re.compile(
    rf"{_FROM_NOW_ON}(?:be (?:less detailed|(?:more |very )?(?:brief|concise|succinct))|"
    rf"{_LET_ME_HAVE}(?:short|shorter|briefer|more concise) (?:answers|replies)(?: only)?|"
    r"(?:keep|make) your (?:answers|replies) (?:short|shorter|brief|concise)|"
    r"(?:write |say )?less (?:text|talk(?:ing)?)|(?:just|only) (?:the )?(?:titles|names)|"
    rf"no (?:explanations?|chatter|reasons)){_PLEASE}",
    re.IGNORECASE,
)
_AT_LENGTH = re.compile(
    rf"{_FROM_NOW_ON}(?:be (?:more detailed|less brief)|"
    rf"{_LET_ME_HAVE}(?:longer|(?:more )?detailed) (?:answers|replies)|"
    r"make your (?:answers|replies) longer|with (?:reasons|explanations)|"
    rf"explain your (?:picks|choices|suggestions)(?: again)?){_PLEASE}",
    re.IGNORECASE,
)
_FURTHER = re.compile(
    rf"{_FROM_NOW_ON}(?:(?:be|go|get) {_RATHER}(?:more (?:adventurous|daring|surprising|"
    rf"unpredictable)|less (?:predictable|obvious|safe)|bolder|wilder)|surprise me {_RATHER}more|"
    rf"{_LET_ME_HAVE}{_RATHER}(?:more (?:surprising|unexpected|varied|diverse|adventurous)|"
    rf"less (?:predictable|obvious)|bolder|wilder|riskier) {_FILMS}|(?:more (?:variety|surprises)|"
    r"less of the same)|(?:you['’]?re|these are|they['’]?re|that['’]?s|this is) (?:all )?"
    rf"(?:too|so|a bit|very) (?:safe|predictable|obvious)|take (?:some |more )?risks){_PLEASE}",
    re.IGNORECASE,
)
_NEARER = re.compile(
    rf"{_FROM_NOW_ON}(?:(?:be|go|get) {_RATHER}(?:less (?:adventurous|daring|surprising|wild)|"
    rf"safer|more (?:predictable|conventional))|play (?:it )?{_RATHER}safer?|surprise me less|"
    rf"{_LET_ME_HAVE}{_RATHER}(?:more (?:familiar|predictable|conventional)|"
    rf"less (?:surprising|adventurous|risky)|safer) {_FILMS}|(?:fewer|no more) surprises|"
    r"(?:these are|they['’]?re|that['’]?s|this is) (?:all )?(?:too|so|a bit|very) "
    rf"(?:far out|out there|adventurous|far-fetched)){_PLEASE}",
    re.IGNORECASE,
)


_BREAK = re.compile(r"[.;!]\s+|,\s*(?:(?:and|but|then) )?|\s+and\s+", re.IGNORECASE)
_LONGEST = 80  # characters of a clause that may say how answers are to be


def beside(message: str, state: State) -> tuple[State, tuple[str, ...], str] | None:
    """As `changed` of a message that says something else as well, before or after that, and what
    else it says: "short answers please, and one film for tonight"."""
    if changed(message, state) is not None:
        return None
    for mark in _BREAK.finditer(message):
        if mark.start() > _LONGEST and mark.end() < len(message) - _LONGEST:
            continue
        before, after = message[: mark.start()], message[mark.end() :]
        for clause, rest in ((before, after), (after, before)):
            found = changed(clause, state) if len(clause) <= _LONGEST else None
            if found is not None and any(character.isalnum() for character in rest):
                return found[0], found[1], rest
    return None


def changed(message: str, state: State) -> tuple[State, tuple[str, ...], bool] | None:
    """The state after a message that says how answers are to be, what is said to it, and whether
    it wants films of that manner at once; None for every other message. Of "more adventurous" and
    "safer" each is one step."""
    if _BRIEFLY.match(message):
        return replace(state, brief=True), frames.BRIEFLY, False
    if _AT_LENGTH.match(message):
        return replace(state, brief=False), frames.AT_LENGTH, False
    at = NOVELTIES.index(state.novelty)
    if _FURTHER.match(message):
        further = NOVELTIES[min(at + 1, len(NOVELTIES) - 1)]
        return replace(state, novelty=further), frames.FURTHER, True
    if _NEARER.match(message):
        return replace(state, novelty=NOVELTIES[max(at - 1, 0)]), frames.NEARER, True
    return None
