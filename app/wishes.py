"""The free-text part of a message: what is wanted, and what is not."""

from __future__ import annotations

import re
from typing import Literal

from app.ages import NEWER, OLDER
from app.asides import ASIDE, WHEN
from app.fame import of_any_fame
from app.idioms import (
    KINDRED,
    MEANINGS,
    WISHED,
)
from app.occasions import OCCASIONS
from app.orders import ORDERS
from app.portions import COUNT
from app.unknowable import UNKNOWABLE
from app.words import (
    ADJECTIVES,
    AS_LIKE,
    COMMON,
    INTERJECTIONS,
    NATIONS,
    NOBODY_WANTS,
    UNBEARABLE,
    normal,
    word_set,
)

LONGEST = 300  # characters of a wish
_FEW = 2  # words of a message that says where a film is from, and no more
_CLAUSES = re.compile(r"[.!?;,:\n–—()]+|\b(?:but|because|although|though|whereas|and then)\b", re.I)
_ASKING = re.compile(
    r"\b(?:something|somthing|smth|sumthin|anything|anythin|want|need|looking for|fancy|mood|"
    r"suggest|recommend|find|gimme|give me|show me|films?|movies?|movei|flick|prefer|feel like|"
    r"(?:would|['’]d) (?:\w+ )?(?:like|love|enjoy)|(?:i['’]?m|we['’]?re|am|are) after|"
    r"let['’]?s (?:watch|see)|"
    r"hit me|could i|can i|more|less|about|with|for (?:a|the|my|tonight)|in (?:the )?\w+|set "
    r"(?:in|on))\b",
    re.IGNORECASE,
)
_NOT_WANTED = re.compile(
    r"\b(?:(?:scared|afraid|frightened|terrified|sick|tired|bored) of|"
    r"none(?: of (?:them|these|those))? (?:with|about)|"
    rf"{NOBODY_WANTS}(?: any(?:thing)?| to see)?|anything "
    r"but(?: too| so| very)?(?: an?)?|"
    r"not (?:an? |much of a )?(?:big |huge )?fan of|(?:skips?|avoids?|turns? off) (?:anything|"
    r"everything|stuff|films|movies)(?: with| about)?|vetoe[ds]|(?:hard )?pass on(?: anything(?: "
    r"with)?)?|in no mood for|forget(?: "
    r"about)?(?! (?:it|that|this|all|everything|what|the|i|my|me)\b)|(?:is|are|was|were)n['’]?t|"
    r"(?:not|n['’]t) (?:really )?(?:in the mood|up|feeling) for(?: any(?:thing)?| something)?(?: "
    r"too| so| very)?|no|not(?: too| so| that| as| very)?(?: much| many)?|without(?: any| too| "
    r"so)?(?: much| many)?|nothin[g']?(?: with|"
    r" about)?(?: too| so)?(?: much| many)?|"
    r"less|never(?! ?mind)|(?:seen|watched) (?:all|every)(?: of)?(?: the| those)?|(?:besides|"
    r"apart from|other than|aside from|except(?: for)?|excluding)(?: the| any)?|(?:do|"
    r"does)(?:n['’]?t| not) (?:really |much )?(?:want|like|fancy|enjoy|care for|get|dig)(?: "
    r"any(?:thing)?)?(?: too| so| very)?|(?<!not )(?<!nothing )too|hates?(?: any(?:thing)?)?|"
    rf"{UNBEARABLE}|"
    r"doesn['’]?t)\s+(?:about\s+)?(?:(?:or|nor)\s+)?((?!like\b|really\b|sure\b|"
    r"clue\b|idea\b|more\b|agree\b|decide\b)[\w'’-]+(?:\s+(?!or\b|nor\b)[\w'’-]+)?(?:\s+(?:or|"
    r"nor)\s+[\w'’-]+)*)",
    re.IGNORECASE,
)
_NONE_OF = re.compile(
    r"\b(?:no|not|hates?|(?:do|does)(?:n['’]?t| not) (?:really )?(?:want|like|enjoy)|"
    rf"{UNBEARABLE})(?=[^.!?;]*,)[\s,]+((?:[\w'’-]+ ){{0,2}}[\w'’-]+"
    r"(?:, (?!or\b|nor\b)(?:[\w'’-]+ ){0,2}[\w'’-]+)*),? "
    r"(?:or|nor)(?: any)? ((?:[\w'’-]+ )?[\w'’-]+)",
    re.IGNORECASE,
)
"""Several things that are not wanted: "I don't like gore, jump scares or dolls"."""
_CHATTER = INTERJECTIONS | word_set("""
    wed well were im its thats lets english surprise top dear either sure mind meant popular
    trending director totally whatever completely entirely something somthing smth anything anythin
    everything want need looking fancy mood suggest recommend recommendation recommendations
    suggestion suggestions find gimme give show prefer feel hit could would fr yo bro bruh omg idk
    rn ok okay hi hey hello evening morning afternoon tonight today tomorrow yesterday got anyone
    any ideas idea option options choice preferably ideally let add fitting suitable similar vein
    spirit seen watched loved liked enjoyed love like enjoy favourite favorite fave film films
    movie movies flick watch watching see next more another else one ones two both that sounds good
    great nice perfect lovely cool fire bet aight sold alright right tell know think guess really
    just also maybe perhaps kinda sort kind bit lot quite very much pick first second third id ill
    gonna wanna gotta start over scrap forget reset drop instead new boring dull hmm uh um oh ah
    yeah yes no nah none hated hate adored adore disliked dislike fond bored directed saw bad older
    newer wants wife husband girlfriend boyfriend partner mum mom dad kids year years old max hours
    try trying tried might rather otherwise easy fav favs favourites whats ur banger bangers read
    reading heard told tells said says write writing thesis started begin help advise put choose
    worth decent solid proper real usual likes loves highest rated here catalogue different mostly
    fine keep kept keeping learning yet back before later soon already mix cross blend combination
    mixture between style son daughter obsessed picky mean means swap replace rec recs left
    starring featuring together exclude excluding recent less nope wich dunno zzz except nevermind
    nvm kidding trust netflix putting came sis feeling feelin theyd theyve theyre hes shes weve ive
    remove list turning taste tastes work works rating ratings lowest score guy usually marathon
    genre genres equally compromise half missed middle gud wit sum init dem movei direct act acted
    decade prove directors actor actors actress actresses mixed enough agree decide opinion watches
    starting hola bonjour ciao hallo namaste besides play unlike turn essential essentials based
    release releases worst hed shed nobody noone take
    """)
