"""Tokens with their place in the message, and the small word lists that understanding reads."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

# Runs such as "E.T.", "L.A." and "M*A*S*H" are one word; an apostrophe stays inside its word.
_TOKEN = re.compile(r"(?:[^\W\d_][.*]){2,}[^\W\d_]?|[^\W_]+(?:['’`][^\W_]+)*|&|(?<=\s)\+(?=\s)")

_SAME_WORD = {
    "&": "and", "+": "and", "n": "and", "one": "1", "two": "2", "three": "3", "four": "4",
    "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9", "ten": "10", "eleven": "11",
    "twelve": "12", "ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8",
    "se7en": "7", "dr": "doctor", "mr": "mister", "st": "saint", "vs": "versus", "w": "with",
    "blvd": "boulevard",
}  # fmt: skip


_PLURALS = (
    ("lves", "lf"), ("ieves", "ief"), ("ies", "y"), ("ie", "y"), ("sses", "ss"), ("shes", "sh"),
    ("ches", "ch"), ("xes", "x"), ("zes", "z"), ("oes", "o"), ("ss", "ss"), ("us", "us"),
    ("is", "is"), ("s", ""),
)  # fmt: skip
"""Endings of nouns, and what is left of them; a zombie and a movie end in -y, too."""
_MUTE_E = re.compile(r"[cuvz]$|[dlr]g$|^[^aeiouy]*[aeiouy][^aeiouwxy]$")
"""Of what is left of a word when its ending is taken off: an e went with it (Porter 1980)."""


def word_set(text: str) -> frozenset[str]:
    """The words of `text`, parted by white space."""
    return frozenset(text.split())


ARTICLES = word_set("the a an la le les l il el das der die los las un une")

# Words that carry no film of their own: never the whole of a partial or misspelt title.
COMMON = word_set("""
    the a an of and or but not no nor in on at to from by for with without about into over under
    after before as is are was were be been being am do does did done doing have has had having
    i me my mine we us our you your u ur he him his she her hers it its they them their this
    that these those who whom which what when where why how all any both each few more most
    other others some such only own same so than too very can could will would shall should may
    might must just now then there here again once if because while until up down out off like
    love liked loved good great bad best better least well really much many lot lots film films
    movie movies something anything nothing everything someone thing things stuff kind sort type bit
    little big old new way day night time year years week today tonight tomorrow yesterday
    weekend people man men woman women kid kids family friend friends please thanks thank ok
    okay yes yeah no nope hi hello hey want need give get got go going see seen saw watch
    watched watching show find look looking make made think know feel 1 2 3 first second third
    last next one ones never ever always also still even maybe perhaps though else another yet
    im ive id ill youre youve hes shes weve theyre thats whats isnt arent wasnt werent dont
    doesnt didnt cant couldnt wont wouldnt havent hasnt theres lets whos hows wheres
    """)

INTERJECTIONS = word_set("""
    sorry lol lmao haha hehe tbh ngl imo imho frfr pls plz please thx thanks cheers btw ugh yuck
    meh wow duh honestly obviously sadly actually personally seriously anyway anyways
    basically though tho twice thrice again recently lately asap
    """)
"""Thrown in between commas."""

# Small words of the neighbouring languages, none of which is English.
FOREIGN_WORDS = word_set("""
    que una por para pelicula película peliculas películas quiero quisiera con muy algo una los del
    como pero más hola gracias est une des pour avec dans vous je veux voudrais cherche bonjour
    merci quelque chose très und ich ein eine der das nicht mit für wie möchte suche hallo danke
    etwas einen filme che vorrei cerco qualcosa grazie ciao molto uma não filme quero obrigado olá
    een het niet graag zoek ik wil voor
    """)


# The adjectives that a film may be more of, as they stand before "-er" or "-ier".
def any_of(*patterns: str) -> re.Pattern[str]:
    """A pattern that matches where one of these does, in either case."""
    return re.compile(r"(?:" + "|".join(patterns) + r")", re.IGNORECASE)


ADJECTIVES = (
    "funn|light|lit|dark|scar|spook|sill|happ|nois|craz|gritt|cheer|slow|quiet|fast|short|long|"
    "new|old|smart|warm|cheap|weird|wierd|strang|soft|wild|kind|rud|gentl|nast|creep|flash|rowd|"
    "fresh|deep|big|bigg|small|loud|sad|sadd|tens|sweet|sex|bleak|grim|cool|mild|calm|sharp|clever|"
    "tough|cos|coz|eeri|young|blood|heav|earl|simpl|bright|punch|trash|modern|laz|mood"
)

OF_THEM = (
    r"(?:one |film |movie )?(?:of|in) (?:them|these|those|(?:the|that|this) (?:two|three|series|"
    r"franchise|trilogy|saga))\b"
)
"""Behind a superlative that is asked of what was shown."""

AND_THE_MOST = (
    r"^\W*(?:and|or|but)\W+(?:what about |which is |who is )?the "
    rf"(?P<and_the>b|wor(?=st)|{ADJECTIVES})(?P<yand>i)?e?st(?: one)?\W*$"
)
"""Asked of what was shown, after another such question: "and the funniest?"."""

# "like" where it says what something resembles and not what somebody likes.
AS_LIKE = r"(?<!\bi )(?<!\bwe )(?<!\byou )(?<!\bthey )(?<!\bwould )(?<!\breally )\blike"

# Asks of a film who is in it or behind it; the film follows.
WHO_MADE = r"who (?:directed|made|wrote|stars in|starred in|plays in|is in|was in|acts in)"
NOBODY_WANTS = (
    r"(?:nobody|no[- ]?one|none of us)(?: here)? (?:really )?"
    r"(?:wants?|likes?|enjoys?|is into|cares? for)"
)
UNBEARABLE = (
    r"(?:can['’]?t|cannot|can not) (?:really )?(?:stand|bear|abide|stomach|handle)|"
    r"(?:loathes?|despises?|detests?)"
)

DEMONYMS = {
    "UK": "british", "France": "french", "Italy": "italian", "Germany": "german",
    "West Germany": "german", "Australia": "australian", "Ireland": "irish", "Japan": "japanese",
    "China": "chinese", "Spain": "spanish", "Mexico": "mexican", "Poland": "polish",
    "India": "indian", "Sweden": "swedish", "Russia": "russian", "Soviet Union": "russian",
    "Denmark": "danish", "Brazil": "brazilian", "Iran": "iranian", "Canada": "canadian",
}  # fmt: skip
"""What a country's films are called."""
REGIONS = {
    "european": {
        "UK", "France", "Italy", "Germany", "West Germany", "Ireland", "Spain", "Poland", "Sweden",
        "Russia", "Soviet Union", "Denmark", "Belgium", "Netherlands", "Czech Republic",
        "Macedonia", "Romania", "Portugal", "Switzerland", "Yugoslavia", "Finland", "Hungary",
        "Iceland", "Norway", "Austria", "Greece", "Georgia",
    },
    "scandinavian": {"Sweden", "Denmark", "Norway", "Finland", "Iceland"},
    "asian": {
        "Japan", "China", "Hong Kong", "India", "Taiwan", "Vietnam", "Philippines", "South Korea",
        "Iran", "Thailand",
    },
    "african": {
        "South Africa", "Zaire", "Cameroon", "Senegal", "Burkina Faso", "Tunisia", "Egypt",
    },
}  # fmt: skip
"""... and those of several countries."""
COUNTRIES = word_set(
    " ".join([*DEMONYMS, *(c for held in REGIONS.values() for c in held), "Hollywood"]).lower()
)
NATIONS = frozenset(DEMONYMS.values()) | {"english", "american", *REGIONS}

