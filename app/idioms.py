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
_CHRISTMAS = r"\b(?:x-?mas(?:sy|ey|y)?|christmas+(?:sy|ey|y)|festive)\b"
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
    (re.compile(r"\babout (?:\w+ )?women\b", re.I), "female lead, female friendship"),
    (re.compile(r"\bwhich ((?:\w+ ){1,2})(?:films?|movies?) (?:is|are) the\b", re.I), r"\1 "),
    (re.compile(_CHRISTMAS, re.I), "christmas"),
    (
        re.compile(r"\b((?:set|takes? place|happens?) (?:back )?in the )['’]?([2-9]0)s\b", re.I),
        r"\1 19\2s",
    ),
    (
        re.compile(r"\b(?:set|takes? place|happens?) before (?:18|19)\d\d\b", re.I),
        "period drama, costume drama, historical drama",
    ),
    (
        re.compile(
            r"\b(?:to )?(?:watch|see) (?:while |when |if )?(?:(?:i['’]?m|we['’]?re|you['’]?re) )?"
            r"(?:high|stoned|baked)\b(?! school)",
            re.I,
        ),
        "trippy, psychedelic, surreal",
    ),
    (
        re.compile(r"\bart[- ]?(?:house|films?|movies?|cinema)\b(?: (?:films?|movies?))?", re.I),
        "art house",
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
            r"sister|"
            r"brother)s?"
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
            r"\b(?:(?:i['’]?ve |i |we )?(?:had|have had)|after|it(?:['’]s| has| was)(?: been)?)"
            r" (?:a|such a|my) (?:very |really )?(?:long|hard|rough|bad|tough|busy|stressful|"
            r"terrible|awful) (?:\w+ )?(?:day|week|month|year|shift)\b",
            re.I,
        ),
        ", relaxing, light, gentle, ",
    ),
    (
        re.compile(
            r"\b[3-5](?:[.,]\d)?\+?[ -]?stars?\b(?: (?:or|and) (?:better|more|above|higher|up))?",
            re.I,
        ),
        " ",
    ),
    (
        re.compile(r"\b(?:something|anything|sth|smth) (?:easy|undemanding)(?:-going)?\b", re.I),
        "easygoing, light",
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
            r"\b(?:a )?(?:rainy|grey|gray|wet|snowy|lazy|cold|cosy|cozy|quiet|winter) "
            r"(?:(?:winter|autumn|december|january) )?(?:\w+day|day|afternoon|evening|night|"
            r"morning|weekend)\b|\bsnowed in\b",
            re.I,
        ),
        "cosy",
    ),
    (
        re.compile(
            r"\b(?:a )?(?:date night|date nite|first date|anniversary|valentine\w*)\b"
            r"(?: with my \w+)?",
            re.I,
        ),
        "romantic",
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
    (
        re.compile(r"\bleast (?:widely )?(?:known|famous|popular|watched|seen)\b", re.I),
        "obscure",
    ),
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
            r"\b(?:brain|mind) off\b|\bmindless\b",
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
        re.compile(
            r"\b(?:set |taking place )?in the (?:distant )?past\b|"
            r"\bperiod (?:pieces?|films?|movies?|dramas?)\b",
            re.I,
        ),
        "period drama, costume drama, historical drama",
    ),
    (re.compile(r"\b(?:experimental|avant[- ]?garde)\b", re.I), "experimental film, avant-garde"),
    (
        re.compile(r"\bfall asleep\b(?: to\b)?(?! (?:in|during|at|when|every|watching)\b)", re.I),
        "gentle, calm, quiet",
    ),
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
"""When, with whom and in what frame of mind a film is watched says what kind it should be, not what
it is about; the words on the right are the catalogue's own."""

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