_COMPOUND = {"time", "family", "night", "new", "women", "woman", "day", "friend", "friends", "kids"}
"""Common words that begin what is no small talk: "time travel"."""
_WORLD_WARS = (["war", "i"], ["war", "ii"])
_TASTE = re.compile(
    r"\b(?:likes?|loves?|into|fans? of|crazy about|reads? (?:a lot|lots|tons) of|"
    r"reading a lot of)\s+((?!(?:it|that|this|the|them|to)\b)"
    r"[a-z'’ -]+?)(?=\s+(?:and|but|or|while)\b|[,.!?;]|$)",
    re.IGNORECASE,
)
"""What somebody likes, beside a film that is named in the same breath."""
_COMPARED = re.compile(
    rf"(?:{AS_LIKE}|\b(?:similar to|such as|as in))\b[^_]{{0,6}}__", re.IGNORECASE
)
_COMPARATIVE = re.compile(rf"\b({ADJECTIVES})(i)?(?:er|est)\b", re.IGNORECASE)
_FORGET = re.compile(
    r"\b(?:it |that )?(?:need(?:n['’]?t| not)|(?:does|do)(?:n['’]?t| not) (?:have|"
    r"need) to) (?:only )?be(?: (?:only|just|all|an?))*\b|\bnot necessarily\b|\bforget "
    r"(?:about )?(?:the|that|all|it)\b",
    re.IGNORECASE,
)
_VERDICT = re.compile(
    r"\b(?:it|that|this|they|which|__+|one)\b.{0,12}\b(?:was|is|were|sounds?|looks?|are|had|put|"
    r"made|left)\b",
    re.I,
)
_PERMITTED = re.compile(
    r"\b(?:with )?(?!(?:it|that|this|these|those|they|which|she|he|one|ones|film|movie)\b)"
    r"(black and white(?: \w+)?|[\w-]+(?: (?!(?:is|are|would)\b)[\w-]+)?) "
    r"(?:(?:is|are|would be) )(?:also |totally |"
    r"perfectly )?(?:ok|okay|fine|no problem|all ?right|not a problem)"
    r"(?: (?:with|by|for) (?:me|us))?\b"
    r"(?! (?:for|with)\b)(?P<too> too| as well)?|"
    r"^\W*(?P<said>(?!(?:i|we|it|that|this|all|sounds?|looks?|any\w*|every\w*|yes|no|ok)\b)[\w-]+"
    r"(?: [\w-]+){0,2}) (?:ok|okay|fine)\W*$",
    re.IGNORECASE,
)
"""What may be and need not: "subtitles are fine", "black and white ok"."""
_TURNED_DOWN = re.compile(
    r"([\w'’ -]{3,40}?) (?:(?:is|are) (?:where i draw the line|off the table|a (?:hard )?no)|"
    r"leaves? (?:me|us) cold)\b",
    re.IGNORECASE,
)
"""What is not wanted, said before that: "black and white is where I draw the line"."""
_ADDS = re.compile(
    r"\W*(?:(?:ok(?:ay)?|yes|no|hm+|and|but|also|maybe|oh|well|please)\W+)*"
    r"(?:with|without|but|for|set|in|from|not|no|nothing|about|only|just|by|before|after|"
    r"also|(?:oldest|newest|latest|earliest) first|(?:it|they) should|"
    r"preferably|ideally|must|"
    r"any(?:thing)? (?:before|after|from|by|with|in))\b|.*\bif (?:at all )?possible\W*$",
    re.IGNORECASE,
)
_SAME_TOPIC = re.compile(
    r"\b(?:on|about|with) (?:the same|that|this) (?:topic|subject|theme|thing|vibes?|"
    r"mood|tone|feel|feeling|atmosphere|energy)\b",
    re.IGNORECASE,
)
_OF_IT = re.compile(
    r"^\W*(?:(?:i|we)(?:['’]d like| want| need| prefer)|make|let['’]?s (?:make|have)) (?:it|them) |"
    r"^\W*(?:and|also|plus) [\w-]+(?: (?:too|enough|as well|please|pls|if (?:you can|"
    r"possible)))*\W*$|^\W*(?:preferably|ideally)\b|\b(?:preferably|ideally)\W*$",
    re.IGNORECASE,
)
"""Of what was asked for before: "I want it clever", "and funny if you can", "preferably short"."""
_ONE = re.compile(r"\W*(?:(?:an?|some|the) )?(?:[\w-]+ ){1,2}ones?\W*", re.IGNORECASE)
_NOT_WHO = "(?<!who is the )(?<!who's the )(?<!who’s the )(?<!whos the )(?<!who was the )"
_SAME_DIRECTOR = re.compile(
    rf"\b(?:same|that|this) (?:director|film-?maker)\b|{_NOT_WHO}\bdirector of _+|"
    r"\b(?:by|from) (?:the )?(?:guy|man|woman|person|people|one) (?:who|that) "
    r"(?:made|directed|did|shot) _+|"
    r"\b(?:else|more|anything|another|others?)\b.{0,12}\b(?:by|from) (?:him|her|them)\b|"
    r"\b(?:else|more|anything|another|others?)\b.{0,12}\bof (?:his|hers|theirs)\b|"
    r"\bwh?at else (?:did|has|have) (?:he|she|they) (?:ever |also )?(?:ma[dk]e|direct\w*|done?|"
    r"do|shoot|shot)\b|\bother (?:films|movies) (?:by|of|from) (?:him|her|them|(?:the|that|this) "
    r"(?:director|guy|man|woman))\b|"
    r"\b(?:which|what) (?:of )?(?:his|her|their) (?:films|movies)\b|"
    r"\bwh?at (?:films |movies )?(?:did|has|have) (?:he|she|they) (?:ever |also )?(?:ma[dk]e|"
    r"direct\w*|done?|shoot|shot)\b|"
    r"\bother (?:films|movies) (?:where|that|in which) (?:he|she) (?:directs|directed|makes|"
    r"made)\b|"
    rf"{_NOT_WHO}\bdirector of (?:the (?:first|second|third|last)|it|that|this)\b|"
    r"\b(?:his|her|their) (?:other|earlier|later|remaining) (?:films|movies|work|stuff|ones)\b",
    re.IGNORECASE,
)
_LIKE_THEM = re.compile(
    r"\b(?:someone|somebody|anyone|others?|people|directors?|film-?makers?|actors?|actress\w*)\s+"
    r"(?:\w+\s+)?(?:like|similar to|such as)\s+(?:him|her|them|that)\b|"
    r"\b(?:something|anything|someone|films?|movies?|stuff|ones) similar\b|\bsimilar "
    r"(?:films|movies|ones)\b|^\W*(?:(?:ok(?:ay)?|and|also) )*similar(?=\W*$| but\b| please\b)|"
    r"[.!?,;]\W*similar(?=\W*$| please\b)|\bwho(?:['’]?s| is| else is) similar\b",
    re.IGNORECASE,
)
_BOTH_PEOPLE = re.compile(
    r"\b(?:with|starring|featuring)\s+(?:and|&)\s+(?=\W*$|[.,!?;]|\b(?:in|from|but|not)\b)",
    re.IGNORECASE,
)
"""Two people, who are blanked: "with ____ and ____"."""
_TOGETHER = re.compile(
    r"\b(?:both|together|as well|also|in the same (?:film|movie))\b|\btoo\W*$", re.IGNORECASE
)
_ALSO = re.compile(r"\b(?:too|as well)\W*$", re.IGNORECASE)
_NOT_THEM = re.compile(
    r"\b(?:not|without|no more of)(?: with| by| from)? (?:him|her|them)\b", re.IGNORECASE
)
_SAME_CAST = re.compile(
    r"\b(?:same|that|this) (?:actors?|actress(?:es)?|cast|leads?|stars?)\b|"
    r"\b(?:else|more|anything|another|other)\b.{0,12}\bwith (?:him|her|them)\b|"
    r"\bwh?at else (?:is|was|were|are|has|have) (?:he|she|they) (?:been |acted |played |starred )?"
    r"in\b",
    re.IGNORECASE,
)
_SET = re.compile(r"\bset (?=(?:in|on|at|during|around)\b)", re.IGNORECASE)
_INSTEAD = re.compile(r"\b(?:instead|insted)\b(?! of)|\bcame out\b", re.IGNORECASE)


