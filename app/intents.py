"""What a message is for: the acts it is made of, and the one that counts.

The corpus draws the lines, and they follow the state of the talk: a *critique* turns down what was
shown or asks for it otherwise; a *recommend* asks anew, often once the shown film is taken; *more*
goes on in the same vein; *feedback* tells of taste and asks for nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from app.idioms import RUDE
from app.words import ADJECTIVES, OF_THEM, normal

Intent = Literal[
    "recommend", "critique", "more", "ask_about", "compare", "feedback",
    "chitchat", "off_topic", "reset", "help", "empty",
]  # fmt: skip

_FEW_WORDS = 7  # a question so short, without a word of wish, is about what was shown
_MANY_WORDS = 5
_SENTENCE = re.compile(r"[^.!?;]+[.!?;]*")


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile(r"(?:" + "|".join(patterns) + r")", re.IGNORECASE)


_A_FILM = _any(r"\b(?:one|film|movie|moive)\b")
_FILMS = _any(r"\b(?:films|movies|flicks|cinema)\b")


_HELP = _any(
    r"^\W*(?:help|what can you do|how (?:does this|do you) work|"
    r"how (?:do|does|did|can) (?:you|u|it|this) (?:decide|choose|pick|know|recommend|find)\b"
    r"[^.!?]*|what is this|wh(?:o|at) are you|"
    r"are you (?:an? )?(?:human|real|person|robot|bot|ai|machine|chatgpt|program|computer)"
    r"(?: (?:person|being))?)\W*$",
)
_THANKS = _any(
    r"^\W*(?:(?:ok(?:ay)?|great|cool|nice|good|lovely|perfect|many|so much|a lot|very much|"
    r"my dear|dear|mate|man|dude|bro|buddy|friend|my friend|love|darling|pal|so|"
    r"for (?:the|your|all (?:the|your)) \w+|"
    r"that (?:was|['’]?s) (?:very |so |really )?(?:helpful|useful|great|kind)|"
    r"for that|"
    r"for the help|bye|goodbye|good night|have a good one|cheers|thanks?(?: you| u)?|thx|ty|tysm|"
    r"see (?:you|u|ya))\W*)+$",
)
_RESET = _any(
    r"\bstart(?:ing)? (?:over|again|afresh)\b",
    r"\bfrom scratch\b|\bclean slate\b|\bchange of plans?\b|\bnew plan\b|\bflip it\b|\breset\b",
    r"\bchanged? my mind\b|\b(?:never ?mind(?!,? (?:back|anyway|i))|nvm)\b|\b(?:scra(?:p|tch)|"
    r"drop) (?:that|it all|all)\b",
    r"\bforget (?:all|about|that|everything|it|what|the)\b|\bforget \w+ (?:altogether|entirely|"
    r"then)\b|\bon (?:reflection|second thoughts?),? no\b|\bthrow (?:that|it all) out\b",
    r"\b(?:completely|totally|entirely) (?:different|else|new)\b(?! (?!film|movie|one|kind)\w)",
    r"\btake (?:it|that|the whole thing)(?: all)? back\b|\bactuall?y,? (?:wait|no)\b",
)
# Everyday matters that people ask a chat about between two films.
_ELSEWHERE = _any(
    r"\b(?:unrelated|random q\w*|real talk|quick q\w*|different (?:topic|question)|off topic)\b",
    r"\b(?:weather|forecast|rain(?:ing)? (?:on|tomorrow|today|later)|going to (?:rain|snow))\b",
    r"\b(?:capital of|difference between(?! (?:the (?:first|last|two|other)|the_|them|these|those|"
    r"both|_))|how (?:do|to|u|can) (?:i |you |u )?(?:get|fix|make|cook|"
    r"clean|boil|remove|stop|spell|say|write)|how u get|recipe|reheat|boil\w*|eggs?\b|defrost)\b",
    r"\b(?:who won|the score|(?:do|does|did) the \w+ (?:play|win)|wh?at time|timetable|"
    r"trains? (?:to|from|are|is)|the trains|bus(?:es)? (?:to|run))\b",
    r"\bmy (?:ex|cat|dog|car|boiler|plant|laptop|phone|wifi|landlord|printer|washing|fridge|"
    r"boss)\b",
    r"\b(?:translate|homework|javascript|python code|write (?:me )?(?:an? )?(?:essay|code|email|"
    r"poem))\b|\b\d+ ?%|\b\d+ ?[*x+/] ?\d+\b|\bstock and (?:a )?broth\b",
)
_GREETING = _any(
    r"^\W*(?:hi+|hii+|hello+|hey+|hiya|helo|heya|yo+|sup|ayy+|good (?:morning|afternoon|evening|"
    r"day)|evening|morning|afternoon)\b"
)
_COMPARATIVE = _any(
    rf"\b(?:{ADJECTIVES})i?er\b(?! than i)",
    r"\b(?:more|less|mor) (?!than\b|of\b|like\b|in\b|pls\b|please\b|for\b|n\b|when\b|to\b|where\b|"
    r"dat\b|that\b|along\b|about\b|from\b|fun like|around\b|films?\b|movies?\b|over\b|my\b)[a-z]+",
    r"\bwith (?:a bit |a little |some )?more\b|\bnot (?:so|as|quite so|that) \w+",
)
_SEEN = _any(
    r"\b(?:already|alred[yi]|allready|alredy) (?:seen|saw|watched|know|knew|love)\b",
    r"\b(?:seen|saw|watched|know) (?:it|that|dat|taht|this|them|both|all|those|the \w+ one)\b"
    r"(?! (?:last|on|clip|trailer))",
    r"\b(?:that one|it),? (?:i['’]?ve|i have) seen\b|^\W*(?:\w+ )?seen\b(?! _)|\bknow every line\b|"
    r"\bby heart\b|\bthey did show it\b",
    r"\b(?:luv|love|seen|know) (?:taht|that|it) (?:one )?al\w+y\b|\bi know it\b",
)
_TAKEN = _any(
    r"\b(?:sold|deal|settled|decided|sorted|convinc\w+|persuaded|say less|run it|noted)\b",
    r"\b(?:going|goin|go|start|starting|stick|sticking) w(?:ith)?\b",
    r"\b(?:i|we)(?:['’]?ll| will| shall)(?: \w+)? (?:take|have|watch|start|try|bring|do|go|keep|"
    r"follow|queue|save)\b|\bshall (?:i )?(?:try|take)\b|\bi accept\b|\bim having\b|"
    r"\bi['’]m having\b",
    r"\b(?:i['’]?m|we['’]?re|we|i am) (?:\w+ )?(?:in|down|sold)\b(?=\W|$)(?! (?:the|a|my|for|"
    r"with))",
    r"\b(?:that|this|thats|that['’]s|this['’]s)(?:['’]?s| is| will be)? (?:the one|tonight|"
    r"tomorrow|friday|"
    r"saturday|sunday|her night|his night|a plan|it\b(?=[.,!]|$)|4 sat|for tonight)",
    r"\b(?:on|going on|to) (?:the|my) (?:list|pile)\b|\b(?:adding|puting|putting|add) it\b",
    r"\b_*(?:it is|it shall be)\b(?=[.,!]| )(?! (?:a|an|the|not|too|so|very)\b)",
    r"\b(?:that|this) (?:appeals|works|reassures)\b|\bthat['’]?ll do\b|\bwe will do\b",
    r"\b(?:good|fine|great|excellent|perfect|solid) (?:call|pick|choice|point|thinking|"
    r"suggestion)\b(?=[.,!]|$)",
)
_PICKED = _any(
    r"^\W*(?:(?:ok(?:ay)?|yes|great)\W+)?(?:the )?(?:first|second|third|last|1st|2nd|3rd)"
    r"(?: one)?,? (?:please|pls|then|it is)\W*$",
    r"^\W*(?:(?:ok(?:ay)?|yes|great|perfect|lovely|nice|cool|good|sold|deal|fine|awesome)\W+"
    r"(?:(?:and|so)\W+)?)?(?:i['’]?ll|we['’]?ll|let['’]?s|lets|i will|(?:go(?:ing)?|gonna go)) "
    r"(?:take|have|watch|try|go (?:with|for)|with|for) the (?:first|second|third|last|1st|2nd|3rd)"
    r"(?: one| film| movie)?(?: then| please| pls| tonight)?\W*$",
    r"^\W*(?:perfect|lovely|cool|sold|deal|awesome|brilliant)\W+the (?:first|second|third|last|1st|"
    r"2nd|3rd)(?: one)?\W*$",
)
_DOUBT = _any(
    r"^\W*(?:hm+|nah+|no\b|meh|oof|tempting|ugh|too \w+|hol up|lowkey sounds|not )",
    r"\b(?:too (?:\w+y|long|dark|slow|sad|old|serious|violent|scary|grim|close|much|bleak|like)|"
    r"(?:is|sounds?|thats|that['’]s|looks?|seems?) (?:a ?bit|a touch|a little|rather|kinda|lowkey|"
    r"abit|chiefly|mostly|bleak|grim|cold|deep|heavy|sad|depressing)|mostly \w+\?|again\?)",
    r"\b(?:instead|insted|rather (?:have|see|watch|not)|plan b|maybe not|may be rough|"
    r"not (?:tonight|tonite|realy|really|feelin|for me|what i|sure|in the mood)|i ment|i meant|"
    r"be low for days|leave (?:the |out)|without (?:the|any)\b|prefer not|had my fill|had enough|"
    r"slight\b|is the (?:occasion))\b",
)
_REACTION = _any(
    r"\W*(?:(?:ok(?:ay)?|yo+|lol|kk)\W+)?(?:ooh+|oh|aw+|respect|ha(?:ha)*|omg|yes+|yeah|nice|"
    r"lovely|perfect|good\b(?! (?:evening|morning|"
    r"afternoon|day))|love (?:it|that)|tempting|solid|goodness|charming|delightful|marvellous|"
    r"excellent|that|fine|interesting|well|damn|clever|silly)\b",
)
_MORE = _any(
    r"^\W*(?:(?:ok|okay|yes|and|aw+|oh|cool|great|good|nice|fire|lovely|perfect|damn)\W+)*"
    r"(?:more|next|another|others?|few more|further|mor)\b\W*(?:plss*|please)?\W*(?:[.!?,]|$)",
    r"(?:[.!?,]\s*)(?:more|next|another|others?)\W*(?:pls|please)?\W*(?:[.!?,]|$)",
    r"\b(?:what|wat|wut|anything|any ?thing|any\w*|something|some\w+|who|owt) el(?:se|s)\b",
    r"\b(?:1|one|a couple|couple|a few|few|some|show me|any|two|a last) mor(?:e)?\b|"
    r"\bany others?\b",
    r"\bshow me another\b|\banoth?a 1\b|\banother 1\b|\bgot oth(?:e)?r\b|\bkeep (?:em|them) comin",
    r"\bmore (?:like (?:that|this|it|dat|those)|along|of (?:dat|that|the same|it)|where that)\b",
    r"\bothers like\b|\banother (?:one )?(?:like|in that)\b|\b(?:a|one) last (?:one|entry)\b",
    r"\b(?:in that (?:spirit|line|vein)|along those lines|same rules)\b|\ba second one\b",
    r"\bcould i have another\b",
)
_ANOTHER_TIME = _any(
    r"\b(?:for|4|on|at|over) (?:the |my |our |her |his |a |me |us |us two|an )?(?:\w+ )?(?:weekend|"
    r"wknd|sunday|saturday|saterday|sat|friday|fri|thursday|monday|tuesday|wednesday|tomorrow|tmrw|"
    r"later|after\w*|next|week|another night|night|couch|road|reserve|evening)\b",
    r"\b(?:for|4|with|w) (?:the |my |our |her |his |a |me alone|the lil )?(?:mum|mom|dad|"
    r"br\w+|sis\w*|wife|kids?|child|niece|neice|nephew|daughter|son|lads|parents|husband|girls|"
    r"adults|homies|little ones|cousins)\b",
    r"\b(?:next week|night off|tomorrow|tmrw|kids sat)\b",
)
_BESIDES = _any(
    r"\b(?:backup|in reserve|a second (?:film|movie|one)|change of pace|one last thing|"
    r"while i have you|"
    r"while we|last:|last (?:one|1)|chaser|finish\w* off|also for|one of each)\b",
    r"(?:^|[.!?,;]\s*(?:\w+ ){0,2})(?:and|n|an|now|then|plus|also) (?:also |maybe |for me )?(?:a|"
    r"an|one|1|"
    r"something|smth|s[ou]m\w+|for|4|if|gimme|give me|throw|drop|what|next|another|my|kids)\b",
    r"(?:^|[.!?,;]\s*)(?:but )?also\b|\bas well\b|\btoo\b\W*$",
)
_REQUEST = _any(
    r"\b(?:suggest\w*|sugest\w*|recom+end\w*|find (?:me|us)|giv?e? (?:me|us|it)|gimme|do me|"
    r"show me|"
    r"hit me|throw me|drop me|put me on|put on|keep me going|wake me up|surprise me|help\b|"
    r"slow me down)",
    r"\b(?:got|have you|have u|hav u|do you have|do u have|you have|you got|u got|watcha got|"
    r"you['’]ve) (?:\w+ )?(?:any\w*|oth\w+|some\w*|sum\w*|smth|sm\w+|a|an|one|1|othr|other|else|"
    r"got|for)\b",
    r"^\W*(?:good|great|nice) (?:films?|movies?)\b|\btop (?:\d+|three|five|ten)\b|"
    r"\b(?:best|greatest) (?:[\w-]+ ){0,2}(?:films?|movies?|ones?)\b|"
    r"\bworst (?:film|movie)s?\b|"
    r"\bwatcha got\b|\bmore \w+s\b|\bvibes\b|\bi wondered?\b|\bb&w ok\b|\bmovie (?:nite|night)\b|"
    r"\bis there\b(?!.{0,60}\b(?:in it|know)\b)|\b(?:want\w*|wanna|need\w*|looking for|lookin for|"
    r"fancy|in the mood|i['’]d (?:like|love|be glad|"
    r"also)|i would like|i should like|i['’]m after|i am after|up for|i prefer|craving|fiendin)\b",
    r"\b(?:something|sumthing|somth?in\w*|somthing|smth|sumthin|smthing|somthng|somethng|"
    r"any(?:thing|"
    r"thin\w*|ting|thng)|similar|simlar|oposite|opposite|like that|like those|like it|type movie|"
    r"stuff pls)\b",
    r"\b(?:what|wat|wats|whats|what['’]s|watcha|wut) (?:should|got|(?:i |we )?would|shud|shoud|to|"
    r"do|would|have|might|"
    r"could|film|movie|next|els?e?|u got|you|u|we|comes|is there|good|a good|the move|like|"
    r"so what)\b",
    r"\b(?:what next|so what|how about|what about|what bout|pls|plz|please|could (?:you|i|we)|"
    r"can (?:you|u|we)|any (?:ideas?|suggestions?|good(?!\W*$)|film|movie|old|two|other)|"
    r"options?)\b",
    r"\bis there (?:a|an|any|anything|something|one|another|more|such)\b(?!.{0,40}\bin it\b)",
    r"^\W*(?:\w+ )?(?:a|an|another|one|1) (?:[\w-]+ ){0,4}(?:film|movie|one|comedy|drama|thriller|"
    r"western|documentary|cartoon|romance|mystery|horror)\b",
)
_AUXILIARY = (
    r"(?:is|isn['’]?t|was|wasn['’]?t|does|doesn['’]?t|did|didn['’]?t|do|are|aren['’]?t|has|have|"
    r"aint|will|would|could|can)"
)
_FOR_ONE = (
    r"(?: (?:\w+ )?(?:anything|something|one|any|another|a|an|more|such|some)\b"
    r"(?!.*\b(?:in it|know|to it|about it)\b))"
)
_ABOUT = _any(
    r"\bwhy (?:that|this|the \w+|it|did you|do you|would)\b",
    rf"\b{_AUXILIARY} (?:it|he|she|they)\b(?! (?:be (?:some|any|a)\w*|have to be|need|help\w*)\b)",
    r"(?:^|[.!?;:,]\s*|\b(?:and|but|so|or|n|ok|wait|tho|though|ask|first|oh|yes)\W+)(?:is|"
    r"isn['’]?t|was|wasn['’]?t|does|doesn['’]?t|did|do|are|has) "
    r"(?:that|this|taht|the|either|any of|these|those|everyone|a newcomer|_+)\b(?! (?:any|some|"
    r"one )\w*)",
    rf"\b{_AUXILIARY} (?:that|this|the \w+|the) one\b(?! (?:more|last))",
    rf"\bis there\b(?!{_FOR_ONE})",
    r"\bwh(?:at|o)(?:['’]?s| is| was| are) (?:_+|the \w+ one) (?:about|like|in)\b|"
    r"\bwho (?:directed|made|plays|stars|wrote|acts|acted|is in|was in|else is in|else plays)\b|"
    r"\bwhat year\b|"
    r"\bwhen (?:was|is|did) (?:it|that|this|_+)|\bwhere (?:is|was) (?:it|that) (?:set|shot|filmed)|"
    r"\b(?:is|was|does|did|are|has) (?:the )?_+",
    r"\bhow (?:long|old|scary|violent|dark|bad|sad|funny|heavy|gory|wild|hard|slow|explicit|bloody|"
    r"much|many)"
    r"(?: \w+)? (?:is|are|was|does)\b|\bit isn['’]?t\b.{0,12}\?|\bit aint\b.{0,25}\b(?:right|\?)",
    r"\bwhat['’]?s? (?:is )?(?:it|that|the \w+ one|this) (?:about|like)\b|\bwhats it\b|"
    r"\bhow['’]?s it\b",
    r"\b(?:hows it end|how does it|who(?:['’]s|s| is) (?:in|she|he|the|it|that)|who we followin\w*|"
    r"what happens|tell me (?:more )?about|tell (?:me|us) more\b(?! \w+s\b)|"
    r"more (?:info\w*|details?)\b|say more\b|should i know|"
    r"be (?:honest|real)|legit\?|any good\?|worth (?:it|watching)|is that true|do you mean i|"
    r"need i\b|do i (?:need|gotta|have)|should i\?|will i (?:follow|like|need)|would i\b|"
    r"(?:could|would|will|can) (?:a|my|the) \w+ (?:\w+ )?(?:it|be|watch|follow|like|mind)\b)"
    r"|so it['’]s\b.{0,25}\?",
    r"^\W*(?:bruh |yo |so )?(?:whats|what['’]s|what is|what was) (?:that|the) (?:one|film|"
    r"movie) (?:w\b|were\b|whr\b|that\b|"
    r"with|where)(?!.*(?:similar|more|like))",
)
_CHANGE = _any(
    r"\b(?:could|can|might|should) (?:it|that|this|they|we|you|one of them) "
    r"(?:please )?(?:be|go|get|make (?:it|that)|find|try) (?:\w+ )?(?:more|less|\w+er)\b",
)
_OF_ALL = _any(
    r"^\W*(?:and |ok |so )?is there (?:one|any\w*|something|an?\b(?! lot))(?!.*\b(?:in|to) it\b)",
    r"\b(?:worst|best|greatest|top) (?:\w+ )?(?:film|movie)s?\b(?! of (?:the (?:two|three)|these))",
)
_REFINES = _any(r"^\W*(?:(?:and|or|maybe|ok)\W+)?(?:with|by|starring) [^.!?,]{3,30}\?\W*$")
_WHAT_OF = _any(
    r"^\W*(?:(?:ok|and|so|but|hm+)\W+)*(?:(?:do|did) (?:you|u) (?:like|know|love|recommend|see)|"
    r"have (?:you|u) seen|(?:what|wat|how) about) (?:the )?__+\W*\?\W*$",
    r"^\W*(?:what (?:genre|kind of (?:film|movie)) is|(?:is|was) (?:the )?__+ (?:ok(?:ay)?|good|"
    r"fine|suitable|too|very|really)\b)",
)
_ELLIPTIC = _any(
    r"^\W*(?:with|without|for|set|from|by)\b",
    r"\b(?:worst|best|greatest|top)\b",
    rf"\b(?:{ADJECTIVES})i?er\b",
    r"\b(?:film|comedy|drama|horror|thriller|movie|tonite|again|some\w*|any(?:thing|\w*ing|one)|"
    r"smth|another|anotha|similar|next|more|less|any|other|others|else|also|and|n|one "
    r"with|one where|instead|same|please|pls|got|for|maybe|perhaps|a|an|what|wat|which|who)\b",
)
_COMPARE = _any(
    rf"\bthe (?:{ADJECTIVES})i?est {OF_THEM}",
    r"\bdifferen(?:ce|t) between\b|\bhow (?:do|are|would) (?:they|these|those|the two|both) "
    r"(?:differ\w*|compare)\b",
    r"\b(?:which|wich) (?:one|1|of)\b(?! (?:is|was|were) (?:why|what))|\bwhichever\b|"
    r"\btorn between\b|"
    r"\b(?<!did )(?:u|you) pick\b|\bversus\b|\bvs\b|\bcompare\b|\btie ?break\w*|"
    r"\bthe better of\b|\b(?:had|"
    r"have) to "
    r"(?:pick|choose)\b|\bpick one (?:of|for|between)\b|\bcould only (?:pick|see|watch)\b|"
    r"(?:^|[,.!?] *(?:\w+ )?)_+ or _+[?,]|\bwhat would you put first\b|\bwhich then\b",
    r"(?:^|[.!?;:]\s*|\b(?:so|now|then|ok|hm|oh|well|nice|tell me|them|two)[,. ]+)(?:which|"
    r"wich) (?:is|has|"
    r"should|would|do|are|goes|hits|first|then|have|will|film|to)\b[^.!]*(?:\?|$)",
)


@dataclass(frozen=True, slots=True)
class Signs:
    """What the other readers found: the text with its titles blanked, and counts of films.

    cards: shown by the last answer; shown: ever; named: by title.
    felt: liked, disliked or seen films were stated; constrained: genres, years or people were;
    seen: a film of the last answer was said to be known.
    """

    text: str
    cards: int
    shown: int
    named: int
    felt: bool
    constrained: bool
    unknown: bool
    wish: str
    seen: bool


_ACTS = {
    "reset": _RESET,
    "elsewhere": _ELSEWHERE,
    "greeting": _GREETING,
    "comparative": _COMPARATIVE,
    "seen": _SEEN,
    "taken": _TAKEN,
    "doubt": _DOUBT,
    "more": _MORE,
    "another time": _ANOTHER_TIME,
    "besides": _BESIDES,
    "request": _REQUEST,
    "compare": _COMPARE,
}


def acts_of(signs: Signs) -> frozenset[str]:
    """Names of what a message does: asks for more, takes what was shown, doubts it, and so on."""
    found = {name for name, pattern in _ACTS.items() if pattern.search(signs.text)}
    return frozenset(found | {"asks"} if asks_about(signs.text) else found)


def rule_for(signs: Signs, acts: frozenset[str]) -> Intent:
    """The intent by rules alone; the first that fits decides."""
    if _HELP.match(signs.text):
        return "help"
    if _THANKS.match(signs.text) or RUDE.match(signs.text):
        return "chitchat"
    if "reset" in acts and (signs.cards or signs.named or "request" in acts):
        return "reset"
    if not signs.cards:
        return _opening(signs, acts)
    if picks(signs.text):
        return "feedback"
    if "compare" in acts and (signs.shown >= 2 or signs.named >= 2):
        return "compare"
    if "elsewhere" in acts and not signs.named and "request" not in acts:
        return "off_topic"
    if "asks" in acts:
        return "ask_about"
    wanted = signs.constrained or acts & {"request", "more", "comparative", "besides"}
    told = "taken" in acts or (signs.felt and "another time" not in acts)
    if told and not wanted and "?" not in signs.text and not signs.seen:
        return "feedback"
    if "taken" in acts:
        return "more" if "more" in acts and "besides" not in acts else "recommend"
    if "seen" in acts or signs.seen or "doubt" in acts:
        return "critique"
    if "more" in acts:
        return "more"
    if "comparative" in acts and not acts >= {"besides", "another time"}:
        return "critique"
    return "recommend"


def _opening(signs: Signs, acts: frozenset[str]) -> Intent:
    """The intent of a message before any film was shown."""
    text = signs.text
    request = bool(acts & {"request", "more"})
    nothing = not (signs.named or signs.constrained or signs.unknown or request)
    if nothing and "elsewhere" in acts and ("?" in text or "greeting" not in acts):
        return "off_topic"
    if signs.named >= 2 and "compare" in acts:
        return "compare"
    if not request and "asks" in acts and (signs.named or _A_FILM.search(text)):
        return "ask_about"
    long = len(text.split()) > _MANY_WORDS and not _FILMS.search(text)
    if nothing and ("greeting" in acts or not signs.wish or long):
        return "chitchat"
    told = not (request or signs.constrained or signs.unknown or "?" in text)
    return "feedback" if signs.named and told else "recommend"


def asks_about(text: str) -> bool:
    """Whether a question is put about a film, and not for one."""
    return bool(questions(text))


def questions(text: str) -> list[tuple[int, int]]:
    """Where the sentences stand that ask something about a film."""
    found = []
    for sentence in _SENTENCE.finditer(text):
        words = sentence.group()
        if _CHANGE.search(words) or _OF_ALL.search(words):
            continue
        brief = words.rstrip().endswith("?") and len(normal(words)) <= _FEW_WORDS
        if _WHAT_OF.match(text) or _ABOUT.search(words) or (brief and not _ELLIPTIC.search(words)):
            found.append(sentence.span())
    return found


def may_ask(text: str) -> bool:
    """Whether a question is put that is more than the wish for another film."""
    return any(
        "?" in sentence.group()
        and not _CHANGE.search(sentence.group())
        and not _OF_ALL.search(sentence.group())
        for sentence in _SENTENCE.finditer(text)
    )


def picks(text: str) -> bool:
    """Whether a message takes one of what was shown and says no more: "the second one please"."""
    return _PICKED.match(text) is not None


def plain(text: str) -> bool:
    """Whether the rules alone tell what a message is for."""
    return any(words.match(text) for words in (_PICKED, _THANKS, _WHAT_OF, _REFINES, RUDE))


def thanks(text: str) -> bool:
    """Whether a message says thanks or goodbye and no more."""
    return _THANKS.match(text) is not None


def reacts(text: str) -> bool:
    """Whether a message answers what was shown: takes it ("sold"), or opens with a word on it."""
    return _TAKEN.search(text) is not None or _REACTION.match(text) is not None