CALENDAR = word_set("""
    monday tuesday wednesday thursday friday saturday sunday january february march april may
    june july august september october november december christmas halloween easter
    """)

# Words a partial title neither begins nor ends with.
FUNCTION = word_set("""
    of and or but not no nor in on at to from by for with without about into over under after
    before as is are was were be been do does did have has had i me my we us our you your he him
    his she her it its they them their this that these those who which what when where why how
    than so too if because while until up down out off like
    """)

# English words that are titles too, and that no synopsis happens to use in lower case.
EVERYDAY = word_set("""
    abyss apostle associate babe babysitter bananas barcelona believers birdcage blink blob
    boomerang boot brazil bulletproof careful carpool charade chasers cliffhanger confidential
    contact contempt crossfire crucible desperado disclosure diva drunks everest fairytale favor
    fearless firestorm flipper fluke gaslight glory grease heavyweights hideaway highlander hoodlum
    houseguest hush infinity innocents juror locusts malice mash mighty mimic mirage net nightwatch
    omen outbreak pallbearer peacemaker persuasion pest phantoms phenomenon powder promise psycho
    ran ref restoration ridicule ripe senseless shining showgirls sirens sleeper sleepover
    goodnight slingshot sliver sneakers spawn specialist speechless spellbound sphere sprung stag
    sting
    heard story stripes stupids supercop suture swingers switchback thinner threesome true
    turbulence
    twilight twisted twister underneath underworld unforgettable unforgiven vertigo wonderland
    """)