def wish_of(text: str) -> tuple[str, str]:
    """(wish, avoid) of a message whose titles, genres and years are blanked by underscores.

    Both are a few words of the message, for text search; "" where nothing is left to search for.
    """
    text = _in_their_words(_PERMITTED.sub(lambda m: m[1] if m["too"] else " ", text))
    for idle in (
        COUNT,
        WHEN,
        ASIDE,
        NEWER,
        OLDER,
        _FORGET,
        _SAME_TOPIC,
        *(words for _, words in UNKNOWABLE),
    ):
        text = idle.sub(" ", text)
    text = _COMPARATIVE.sub(_positive, text)
    several = [part for m in _NONE_OF.finditer(text) for part in (*m[1].split(","), m[2])]
    text = _NONE_OF.sub(" ", text)
    refused = [*_TURNED_DOWN.finditer(text), *_NOT_WANTED.finditer(text)]
    named = [*several, *(m[1] for m in refused)]
    avoided = [trim(part) for part in named if _says_something(part)]
    plain = _NOT_WANTED.sub(" ", _TURNED_DOWN.sub(" ", text))
    kept = []
    for clause in _CLAUSES.split(plain):
        if _VERDICT.search(clause):
            continue
        compared = _COMPARED.split(clause)
        if len(compared) > 1 and _says_something(compared[0]):
            kept.append(trim(compared[0]))  # "a twist ending like ____"
        words = [word for word in clause.split() if "_" not in word]
        cleaned = " ".join(words)
        asked = _ASKING.search(cleaned) is not None
        if (asked or len(words) <= 6) and "__" not in clause and _says_something(cleaned):
            kept.append(trim(cleaned))
        elif asked and _says_something(_after_request(cleaned)):
            kept.append(trim(_after_request(cleaned)))
        else:
            kept += [trim(m[1]) for m in _TASTE.finditer(clause) if _says_something(m[1])]
    wish = ", ".join(dict.fromkeys(filter(None, kept)))
    for word, kin in WISHED:
        wish = word.sub(kin, wish)
    return wish[:LONGEST], ", ".join(dict.fromkeys(avoided))[:LONGEST]


