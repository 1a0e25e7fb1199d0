"""Whether a message asks something about a film, rather than for one."""

from __future__ import annotations

import re

from app.words import ADJECTIVES, GENRE_WORDS, NATIONS, WHO_MADE, any_of, normal

_FEW_WORDS = 7  # a question so short, without a word of wish, is about what was shown
_SENTENCE = re.compile(r"[^.!?;]+[.!?;]*")
_AUXILIARY = (
    r"(?:is|isn['’]?t|was|wasn['’]?t|does|doesn['’]?t|did|didn['’]?t|do|are|aren['’]?t|has|have|"
    r"aint|will|would|could|can)"
)
_FOR_ONE = (
    r"(?: (?:\w+ )?(?:anything|something|one|any|anoth\w+|a|an|more|such|some)\b"
    r"(?!.*\b(?:in it|in (?:the )?_+|know|to it|about it)\b))"
)
_ABOUT = any_of(
    r"^\W*(?:(?:but|and|ok|so|please|explain|(?:can|could) you explain|tell me)\W+)*why"
    r"(?: so| though| tho)?\W*$",
    r"\bwhy (?:that|this|the \w+|it|did (?:you|people|everyone|critics|they)|"
    r"do (?:you(?! keep)|people)|"
    r"would)\b",
    rf"\b{_AUXILIARY} (?:it|he|she|they)\b(?! (?:be (?:some|any|a)\w*|have to be|need|help\w*)\b)",
    r"(?:^|[.!?;:,]\s*|\b(?:and|but|so|or|n|ok|wait|tho|though|ask|first|oh|yes)\W+)(?:is|"
    r"isn['’]?t|was|wasn['’]?t|(?<!so )(?:does|did)|doesn['’]?t|do|are|has) "
    r"(?:that|this|taht|the|either|any of|these|those|everyone|a newcomer|_+)\b(?! (?:any|some|"
    r"one )\w*)",
    rf"\b{_AUXILIARY} (?:that|this|the \w+|the) one\b(?! (?:more|last))",
    rf"(?<!what )(?<!else )\bis there\b(?!{_FOR_ONE})",
    r"\bwh(?:at|o)(?:['’]?s| is| was| are) (?:_+|the (?:\w+ one|first|second|third|last)) "
    r"(?:about|like|in|rated)\b|"
    r"\bwho (?:directed|made|plays|played|stars|wrote|acts|acted|is in|was in|else is in|"
    r"else plays)\b|\bwho (?:is|was) the (?:lead|star|villain|hero|bad guy|director|main \w+)\b|"
    r"\b(?:has|have|did) (?:any(?:one|body)|people|others|many)(?: \w+)? (?:rated?|seen?|"
    r"watch(?:ed)?|liked?|voted) (?:for )?(?:it|that|this)\b|\bwhat (?:happens|happened)(?: at the "
    r"end)? (?:in|to|at the end of) (?:it|that|this|_|the (?:first|second|third|last)\b)|\btell "
    r"(?:me|us) (?:if|whether) (?:it['’]?s|it is|it was|"
    r"that['’]?s|this is|_+ is)\b|\b(?:convince|persuade) (?:me|us)\b|\bsell (?:it|me|that)\b|"
    r"\b(?:do|would) (?:you|u) (?:really |actually |personally )?recommend (?:it|that|this)\b|\bby "
    r"how many\b|\brecommend (?:it|that(?: one)?|this(?: one)?)\W*\?|\bwhat year\b|\bwhat(?:['’]?s|"
    r" is| was| are) (?:the )?(?:mood|tone|vibe|genre|year|rating|plot|story|cast|theme|setting)s? "
    r"of\b|\bwhen (?:was|is|did) (?:it|that|this|_+)|\bwhere (?:is|was) (?:it|that) (?:set|shot|"
    r"filmed)|\b(?:is|was|does|did|are|has) "
    r"(?:the )?_+[^.!]*\?",  # and no "my favourite is ____"
    # "How good is Jaws", "is Jaws any good": many leave out the mark.
    r"^\W*(?:(?:ok(?:ay)?|and|so|but|hey|hi|hm+|well|yo|bro|lol|wait)\W+)*(?:how(?:['’]?s| is| "
    r"was| are| were)|is|isn['’]?t|was|does|did|has) (?:the )?__+",
    r"(?:^|[.!?;:,]\s*|\b(?:and|but|so|or|ok|lol|hm+)\W+)(?:is|was|are|were) "
    r"(?!there\b)(?:[\w.'’-]+ ){1,3}in (?:it|that|this|these|those|them|(?:any|one) of (?:these|"
    r"them|those)|the (?:first|second|"
    r"third|last|middle)(?: one)?|"
    r"(?:the )?"
    r"_+)(?=\W|$)",
    r"\bthe (?:first|second|third|middle|last)(?: one)? (?:has|have|is|was|does)\b[^.!]*\?",
    r"\bhow (?:good|long|old|scary|violent|dark|bad|sad|funny|heavy|gory|wild|hard|slow|explicit|"
    r"bloody|much|many)(?: \w+)? (?:is|are|was|does)\b|\bit isn['’]?t\b.{0,12}\?|\bit "
    r"aint\b.{0,25}\b(?:right|\?)",
    r"\bwhat['’]?s? (?:is )?(?:it|that|the \w+ one|this) (?:about|like)\b|\bwhats it\b|"
    r"\bhow['’]?s it\b|\b(?:what|how) about (?:the|its) (?:soundtrack|music|score|acting|effects|"
    r"cast|plot|ending)\b",
    r"\b(?:hows it end|how does it|who(?:['’]s|s| is) (?:in|she|he|the|it|that)|who we followin\w*|"
    r"(?<!about )what happens|tell me (?:more )?about|tell (?:me|us) more\b(?! \w+s\b)|"
    r"more (?:info\w*|details?)\b|say more\b|should i know|i should know|need to know|"
    r"be (?:honest|real)|legit\?|any good\?|worth (?:it|watching)|is that true|do you mean i|"
    r"need i\b|do i (?:need|gotta|have)|should i\?|will i (?:follow|like|need)|would i\b|"
    r"(?:could|would|will|can) (?:a|my|the) \w+ (?:\w+ )?(?:it|be|watch|follow|like|mind)\b)"
    r"|so it['’]s\b.{0,25}\?",
    r"^\W*(?:bruh |yo |so )?(?:whats|what['’]s|what is|what was) (?:that|the) (?:one|film|"
    r"movie) (?:w\b|were\b|whr\b|that\b|with|where)(?!.*(?:similar|more|like))",
)
_CHANGE = any_of(
    r"\b(?:could|can|might|should) (?:it|that|this|they|we|you|one of them) "
    r"(?:please )?(?:be|go|get|make (?:it|that)|find|try) (?:\w+ )?(?:more|less|\w+er)\b",
)
_OF_ALL = any_of(
    r"^\W*(?:and |ok |so )?is there (?:one|any\w*|something|an?\b(?! lot))"
    r"(?!.*\b(?:(?:in|to) it|in (?:the )?_+|(?:should|must|to) know)\b)",
    r"\b(?:worst|best|greatest|top) (?:\w+ )?(?:film|movie)s?\b(?! of (?:the (?:two|three)|these))",
)
_WHAT_OF = any_of(
    r"^\W*(?:(?:ok|and|so|but|please)\W+)*(?:wh(?:at|o)(?:['’]?s| is| was) )?the (?:plot|story|"
    r"cast|director|stars?|summary|synopsis) of (?:it|that|this|the (?:first|second|third|last))"
    r"(?: one| film| movie)?\W*$",
    r"^\W*why (?:do|did|are|would) (?:you|u) (?:keep |always )?(?:recommend|suggest|show)(?:ing)? "
    r"(?:me )?(?:the )?__",
    r"^\W*(?:(?:ok|oh|hm+)\W+)*(?:and|or) (?:the )?__+\W*\?\W*$",
    r"^\W*(?:(?:ok|and|so|but|hm+)\W+)*(?:(?:do|did) (?:you|u) (?:like|know|love|recommend|see)|"
    r"have (?:you|u) seen|(?:what|wat|how) about) (?:the )?__+(?: (?:for|with) (?:him|her|them|us|"
    r"(?:the|my|our) \w+))?\W*\?\W*$",
    r"^\W*(?:(?:ok|and|so|but|hm+)\W+)*(?:(?:do|did) (?:you|u) (?:know|have)|have (?:you|u) "
    r"(?:seen|got)|(?:you|u) got|"
    r"(?:what|wat|how) about) (?:the )?__+\W*$",
    r"^\W*(?:(?:ok|and|so|but|hm+)\W+)*(?:what (?:do|did) (?:you|u|people|others|everyone) "
    r"(?:think|say) (?:about|of)|(?:any )?(?:thoughts|opinions?) (?:on|about|of)|"
    r"(?:what['’]?s )?your (?:opinion|take) (?:on|of)) (?:the )?__",
    r"^\W*(?:(?:ok|and|so|but|hm+)\W+)*(?:would|do|could) (?:you|u) (?:say|think|call|consider) "
    r"(?:the )?__",
    r"^\W*(?:(?:ok|and|so|but|hm+)\W+)*(?:can|could|should|may) (?:i|we|my \w+) (?:watch|see|show) "
    r"(?:\w+ \w+ )?(?:the )?__",
    r"^\W*(?:(?:ok|and|so|but|hm+|please)\W+)*(?:(?:(?:can|could|will) (?:you|u) )?(?:give|tell|"
    r"show) (?:me|us) )?(?:wh(?:at|"
    r"o)(?:['’]?s| is| was| are)? )?(?:the )?"
    r"(?:(?:plot|story|ending|cast|director|stars?|summary|synopsis|meaning) of|rate|review|"
    r"describe|summari[sz]e|explain|spoil) (?:the )?__",
    r"^\W*(?:(?:ok|and|so|but|hm+)\W+)*(?:how(?:['’]?s| is| was)|how (?:good|bad|scary|long) "
    rf"(?:is|was)|{WHO_MADE}) (?:the )?__",
    r"^\W*(?:(?:ok|and|so|but|hm+)\W+)*(?:how (?:does|did) (?:the )?__+ end\b|"
    r"what (?:happens|happened) (?:at the end )?(?:in|of|to) (?:the )?__|"
    r"what(?:['’]?s| is) so \w+ about (?:the )?__)",
    r"^\W*(?:(?:ok|and|so|but|hm+)\W+)*(?:(?:do|would) (?:you|u) think |would |will )(?:i|we|he|"
    r"she|they|my \w+)(?:['’]d|['’]ll| would| will| might)? (?:like|enjoy|love) (?:the )?__",
    r"^\W*(?:what (?:genre|kind of (?:film|movie)) is|(?:is|was) (?:the )?__+ (?:ok(?:ay)?|good|"
    r"fine|suitable|too|very|really)\b)",
)
_ELLIPTIC = any_of(
    r"^\W*(?:with|without|for|set|from|(?:directed |made |shot )?by|of|in)\b",
    r"^\W*or (?!(?:is|was|does|did|do|are|has|why|who|how|what|when|where)\b)",
    r"\b(?:worst|best|greatest|top)\b",
    rf"\b(?:{ADJECTIVES})i?er\b",
    r"\b(?:film|comedy|drama|horror|thriller|movie|tonite|again|some\w*|any(?:thing|\w*ing|one)|"
    r"smth|another|anotha|sim\w*lar|next|more|less|any|other|others|else|also|and|n|one "
    r"with|one where|instead|same|please|pls|got|for|maybe|perhaps|a|an|what|wat|which|who)\b",
)


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
        said = normal(words)
        brief = words.rstrip().endswith("?") and len(said) <= _FEW_WORDS
        # "Animated?", "french?"
        brief = brief and not (len(said) == 1 and (said[0] in GENRE_WORDS or said[0] in NATIONS))
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


def asked_at_once(text: str) -> bool:
    """Whether its very words ask about a film, whatever else they may be: "what of Heat?"."""
    return _WHAT_OF.match(text) is not None