LIKE_CUES = word_set("""
    love loved loves luv luvd lovd loving like liked likes liek enjoy enjoyed adore adored
    adores favourite favorite favourites favorites fave faves fav brilliant excellent amazing
    perfect great fantastic wonderful superb masterpiece good goated slaps fire best gem
    beautiful terrific admire admired moved gripped hooked obsessed devoured cried laughed
    charmed fan howl weakness splendid delightful magnificent rewatched rules rocks
    comfort hard-hitting classic glued fond cherish adoring jam joy delight goat peak elite
    certified superb wonderful obsessed unhinged banger bangers mad heavy favs brillaint amasing
    spellbound partial addicted treasure gold stunning sublime hilarious
    """)

DISLIKE_CUES = word_set("""
    hate hated hates hating dislike disliked dull boring bored bore terrible awful rubbish trash
    garbage mid meh worst slog overrated disappointing disappointed disappointment dreadful
    tedious crap sucked sucks cringe pretentious unbearable insufferable
    horrible ugh annoying loathed detest detested tiresome overlong disaster
    yawn yawned drag dragged annoyed annoying unmoved
    ruined joyless horible boreing
    borring booty unable regret tiring
    """)

# Words that only say dislike of a film when said of it: "was silly", not "something silly".
DISLIKE_ADJECTIVES = word_set("""
    flat small stupid silly noise noisy grim brutal goofy cold nonsense dumb dum drab ugly weak
    lame corny cutesy grumpy coarse endless worthy dry pain bad
    """)

# Sad or violent, which a film may well be and be loved for it.
MOVING = word_set("""
    cry cried crying dead death deadly devastated devastating fear fearsome frightening ghastly
    heartbreaking heartbroken horrifying horrific kill killer killing lonely murder murderous sad
    saddest scared scary scream screamed screaming tears terrifying tragic tragedy vicious violent
    violence war wicked
    """)

LIKE_PHRASES = re.compile(
    r"\b(?:go(?:es)? (?:so )?(?:hard|crazy)|hits? (?:so )?(?:hard|different)|never fails?|"
    r"works? (?:every time|on me)|soft spot|(?:up|down) my street|my (?:jam|goat|thing|kind|level)|"
    r"made (?:me|us) (?:laugh|cry|howl|smile)|laugh(?:ed)? (?:out loud|so much|until|till)|"
    r"set the standard|teared up|could watch|again and again|(?:the|my|its the) best|top \d|"
    r"not (?:bad|boring|dull)|can['’]?t get enough|couldn['’]?t get enough|good fun|a blast|"
    r"never (?:boring|dull|tire|get tired)|means? a lot|"
    r"(?:add|put) (?:it|that|that one|this|them|_+) (?:to|on|in|among|with) (?:my |the )?"
    r"(?:likes?|liked|favou?rites?|favs)|did (?:me dirty|it for me)|had me "
    r"(?:gone|howling|cackling|blushin\w*|cryin\w*|in bits))\b",
    re.IGNORECASE,
)