def permitted(text: str) -> str:
    """What a message says may be, of what was not wanted before: "a bit of blood is ok"."""
    said = (match[1] or match["said"] for match in _PERMITTED.finditer(text))
    return ", ".join(map(_in_their_words, said))


def _in_their_words(text: str) -> str:
    """A text with what people say put in the catalogue's words."""
    for saying, meaning in (*MEANINGS, *OCCASIONS):
        text = saying.sub(meaning, text)
    return text


def _positive(comparative: re.Match[str]) -> str:
    """ "sad" of "sadder", "funny" of "funniest"."""
    stem, y = comparative[1], comparative[2]
    return stem + "y" if y else re.sub(r"([dg])\1$", r"\1", stem)


def kindred(avoid: str) -> str:
    """What is not wanted, and what else nobody wants who does not want that."""
    more = [word for words, kin in KINDRED if words.search(avoid) for word in kin]
    return ", ".join(dict.fromkeys([avoid, *more]))


def spoken(wish: str) -> str:
    """A wish without the words that stand for an order, or for films that few or many have seen,
    and without the "set" of "set in Paris", which is no film set."""
    parts = (_SET.sub("", part) for part in of_any_fame(wish).split(", ") if part not in ORDERS)
    return ", ".join(parts)


def joined(wish: str, more: str) -> str:
    """Two wishes as one, the first one first, at most LONGEST characters of them."""
    parts = [part for said in (wish, more) for part in said.split(", ")]
    return ", ".join(dict.fromkeys(filter(None, parts)))[:LONGEST]


