"""What a message is for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.understanding import Intent

_RESET = re.compile(
    r"\b(?:start(?:ing)? (?:over|again|afresh)|from scratch|clean slate|change of plans?|new plan|"
    r"changed? my mind|(?:never ?mind|nvm)|scra(?:p|tch) (?:that|it|all)|drop (?:that|all|it all)|"
    r"forget (?:all|about|that|everything|it|what)|take (?:it|that|the whole thing)(?: all)? back|"
    r"flip it|reset|actually,? (?:wait|no))\b",
    re.IGNORECASE,
)
_HELP = re.compile(
    r"^\W*(?:help|what can you do|how (?:does this|do you) work|what is this|who are you)\W*$",
    re.IGNORECASE,
)
_COMPARE = re.compile(
    r"\b(?:which (?:one|1|of|would|should|hits|goes|film|first)|whichever|compare|torn between|"
    r"versus|vs|better of|(?:if you had to|had to|could only) (?:pick|choose)|pick one|tie ?break|"
    r"what would you put first|which then|which (?:\w+ ){0,6}\w+\?)|(?:^|[.!?]\s+)which\b",
    re.IGNORECASE,
)
_MORE = re.compile(
    r"(?:^\W*(?:\w+\W+){0,3}(?:more|next|another)\b(?! \w+er\b)(?:\W+(?:pls|please))?\W*(?:[.!?,]|"
    r"$))|"
    r"\b(?:what|wat|wut|anything|anythin|something|who|owt) el(?:se|s)\b|\b(?:1|one|two|a couple|"
    r"couple|a few|"
    r"some|show me|any) (?:more|others)\b|\bkeep (?:em|them) comin|\bmore (?:like|along|of|in|"
    r"where)\b|"
    r"\banother (?:one|like)\b|\bany others?\b|\bothers like\b",
    re.IGNORECASE,
)
_QUESTION = re.compile(
    r"\b(?:is (?:it|that|this|the|there (?:a|any|much))|isn['’]?t (?:it|that|the)|does (?:it|that|"
    r"the|he|she)|"
    r"do (?:they|i need|you think it)|did (?:it|they)|was (?:it|that)|how (?:long|old|scary|"
    r"violent|dark|bad|"
    r"sad|funny|heavy|gory|is)|what['’]?s? (?:is )?(?:it|that|the \w+ one) (?:about|like)|"
    r"who['’]?s? (?:is|in|"
    r"directed|made|plays)|what (?:is|happens)|would (?:it|that|he|she|they)|will (?:it|i)|"
    r"can (?:i|it)|"
    r"why (?:that|this|those|did|do you)|tell me (?:more )?about|should i know|good for|"
    r"too (?:long|dark|scary|"
    r"sad|serious|heavy|slow|violent)|has it|have (?:they|you seen)|are (?:they|there)|need i|"
    r"worth)\b",
    re.IGNORECASE,
)
_REQUEST = re.compile(
    r"\b(?:suggest|sugest|recommend|recomend|find (?:me|us)|give (?:me|us)|gimme|show me|hit me|"
    r"throw me|"
    r"drop me|got (?:any|sum|some|smth)|want(?:ed)?|need|looking for|lookin|fancy|in the mood|"
    r"something|"
    r"somthing|somthin|smth|sumthin|smthing|anything|anythin|what (?:should|shud|to|do you have|"
    r"would you|"
    r"have you|might|could|film|movie)|wat (?:should|shud|u|els|film)|whats? (?:good|like|next)|"
    r"what else|"
    r"pick|pls|please|please|could (?:you|i|we)|can (?:you|u|i|we)|i['’]?d like|i would like|"
    r"any (?:good|film|"
    r"movie|idea|other)|more|another|next|similar|instead|how about|what about|"
    r"a (?:\w+ ){0,2}(?:film|movie|"
    r"one)\b)\b",
    re.IGNORECASE,
)
_CRITIQUE = re.compile(
    r"\b(?:too \w+|(?:funn|light|dark|scar|spook|sill|happ|nois|craz|gritt|cheer|slow|quiet|fast|"
    r"short|long|"
    r"new|old|smart|warm|cheap|weird|strang|soft|wild|kind|rud|gentl|nast)(?:i?er)\b|(?:more|"
    r"less) \w+|"
    r"(?:already |alredy )?(?:seen|saw|watched|know) (?:it|that|this|them|both|all|those)|instead|"
    r"rather|"
    r"nah|not (?:really|feelin|quite|for me|sure|what|that|again)|grim|bleak|plan b|hm+|meh|"
    r"pass)\b",
    re.IGNORECASE,
)
_FILM_TALK = re.compile(
    r"\b(?:films?|movies?|movei|flick|cinema|actor|director|watch|genre|recommend|scene|trailer|"
    r"sequel|plot|"
    r"scary|funny|sad|dark)\b",
    re.IGNORECASE,
)
_ASKED = re.compile(
    r"\?|\b(?:how (?:do|to|long|u|much|many)|what(?:['’]?s| is)|whats|who (?:won|is)|"
    r"do you (?:know|happen)|"
    r"do u (?:kno|know)|should i|unrelated|random q|capital of|\d+ ?%|weather|recipe|translate|"
    r"write (?:me )?"
    r"(?:a|some|code)|code|solve)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Signs:
    """What the other readers found: the text with its titles blanked, and counts of films.

    cards: shown by the last answer; named: by title; referred: by words such as "that one";
    pointed: also by a bare "it".
    felt: liked, disliked or seen films were stated; constrained: genres, years or people were.
    """

    text: str
    cards: int
    named: int
    referred: int
    pointed: bool
    felt: bool
    constrained: bool
    unknown: bool
    wish: str


def intent_of(signs: Signs) -> Intent:
    """The one intent of a message; the first rule that fits decides."""
    text = signs.text
    question = "?" in text or _QUESTION.search(text) is not None
    request = _REQUEST.search(text) is not None
    films = signs.named + signs.referred
    if _HELP.match(text):
        return "help"
    if _RESET.search(text):
        return "reset"
    pair = signs.named >= 2 or signs.referred >= 2 or signs.cards >= 2
    if pair and _COMPARE.search(text):
        return "compare"
    if (films or signs.pointed) and _QUESTION.search(text) and not _asks_for_another(text):
        return "ask_about"
    if signs.cards and question and not request and not signs.named:
        return "off_topic" if _off_topic(signs) else "ask_about"
    if _MORE.search(text):
        return "more" if signs.cards else "recommend"
    if signs.cards and _CRITIQUE.search(text) and (request or signs.referred or not signs.named):
        return "critique"
    if not films and not signs.constrained and not signs.unknown and not request:
        if _ASKED.search(text) and not _FILM_TALK.search(text):
            return "off_topic"
        if not signs.wish or not _FILM_TALK.search(text):
            return "chitchat"
    if (signs.felt or signs.referred) and not request and not signs.constrained and not question:
        return "feedback"
    return "recommend"


def _asks_for_another(text: str) -> bool:
    return (
        re.search(
            r"\b(?:anything|something|smth|another|else|similar|one (?:more|like)|give me|suggest|"
            r"recommend|"
            r"find me|gimme|instead|do you have|have you (?:got|another|anything|something)|"
            r"got any)\b",
            text,
            re.IGNORECASE,
        )
        is not None
    )


def _off_topic(signs: Signs) -> bool:
    unrelated = re.search(
        r"\b(?:unrelated|random|real talk|capital|weather|who won|how (?:do|to|u)|boil|my (?:ex|"
        r"cat|dog|car|"
        r"boiler|plant)|trains?|difference between|happen to know)\b|\d+ ?%",
        signs.text,
        re.IGNORECASE,
    )
    return unrelated is not None and not signs.named