DISLIKE_PHRASES = re.compile(
    r"(?:= ?no\b|: unbearable)|"
    r"\b(?:(?:could|can)(?:no|n)?['’]?t (?:stand|bear|abide|finish|sit through|get (?:in)?to|"
    r"get on with|be doing with)|(?:could|can) not (?:stand|bear|abide|finish)|(?:do|did|does|"
    r"was|were|wasn|is|isn)(?:n['’]?t| not) (?:really |much |even |at all )?(?:like|love|enjoy|"
    r"feelin|care|work|get|for|my|good|great|a fan)|not (?:a fan|for me|my thing|my cup|feelin|"
    r"keen|into|like)|nothing (?:like|\w+ like)|left me cold|put me off|walked out|turned it off|"
    r"fell asleep|switched (?:it )?off|miss me w|never again|waste of|let (?:me|us|him|her) down|"
    r"(?:headache|asleep)|too \w+|put (?:us|me) (?:both )?(?:2|to) sleep|put me (?:right )?off|"
    r"waste|cured me|made to (?:watch|sit)|(?:hardly|could not|not) (?:bear|laughed?)|neither of "
    r"us|did nothing|sat through|sit (?:through|thru)|less so by|on the contrary|opposite|"
    r"oposite|never (?:has|did|worked|liked)|= no|checked out|dragged me|look at my watch|half "
    r"an hour and|get on with|put off|drove (?:me|us) (?:mad|up|crazy)|up the wall|made me "
    r"(?:leave|want to leave|cringe|look)|turned (?:it )?off|gave up|was a no\b|was weak|"
    r"exhausted me|wearying|dreary|snooz\w*|asle?ep|aslep|fell aslep|headache|a slog|unmoved|not "
    r"worth|wasted|less so|which was not\b|never has\b|never took to|could have wept|(?:two|"
    r"three) hours of|nonsense|don['’]?t (?:offer|give|hmu|say)|can['’]?t have that|shouting "
    r"without|was pain|miss me|just annoying|no soul|leaves? (?:you|me) flat|never laughed|"
    r"hardly laughed|regret\w*|(?:was|were|is) mid\b|wack\b|(?:annoy|irritat|bother|disappoint|"
    r"offend|confus|depress)(?:ed|s) (?:me|us|him|her|them)|(?:was|is) (?:more than )?enough\b|"
    r"got on my nerves|lost (?:me|us)\b|not my (?:bag|style)|overrated|repellent|repulsive|"
    r"insufferable|unwatchable|so (?:no|not that)(?=\W|$)|anything but (?:that|it|this)\b)",
    re.IGNORECASE,
)

SEEN_PHRASES = re.compile(
    r"(?<!who's )(?<!whos )(?<!who’s )(?<!who has )(?<!never )(?<!haven't )(?<!havent )"
    r"(?<!haven’t )(?<!have not )(?<!not )(?<!ever )"
    r"\b(?:(?:already|alredy|allready) (?:seen|saw|watched|know|knew)|"
    r"(?:seen|saw|watched|know) (?:it|that|that one|this|them|dem|em|both|all|those|"
    r"the \w+ one|the \w+)\b|"
    r"(?:i['’]?ve|i have|have|(?:we|they)(?:['’]?ve| have)|(?:s?he|everyone|everybody)"
    r"(?:['’]s| has)) (?:already |alredy |just |also |all |both )*(?:seen|watched)|"
    r"(?:saw|watched) (?=__+ (?:already|before|last|recently|yesterday))|"
    r"(?:^|[,;] )(?:alredy |already )?seen\b|(?<!i )(?:saw|watched) (?:it|that)|"
    r"(?:i|errybody|everybody|everyone) seen|(?<=one )i know(?=\W*$)|(?<=two )i know(?=\W*$)|"
    r"(?<=_ )(?:(?:we|i) (?:already )?(?:knows?|saw|watched)|(?:i|we)(?:['’]?ve| have) (?:already "
    r")?seen)(?=\W*$|[,.!;])|(?:they|we|s?he) (?:already )?knows?(?= _)|"
    r"(?:know|knew) (?:it by heart|every line)|did show it|could recite|by heart\b)",
    re.IGNORECASE,
)

