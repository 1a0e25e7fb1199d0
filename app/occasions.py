"""When, with whom and in what frame of mind a film is watched, and what kind it should then be."""

from __future__ import annotations

import re

OCCASIONS = (
    (re.compile(r"\b(?:x-?mas(?:sy|ey|y)?|christmas+(?:sy|ey|y)|festive)\b", re.I), "christmas"),
    (
        re.compile(
            r"\b(?:to )?(?:watch|see) (?:while |when |if )?(?:(?:i['’]?m|we['’]?re|you['’]?re) )?"
            r"(?:high|stoned|baked)\b(?! school)",
            re.I,
        ),
        "trippy, psychedelic, surreal",
    ),
    (
        re.compile(
            r"\b(?:(?:that (?:will|would|can) |to )?(?:keep|get|leave|put|have)s? (?:me|us|you) )?"
            r"(?:on|at) the edge of (?:my|our|your) seats?\b|\bedge[- ]of[- ](?:the|my|your)"
            r"[- ]seat\b",
            re.I,
        ),
        "suspenseful, tense, gripping",
    ),
    (re.compile(r"\b(?:happy|good|joyful) tears\b", re.I), "moving, uplifting, heartwarming"),
    (
        re.compile(
            r"\b(?:(?:i['’]?ve |i |we )?(?:had|have had)|after|it(?:['’]s| has| was)(?: been)?)"
            r" (?:a|such a|my) (?:very |really )?(?:long|hard|rough|bad|tough|busy|stressful|"
            r"terrible|awful) (?:\w+ )?(?:day|week|month|year|shift)\b",
            re.I,
        ),
        ", relaxing, light, gentle, ",
    ),
    (
        re.compile(r"\b(?:something|anything|sth|smth) (?:easy|undemanding)(?:-going)?\b", re.I),
        "easygoing, light",
    ),
    (
        re.compile(
            r"\b(?:a )?(?:rainy|grey|gray|wet|snowy|lazy|cold|cosy|cozy|quiet|winter) "
            r"(?:(?:winter|autumn|december|january) )?(?:\w+day|day|afternoon|evening|night|"
            r"morning|weekend)\b|\bsnowed in\b",
            re.I,
        ),
        "cozy, gentle, warm",
    ),
    (
        re.compile(
            r"\b(?:a )?(?:date night|date nite|first date|anniversary|valentine\w*)\b"
            r"(?: with my \w+)?",
            re.I,
        ),
        "romantic",
    ),
    (re.compile(r"\bcosy\b", re.I), "cozy, gentle, warm"),
    (
        re.compile(
            r"\b(?:make (?:me|us|her|him|them) laugh|(?:need|want|fancy|for) "
            r"(?:a |some |to )?(?:good |big )?laughs?|laugh out loud|laugh my \w+ off|"
            r"(?:i|we) can laugh (?:about|at))\b",
            re.I,
        ),
        "funny, hilarious",
    ),
    (re.compile(r"\b(?:be scared|scare me|give me (?:the )?chills)\b", re.I), "scary, terrifying"),
    (
        re.compile(
            r"\bblow(?:s|ing)? (?:my|our|your|his|her) minds?\b|\bmind[- ]?(?:blow\w+|bend\w+|"
            r"fuck\w*)\b|\bmess(?:es)? with (?:my|your) (?:head|mind)\b",
            re.I,
        ),
        "mind-bending, surreal, thought-provoking",
    ),
    (
        re.compile(
            r"\bso bad (?:that )?(?:it|they)(?:['’]?s|['’]?re| is| are)? (?:good|hurts?|funny)\b|"
            r"\bguilty pleasures?\b",
            re.I,
        ),
        "campy, cheesy",
    ),
    (
        re.compile(
            r"\b(?:(?:where|in which) )?(?:nobody|no ?one|no body) (?:dies|gets killed)\b", re.I
        ),
        "feel-good, gentle, wholesome",
    ),
    (
        re.compile(
            r"\b(?:do not|don['’]?t|without having to|no need to) (?:want to )?(?:have to )?think\b"
            r"(?! (?:so|that|it|this|i|you|we|of|about|he|she|they)\b)|"
            r"\b(?:brain|mind) off\b|\bmindless\b|\bbrainless\b|"
            r"\b(?:with )?no brains? (?:needed|required)\b",
            re.I,
        ),
        "light, easygoing, fun",
    ),
    (
        re.compile(r"\b(?:makes?|made|making) (?:you|me|us|one|people) think\b", re.I),
        "thought-provoking, thoughtful",
    ),
    (re.compile(r"\bmake it count\b|\bmake it a good one\b", re.I), " "),
    (
        re.compile(
            r"\bchill(?:ed|ax)?\b(?! (?:down|up|to the) )|\blaid[- ]?back\b|\bmellow\b", re.I
        ),
        "easygoing, gentle, light",
    ),
    (
        re.compile(r"\b(?:(?:good |some |a (?:bit|touch|lot) of )?humou?r|humou?rous)\b", re.I),
        "funny, witty",
    ),
    (
        re.compile(r"\bfall asleep\b(?: to\b)?(?! (?:in|during|at|when|every|watching)\b)", re.I),
        "gentle, calm, quiet",
    ),
    (
        re.compile(
            r"\b(?:(?:films?|movies?|something|one) )?(?:(?:for|on|at) (?:an? |the |our |my "
            r")?)?halloween\b"
            r"(?: \w*(?:night|party|sleepover))?",
            re.I,
        ),
        "spooky",
    ),
    (
        re.compile(
            r"\b(?:the )?whole family\b|\bfamily (?:night|evening|film|movie)s?\b|"
            r"\b(?:for|with) (?:the|all the) family\b",
            re.I,
        ),
        "wholesome fun for children",
    ),
    (
        re.compile(r"\b(?:laugh and (?:to )?cry|cry and (?:to )?laugh)\b", re.I),
        "bittersweet, funny and moving",
    ),
    (
        re.compile(
            r"\b(?:want|need|like|love|ready|mood|makes? (?:me|you|us)|give me|have|something)"
            r"\b.{0,12}\b(?:cry|weep|sob)\b(?: my eyes out)?|\bfeel like (?:a good "
            r")?cry(?:ing)?(?: my eyes out)?\b|\b(?:tear-?jerkers?|weepies?)\b",
            re.I,
        ),
        "tearjerker, sad, poignant, heartbreaking",
    ),
    (
        re.compile(
            r"\b(?:lighter|(?:less|not (?:so|too|as)) (?:serious|heavy|grim|bleak|dark|depressing)|"
            r"cheerier|happier(?: end(?:ing)?)?|cheer (?:me|us) up|"
            r"more (?:light-?hearted|cheerful|upbeat))\b",
            re.I,
        ),
        "light, playful, cheerful",
    ),
    (
        re.compile(
            r"\b(?:that )?(?:feels? )?like a (?:big |warm )?hug\b|"
            r"\bcomfort(?:ing)?(?: (?:film|movie|watch|viewing))?\b|\bsoothing\b|\bfeel better\b|"
            r"\bfeel[- ]good\b",
            re.I,
        ),
        "heartwarming, warm, gentle, feel-good",
    ),
)
"""They say what kind a film should be, not what it is about; the words on the right are the
catalogue's own."""