def without(wish: str, other: str) -> str:
    """`wish` without the telling words of `other`."""
    gone = {word for word in normal(other) if word not in COMMON and word not in _CHATTER}
    parts = []
    for part in wish.split(", "):
        kept = [word for word in part.split() if not gone & {*normal(word)}]
        parts.append(" ".join(kept) if _says_something(" ".join(kept)) else "")
    return ", ".join(filter(None, parts))


def adds(text: str) -> bool:
    """Whether a message carries on the wish before it: "with robots in it", "a funny one"."""
    carries_on = (
        _ADDS.match(text)
        or _OF_IT.match(text)
        or _ONE.fullmatch(text)
        or _SAME_TOPIC.search(text)
        or _PERMITTED.search(text)
        or (len(normal(text)) <= _FEW and NATIONS & {*normal(text)})
    )
    return bool(carries_on)


def not_them(text: str) -> bool:
    """Whether whoever was asked for is wanted no more: "not him then"."""
    return _NOT_THEM.search(text) is not None


def together(text: str) -> bool:
    """Whether everybody named is wanted in one film: "both Pacino and De Niro", "Pesci as well"."""
    return _TOGETHER.search(text) is not None or _BOTH_PEOPLE.search(text) is not None


def also(text: str) -> bool:
    """Whether what is asked for is wanted beside what was: "one with action too"."""
    return _ALSO.search(text) is not None


def like_them(text: str) -> bool:
    """Whether somebody like whoever was asked for is wanted: "someone like him"."""
    return _LIKE_THEM.search(text) is not None


def same_people(text: str) -> Literal["directors", "cast"] | None:
    """Which people of the film last talked about are wanted again."""
    if _SAME_DIRECTOR.search(text):
        return "directors"
    return "cast" if _SAME_CAST.search(text) else None


def instead(text: str) -> bool:
    """Whether a message puts its wish in the place of the one before."""
    return _INSTEAD.search(text) is not None


def _says_something(text: str) -> bool:
    return any(
        len(word) > 2 and word not in COMMON and word not in _CHATTER for word in normal(text)
    )


def _after_request(text: str) -> str:
    match = re.search(
        r"\b(?:something|anything|smth|somthing|want|need|mood for)\b(.*)", text, re.I
    )
    return match[1] if match else ""


def trim(text: str) -> str:
    """Without the small talk at either end."""
    words = text.split()
    while words and _idle(words[0]) and not (words[0].lower() in _COMPOUND and len(words) > 1):
        words.pop(0)
    while words and _idle(words[-1]) and words[-2:] not in _WORLD_WARS:
        words.pop()
    return " ".join(words)


def _idle(word: str) -> bool:
    return all(part in COMMON or part in _CHATTER or part.isdigit() for part in normal(word))