# Genre names as people type them -> the name in the catalogue. Moods (scary, funny) stay a wish.
GENRE_WORDS = {
    "sci-fi": "Sci-Fi", "scifi": "Sci-Fi", "sci fi": "Sci-Fi", "science fiction": "Sci-Fi",
    "science-fiction": "Sci-Fi", "horror": "Horror", "horrors": "Horror", "slasher": "Horror",
    "slashers": "Horror", "comedy": "Comedy", "comedies": "Comedy", "comdy": "Comedy",
    "comedys": "Comedy", "romcom": "Comedy+Romance", "rom-com": "Comedy+Romance",
    "rom com": "Comedy+Romance", "romcoms": "Comedy+Romance", "rom-coms": "Comedy+Romance",
    "romantic comedy": "Comedy+Romance", "romantic comedies": "Comedy+Romance",
    "romance": "Romance", "romances": "Romance", "romanse": "Romance",
    "romantic": "Romance", "romantic film": "Romance", "romantic movie": "Romance",
    "love story": "Romance", "love stories": "Romance", "drama": "Drama", "dramas": "Drama",
    "thriller": "Thriller",
    "thrillers": "Thriller", "triller": "Thriller", "action": "Action",
    "acton": "Action", "thriler": "Thriller", "thrilers": "Thriller", "horor": "Horror",
    "adventure": "Adventure", "adventures": "Adventure", "crime": "Crime", "crime story": "Crime",
    "gangster": "Crime",
    "gangsters": "Crime", "mystery": "Mystery", "mysteries": "Mystery", "mistery": "Mystery",
    "whodunit": "Mystery", "whodunnit": "Mystery", "musical": "Musical", "musicals": "Musical",
    "western": "Western", "westerns": "Western", "war": "War", "war film": "War",
    "animation": "Animation", "animated": "Animation", "cartoon": "Animation",
    "cartoons": "Animation", "anime": "Animation", "documentary": "Documentary",
    "documentaries": "Documentary", "docu": "Documentary", "doc": "Documentary",
    "fantasy": "Fantasy", "film noir": "Film-Noir", "film-noir": "Film-Noir", "noir": "Film-Noir",
    "noirs": "Film-Noir", "children's": "Children's", "childrens": "Children's",
    "children’s": "Children's", "kids film": "Children's", "kids movie": "Children's",
    "kids' film": "Children's", "children's film": "Children's", "kids films": "Children's",
    "kids movies": "Children's", "children's films": "Children's", "kids' films": "Children's",
    "kids' movies": "Children's", "children's movies": "Children's",
    "toddler": "Children's", "toddlers": "Children's", "preschooler": "Children's",
    "preschoolers": "Children's", "toddler's": "Children's", "toddler’s": "Children's",
}  # fmt: skip


POSSESSIVE = re.compile(r"['’]s\b")


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a message: `text[start:end]`, and `norm`, what it is compared by."""

    norm: str
    start: int
    end: int
    capital: bool
    possessive: bool


def fold(text: str) -> str:
    """Lower case without accents: "Cité" -> "cite"."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def tokens(text: str) -> list[Token]:
    """The words of `text` in order, in the spelling that titles are compared in."""
    found = []
    for match in _TOKEN.finditer(text):
        raw = match.group()
        bare = re.sub(r"[.*'’`]", "", fold(raw))
        found.append(
            Token(
                norm=_SAME_WORD.get(bare, bare),
                start=match.start(),
                end=match.end(),
                capital=raw[0].isupper() or raw[0].isdigit() or "." in raw[1:-1],
                possessive=fold(raw).endswith(("'s", "’s")),
            )
        )
    return found


def stem(word: str) -> str:
    """A normal word without the commonest endings: "banks" and "banking" -> "bank", "spies" ->
    "spy", "snakes" -> "snake", "racing" -> "race".

    (Porter's stemmer would do, but that animals and animation are one word to it.)
    """
    if len(word) > 3:
        for plural, single in _PLURALS:
            if word.endswith(plural):
                word = word.removesuffix(plural) + single
                break
    for ending in ("ing", "ed", "er"):
        root = word.removesuffix(ending)
        if 2 < len(root) < len(word):
            if root[-1] == root[-2] and root[-1] not in "lsz":
                return root[:-1]  # "robbing"
            # "Racing", but a dancer is more than a dance.
            return root + "e" if ending != "er" and _MUTE_E.search(root) else root
    return word


def listed(words: Sequence[str], last: str = "and") -> str:
    """ "A", "A and B", "A, B and C"."""
    return f" {last} ".join(filter(None, [", ".join(words[:-1]), words[-1]])) if words else ""


def mask(text: str, spans: Sequence[tuple[int, int]], by: str = "_") -> str:
    """`text` with the spans blanked out; every place stays where it was."""
    for start, end in spans:
        text = text[:start] + by * (end - start) + text[end:]
    return text


def normal(text: str) -> tuple[str, ...]:
    """`text` as a tuple of normal words: the key under which a title is filed."""
    return tuple(token.norm for token in tokens(text))
