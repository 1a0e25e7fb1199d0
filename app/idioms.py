"""What people say, and what it means in a catalogue's words."""

from __future__ import annotations

import re

from app.words import DEMONYMS

TO_BE_SEEN = (
    r"\b(?:(?:(?:everyone|everybody|one|people) (?:should|must|ha(?:s|ve) to|needs? to)|you must) "
    r"(?:see|watch|have seen)\b(?= (?:\w+ )?before|\W*$)(?: before (?:i|you|they|we|one) dies?\b)?|"
    r"before (?:i|you|they|we|one) dies?\b)"
)
BEST_PICTURE = "picture winner"
MEANINGS = (
    *(
        (re.compile(rf"\b(?:from|made in|produced in) (?:the )?{place}\b", re.I), people)
        for place, people in (
            *((country.lower(), people) for country, people in DEMONYMS.items()),
            ("(?:great )?britain", "british"),
            ("england", "british"),
            ("(?:(?:eastern|western|northern|southern) )?europe", "european"),
            ("scandinavia", "scandinavian"),
            ("asia", "asian"),
            ("africa", "african"),
        )
    ),
    (
        re.compile(
            r"\b(?:no|without(?: any)?|zero|hardly any|minimal) dialogue\b|"
            r"\bsilent (?:films?|movies?|era|cinema|pictures?)\b",
            re.I,
        ),
        "silent film",
    ),
    (
        re.compile(
            r"(?:\b((?:some|any)thing|films?|movies?|ones?|flick)\s+|(?<=   )\s*)(?:that|which)"
            r"(?:['’]?s| is| are)\b(?! (?:not|like|similar)\b)",
            re.I,
        ),
        r"\1 ",  # where a genre is blanked before it, too
    ),
    (
        re.compile(
            r"\b(?:(?:based|inspired) (?:on|by) (?:an? )?|(?:from|about) )?(?:real|true|actual) "
            r"(?:events?|stor(?:y|ies))\b|\breal[- ]life stor(?:y|ies)\b",
            re.I,
        ),
        "true story",
    ),
    (
        re.compile(r"\b(?:about (?:\w+ )?|with (?:two|three|four|several) )women\b", re.I),
        "female lead, female friendship",
    ),
    (re.compile(r"\bwhich ((?:\w+ ){1,2})(?:films?|movies?) (?:is|are) the\b", re.I), r"\1 "),
    (
        re.compile(
            r"\b((?:set|takes? place|happens?) (?:back )?(?:in (?:[\w.'’-]+ ){1,3}?)?in the )"
            r"['’]?([2-9]0)s\b",
            re.I,
        ),
        r"\1 19\2s",
    ),
    (
        re.compile(r"\b(?:set|takes? place|happens?) before (?:18|19)\d\d\b", re.I),
        "period drama, costume drama, historical drama",
    ),
    (
        re.compile(r"\bart[- ]?(?:house|films?|movies?|cinema)\b(?: (?:films?|movies?))?", re.I),
        "arthouse, experimental, avant-garde, poetic, meditative",
    ),
    (
        re.compile(
            r"\b(?:too|(?:an? (?:bit|little|tad|touch)|kinda|kind of|rather)(?: too)?) "
            r"(?P<what>[\w-]+) for (?:me|us|my (?:taste|liking|mood))\b",
            re.I,
        ),
        r"too \g<what>",
    ),
    (
        re.compile(
            r"\b(mother|father|brother|sister)(?:s|['’]s)?(?: ?[-/&] ?| n | and | )(daughter|son|"
            r"sister|brother)s?"
            r"(?: (?:relationships?|bonds?|dynamics?|stor(?:y|ies)|dramas?|films?|movies?))?\b",
            re.I,
        ),
        r"\1s and \2s",  # "my daughter" is no wish
    ),
    (
        re.compile(r"\b(?:under|fewer than|less than) \d+ (?:viewers|ratings|people)\b", re.I),
        "lesser-known",
    ),
    (
        re.compile(
            r"\b(?:(?:that |which )?(?:won|has won|awarded|winn(?:er|ing)s?) (?:at|in|of) cannes|"
            r"cannes (?:winn(?:er|ing)|prize)\w*(?: winners?)?|golden palm)\b",
            re.I,
        ),
        "palme d'or winner",
    ),
    (
        re.compile(
            r"\b(?:everyone|everybody)(?: else)?(?: knows| saw|(?: has|['’]s)(?: already)? seen)"
            r"(?: (?:it )?(?:except|but|apart from) (?:me|us))?(?=\W*$|[,.;!?])",
            re.I,
        ),
        "famous",
    ),
    (re.compile(TO_BE_SEEN, re.I), " "),
    (
        re.compile(
            r"\bwhat (?:should|could|can|would|might) an? (?:[\w-]+ ){1,3}?"
            r"(?:watch|see|like|enjoy|love)\b",
            re.I,
        ),
        " ",
    ),
    (
        re.compile(
            r"\b(?:the )?(?:(?:second|2nd) world war|world war (?:2|two|ii)|ww ?(?:2|ii))\b", re.I
        ),
        "world war ii",
    ),
    (
        re.compile(
            r"\b(?:the )?(?:(?:first|1st) world war|world war (?:1|one|i)|ww ?(?:1|i))\b", re.I
        ),
        "world war i",
    ),
    (re.compile(r"\b(?:ai|a\.i\.)(?!\w)", re.I), "artificial intelligence"),
    (re.compile(r"\bgangsters?\b", re.I), "mafia gangsters"),
    (
        re.compile(r"\bfriendships? (?:between|among|of) (?:\w+ )?(?:women|girls|females)\b", re.I),
        "female friendship",
    ),
    (re.compile(r"\b(?:the )?(?:exact |complete |total |very )?op+osite of\b", re.I), " "),
    (
        re.compile(
            r"\bname (?:me )?(?:an?|one|some|any|a few|a couple of|several|two|three|\d) "
            r"(?:films?|movies?)\b",
            re.I,
        ),
        " ",
    ),
    (re.compile(r"\bblack (?:and|&|n) white\b", re.I), "black-and-white"),  # "not black and white"
    (
        re.compile(
            r"\b[3-5](?:[.,]\d)?\+?[ -]?stars?\b(?: (?:or|and) (?:better|more|above|higher|up))?",
            re.I,
        ),
        " ",
    ),
    (
        re.compile(
            r"\b(?:not|non|isn['’]?t|is not|aren['’]?t|outside|nothing)[ -](?:from )?(?:american|"
            r"hollywood|the us|usa)\b|\b(?:except|(?:bored|tired|sick) of) (?:american|"
            r"hollywood)\b",
            re.I,
        ),
        "foreign",
    ),
    (
        re.compile(
            r"\b(?:surprise (?:me|us)|dealer['’]?s choice|you (?:choose|decide|pick)|"
            r"your (?:choice|call|pick)|i['’]?m (?:easy|open)|"
            r"(?:anything|whatever) (?:goes|is fine|you like|works))\b",
            re.I,
        ),
        " ",
    ),
    # A genre beside it is blanked by now: "black comedies".
    (re.compile(r"\b(?:black|dark)(?=\s{5,})", re.I), "darkly funny"),
    (
        re.compile(
            r"\b(?:based|adapted) (?:on|from) (?:an? |the )?(?:\w+ )?(?:books?|novels?)\b", re.I
        ),
        "novel adaptation, literary adaptation",
    ),
    (
        re.compile(
            r"\bunder[- ]?appreciated\b|"
            r"\b(?:less|not (?:so|too|that|very)) (?:well[- ]known|known|famous|popular|mainstream|"
            r"obvious)\b|\b(?:not|nothing|no|none of) (?:the )?(?:obvious|usual)"
            r"(?: ones?| films?| suspects)?\b(?! suspects)",
            re.I,
        ),
        "lesser-known",
    ),
    (re.compile(r"\b(?:more |better |very |really )?(?:well|better)[- ]known\b", re.I), "famous"),
    (re.compile(r"\bone liners\b", re.I), "one-liners"),
    (re.compile(r"\bold fashioned\b", re.I), "old-fashioned"),
    (
        re.compile(
            r"\b(?:older|elderly|old) (?:people|folks?|couples?|persons?|characters?|lovers)\b",
            re.I,
        ),
        "ageing, elderly, widower, retired",
    ),
    (
        re.compile(r"\bleast (?:widely )?(?:known|famous|popular|watched|seen)\b", re.I),
        "obscure",
    ),
    (
        re.compile(
            r"\b(?:set |taking place )?in the (?:distant )?past\b|"
            r"\bperiod (?:pieces?|films?|movies?|dramas?)\b",
            re.I,
        ),
        "period drama, costume drama, historical drama",
    ),
    (re.compile(r"\b(?:experimental|avant[- ]?garde)\b", re.I), "experimental film, avant-garde"),
    (re.compile(r"\bsubtitle[sd]?\b", re.I), "foreign"),
    (
        re.compile(
            r"\b(?:(?:in )?english(?:[- ](?:language|speaking))?(?: (?:film|movie|one)s?)? only|"
            r"(?:only|just|must be|has to be) (?:in )?english(?:[- ](?:language|speaking))?|"
            r"english[- ](?:language|speaking)|in english)\b(?: (?:films?|movies?|ones?))?",
            re.I,
        ),
        "nothing foreign",
    ),
    (
        re.compile(
            r"\b(?:films? |movies? )?(?:that |which )?(?:won|win|has won|have won|got|gets?) "
            r"(?:an? |the |any |some |many )?(?:oscars?|academy awards?)\b(?: for best picture)?|"
            r"\b(?:oscar|academy award|best picture)s?[- ](?:winn\w+|films?|movies?|material)\b|"
            r"\bbest pictures?\b",
            re.I,
        ),
        f"best {BEST_PICTURE}",
    ),
    (
        re.compile(
            r"\b(?:a )?(?:strong )?(?:woman|women|female|girl) "
            r"(?:in the |as (?:the )?|for a |as a )?(?:leads?|heroine|protagonist|hero|"
            r"star(?:ring)?)\b|\bheroines?\b|\b(?:where |with )?(?:the |whose )?(?:lead|hero|star|"
            r"protagonist|main character) (?:is|being) (?:a |an )?(?:\w+ )?(?:wom[ae]n|girl|female|"
            r"lady)\b",
            re.I,
        ),
        "female lead, women leads, strong female lead",
    ),
)
"""What people say, and the catalogue's words for it."""

KINDRED = (
    (
        re.compile(r"\b(?:violent|violence|gory|gore|blood|bloody|bloodshed|brutal)\b", re.I),
        ("violent", "violence", "gory", "gore", "bloody", "brutal", "slasher"),
    ),
    (
        re.compile(r"\b(?:scary|scares?|frightening|terrifying|jump ?scares?)\b", re.I),
        ("scary", "terrifying", "frightening", "nightmarish"),
    ),
    (
        re.compile(r"\b(?:sad|sadness|depressing|bleak|grim|gloomy|tragic)\b", re.I),
        ("sad", "depressing", "bleak", "grim", "tragic", "despairing", "tearful", "heartbreaking"),
    ),
    (re.compile(r"\bslow\b(?! motion)", re.I), ("slow", "contemplative", "unhurried", "leisurely")),
)
"""What else somebody does not want who does not want the one."""

WISHED = (
    (re.compile(r"\bserious\b(?! about)", re.I), "serious, thoughtful, somber"),
    (
        re.compile(r"\bslow(?:[- ](?:paced|burn(?:ers?|ing)?|moving))?\b(?! motion)", re.I),
        "slow-burning, contemplative, unhurried, leisurely",
    ),
)
"""What else the catalogue calls what somebody wants; what else they do not want is `KINDRED`."""
