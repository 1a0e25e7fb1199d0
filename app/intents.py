"""What a message is for: the acts it is made of, and the one that counts.

The corpus draws the lines, and they follow the state of the talk: a *critique* turns down what was
shown or asks for it otherwise; a *recommend* asks anew, often once the shown film is taken; *more*
goes on in the same vein; *feedback* tells of taste and asks for nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from app.asking import asked_at_once, asks_about, questions
from app.sayings import RUDE
from app.words import ADJECTIVES, AND_THE_MOST, OF_THEM, any_of

Intent = Literal[
    "recommend", "critique", "more", "ask_about", "compare", "feedback",
    "chitchat", "off_topic", "reset", "help", "empty",
]  # fmt: skip

_MANY_WORDS = 5
_GREETING_WORDS = 2


_A_FILM = any_of(r"\b(?:one|film|movie|moive)\b")
_FILMS = any_of(r"\b(?:films?|movies?|flicks?|cinema)\b")


_HELP = any_of(
    r"^\W*(?:(?:hi+|hey|hello|ok(?:ay)?|so|hm+|wait|(?:it['’]?s |this is )?my first time(?: here)?|"
    r"(?:i['’]?m |i am )?new (?:here|to this))\W+)*"
    r"(?:help|do (?:you|u) (?:watch|like|enjoy|see) (?:films|movies)|(?:tell (?:me|us) (?:(?:a "
    r"(?:bit|little)|something|more) )?about (?:yourself|you|u)|"
    r"introduce yourself)|what (?:can|do) (?:you|u) do|how (?:does this|do you) work|"
    r"how (?:do|does|did|can) (?:you|u|it|this) (?:decide|choose|pick|know|recommend|find)\b"
    r"[^.!?]*|what is this|what do you mean|wh(?:o|at) are you|"
    r"are you (?:an? )?(?:human|real|person|robot|bot|ai|machine|chatgpt|program|computer)"
    r"(?: (?:person|being))?)\W*$",
)
_THANKS = any_of(
    r"^\W*(?:(?:ok(?:ay)?|great|cool|nice|good|lovely|perfect|many|so much|a lot|very much|"
    r"my dear|dear|mate|man|dude|bro|buddy|friend|my friend|love|darling|pal|so|"
    r"for (?:the|your|all (?:the|your)) \w+|that (?:was|['’]?s) (?:very |so |really )?(?:helpful|"
    r"useful|great|kind)|for that|fine|alright|works(?: for me)?|for the help|bye|goodbye|good "
    r"night|have a good one|cheers|thanks?(?: you| u)?|thx|ty|tysm|ta|goodnight|"
    r"(?:much )?obliged|i? ?(?:really )?appreciate (?:it|that)|"
    r"stop|enough|that['’]?s (?:all|it|enough)(?: for (?:now|today))?|"
    r"you(?:['’]ve| have) been (?:so |very )?(?:helpful|great|kind)|you rock|a million|see "
    r"(?:you|u|ya))\W*)+$",
    r"^\W*(?:(?:ok(?:ay)?|great|cool|nice|haha|lol|aw+|oh|perfect|yes|yeah)\W+)*"
    r"(?:thanks?(?: you| u)?|thank ?you|thx|ty|tysm|cheers)\b(?! to\b)"
    r"(?!.*\b(?:but|some\w*|any\w*|more|another|others?|one|give|show|with|for|now|next|also|then|"
    r"first|second|third|last|it|watch\w*|need|want|not|no|in|about|like)\b)[^?_]{0,45}$",
    r"^[^.!?_]{0,30}\b(?:bye|goodbye|good night|cya|ttyl)\W*$",
)
_RESET = any_of(
    r"\bstart(?:ing)? (?:over|again|afresh)\b",
    r"\bfrom scratch\b|\bclean slate\b|\bchange of plans?\b|\bnew plan\b|\bflip it\b|\breset\b",
    r"\bchanged? my mind\b|\b(?:never ?mind|nvm)(?!,? (?:back|anyway|i\b))(?=\W*$|\s*[.,!?;:]|"
    r"\s+(?:that|this|all|it|them|those|these|everything)\b)|\b(?:scra(?:p|tch)|drop) (?:that|it "
    r"all|all)\b",
    r"\bforget (?:all|about|that|everything|it|what|the)\b|\bforget \w+ (?:altogether|entirely|"
    r"then)\b|\bon (?:reflection|second thoughts?),? no\b|\bthrow (?:that|it all) out\b",
    r"\b(?:completely|totally|entirely) (?:different|else|new)\b(?! (?!film|movie|one|kind)\w)",
    r"\btake (?:it|that|the whole thing)(?: all)? back\b|\bactuall?y,? (?:wait|no)\b",
)
# Everyday matters that people ask a chat about between two films.
_ELSEWHERE = any_of(
    r"\b(?:unrelated|random q\w*|real talk|quick q\w*|different (?:topic|question)|off topic)\b",
    r"\b(?:weather|forecast|rain(?:ing)? (?:on|tomorrow|today|later)|going to (?:rain|snow))\b",
    r"\b(?:capital of|difference between(?! (?:the (?:first|last|two|other)|the_|them|these|those|"
    r"both|_))|how (?:do|to|u|can) (?:i |you |u )?(?:get|fix|make|cook|"
    r"clean|boil|remove|stop|spell|say|write)|how u get|recipe|reheat|(?<!hard "
    r")(?<!hard-)boil\w*|eggs?\b|defrost)\b",
    r"\b(?:who won|the score|(?:do|does|did) the \w+ (?:play|win)|wh?at time|timetable|"
    r"trains? (?:to|from|are|is)|the trains|bus(?:es)? (?:to|run))\b",
    r"\b(?:your|ur) (?:(?:fav\w*|best) (?!films?\b|movies?\b|ones?\b|comed|drama|thriller|horror|"
    r"musical|western|director|act)\w+|name|age|job|birthday|(?:star ?sign|phone number))\W*$",
    r"\bmy (?:ex|cat|dog|car|boiler|plant|laptop|phone|wifi|landlord|printer|washing|fridge|"
    r"boss)\b",
    r"\b(?:translate|homework|javascript|python code|write (?:me )?(?:an? )?(?:essay|code|email|"
    r"poem))\b|\btell me a (?:joke|story(?! (?:with|about|of))|riddle|secret)\b|\bsing (?:me|for "
    r"me|a song)\b|"
    r"\b\d+ ?%|\b\d+ ?[*x+/] ?\d+\b|\bstock and (?:a )?broth\b",
)
_GREETING = any_of(
    r"^\W*(?:hi+|hii+|hello+|hey+|hiya|helo|heya|yo+|sup|ayy+|good (?:morning|afternoon|evening|"
    r"day)|evening|morning|afternoon)\b"
)
_COMPARATIVE = any_of(
    rf"\b(?:{ADJECTIVES})i?er\b(?! than i)",
    r"\b(?:more|less|mor) (?!than\b|of\b|like\b|in\b|pls\b|please\b|for\b|n\b|when\b|to\b|where\b|"
    r"dat\b|that\b|along\b|about\b|from\b|fun like|around\b|films?\b|movies?\b|over\b|my\b)[a-z]+",
    r"\bwith (?:a bit |a little |some )?more\b|\bnot (?:so|as|quite so|that) \w+",
)
_SEEN = any_of(
    r"\b(?:already|alred[yi]|allready|alredy) (?:seen|saw|watched|know|knew|love)\b",
    r"\b(?:seen|saw|watched|know) (?:it|that|dat|taht|this|them|both|all|those|the \w+ one)\b"
    r"(?! (?:last|on|clip|trailer))",
    r"\b(?:that one|it),? (?:i['’]?ve|i have) seen\b|^\W*(?:\w+ )?seen\b(?! _)|\bknow every line\b|"
    r"\bby heart\b|\bthey did show it\b",
    r"\b(?:luv|love|seen|know) (?:taht|that|it) (?:one )?al\w+y\b|\bi know it\b",
)
_TAKEN = any_of(
    r"\b(?:sold|deal|settled|decided|sorted|convinc(?:ed|ing)|persuaded|say less|run it|noted|save "
    r"(?:it|that|this|those|these|them))\b",
    r"\b(?:going|goin|go|start|starting|stick|sticking) w(?:ith)?\b",
    r"\b(?:i|we)(?:['’]?ll| will| shall)(?: \w+)? (?:take|have|watch|start|try|bring|do|go|keep|"
    r"follow|queue|save|show (?:it|that|them|him|her|us))\b|"
    r"\bshall (?:i )?(?:try|take)\b|\bi accept\b|\bim having\b|"
    r"\bi['’]m having\b",
    r"\b(?:i['’]?m|we['’]?re|we|i am) (?:\w+ )?(?:in|down|sold)\b(?=\W|$)(?! (?:the|a|my|for|"
    r"with))",
    r"\b(?:that|this|thats|that['’]s|this['’]s)(?:['’]?s| is| will be)? (?:the one|tonight|"
    r"tomorrow|friday|saturday|sunday|her night|his night|a plan|it\b(?=[.,!]|$)|4 sat|for "
    r"tonight)",
    r"\b(?:on|going on|to) (?:the|my) (?:list|pile)\b|\b(?:adding|puting|putting|add) it\b",
    r"\b_*(?:it is|it shall be)\b(?=[.,!]| )(?! (?:a|an|the|not|too|so|very)\b)",
    r"\b(?:that|this) (?:appeals|works|reassures)\b|\bthat['’]?ll do\b|\bwe will do\b",
    r"\b(?:good|fine|great|excellent|perfect|solid) (?:call|pick|choice|point|thinking|"
    r"suggestion)\b(?=[.,!]|$)",
)
_PICKED = any_of(
    r"^\W*(?:(?:ok(?:ay)?|yes|great|fine|alright|well)\W+)*(?:the )?"
    r"(?:first|second|third|last|1st|2nd|3rd)(?: one)?,? (?:please|pls|then|it is)\W*$|"
    r"^\W*(?:(?:ok(?:ay)?|yes|yeah|great|fine|oo+h|oh|alright)\W+)*"
    r"the (?:first|second|third|last)(?: one)?\W*$",
    r"^\W*(?:(?:ok(?:ay)?|yes|great|perfect|lovely|nice|cool|good|sold|deal|fine|awesome)\W+"
    r"(?:(?:and|so)\W+)?)?(?:i['’]?ll|we['’]?ll|let['’]?s|lets|i will|(?:go(?:ing)?|gonna go)) "
    r"(?:take|have|watch|try|go (?:with|for)|with|for) the (?:first|second|third|last|1st|2nd|3rd)"
    r"(?: one| film| movie)?(?: then| please| pls| tonight)?\W*$",
    r"^\W*(?:(?:ok(?:ay)?|yes|great|perfect|lovely|nice|cool|good|sold|deal|fine)\W+)*"
    r"(?:(?:i['’]?ll|let['’]?s|we['’]?ll) (?:take|watch|have|go (?:with|for)) )?"
    r"(?:that|this)(?: one)?(?: then| please| pls)?\W*$",
    r"^\W*(?:(?:ok(?:ay)?|yes|great|perfect|lovely|nice|cool|good|sold|deal|fine)\W+)*"
    r"(?:(?:i['’]?ll (?:take|watch|have)|let['’]?s (?:watch|take)) )?(?:number|no\.?|#) ?"
    r"(?:one|two|three|[1-3])(?: then| please| pls)?\W*$",
    r"^\W*(?:(?:ok(?:ay)?|lol|haha|nvm|never ?mind|cool|nice|great|yes|yeah|thx|thanks|"
    r"perfect)\W+)*(?:(?:put(?:ting)?|pop(?:ping)?|stick(?:ing)?) (?:on )?(?:that|it|this|the "
    r"(?:first|second|third|last|middle))(?: one)?(?: on)?|(?:i['’]?ll|we['’]?ll|let['’]?s|i "
    r"will) (?:watch|take|try|see|go (?:with|for)) (?:it|that|this)(?: one)?|(?:number )?[1-3] "
    r"it is|the (?:first|second|third|last|middle)(?: one)? (?:looks?|sounds?|seems?) (?:so |"
    r"really |very |pretty )?(?:good|nice|great|fun|perfect|lovely|cool|interesting|purrfect|"
    r"amazing|best|fine|ok(?:ay)?|alright))(?: then| please| pls| tonight)?\W*$",
    r"^\W*(?:(?:ok(?:ay)?|yes|yeah|no|well|hm+|great|nice)\W+)*(?:(?:maybe|i think|probably) )?"
    r"(?:(?:i['’]?m|we['’]?re|i (?:might|will|could)|we (?:might|will)|i['’]?ll|we['’]?ll|"
    r"let['’]?s) )?(?:(?:putting on|put on|watching|watch|having|have|taking|take|go(?:ing)? "
    r"(?:with|for)|trying|try|picking|pick|choosing) )?(?:(?:the )?(?:first|second|third|last|"
    r"middle|1st|2nd|3rd)(?: one| film| movie)?|the one in the middle|(?:number|no\.?|#) ?(?:one|"
    r"two|three|[1-3]))(?: then| it is| please| "
    r"pls| tonight| (?:sounds?|looks?|seems?) (?:good|great|nice|fun|cool|perfect|lovely))*\W*$",
    r"^\W*(?:perfect|lovely|cool|sold|deal|awesome|brilliant|fine|alright)\W+the "
    r"(?:first|second|third|last|1st|2nd|3rd)(?: one)?\W*$",
)
_DOUBT = any_of(
    r"^\W*(?:hm+|nah+|no\b|meh|oof|tempting|ugh|too \w+|hol up|lowkey sounds|not )",
    r"\b(?:too (?:\w+y|long|dark|slow|sad|old|serious|violent|scary|grim|close|much|bleak|like)|"
    r"(?:is|sounds?|thats|that['’]s|looks?|seems?) (?:a ?bit|a touch|a little|rather|kinda|lowkey|"
    r"abit|chiefly|mostly|bleak|grim|cold|deep|heavy|sad|depressing)|mostly \w+\?|again\?)",
    r"\b(?:instead|insted|rather (?:have|see|watch|not)|plan b|maybe not|may be rough|"
    r"not (?:tonight|tonite|realy|really|feelin|for me|what i|sure|in the mood)|i ment|i meant|"
    r"be low for days|leave (?:the |out)|without (?:the|any)\b|prefer not|had my fill|had enough|"
    r"slight\b|is the (?:occasion))\b",
)
_REACTION = any_of(
    r"\W*(?:(?:ok(?:ay)?|yo+|lol|kk)\W+)?(?:ooh+|oh|aw+|respect|ha(?:ha)*|omg|yes+|yeah|nice|"
    r"lovely|perfect|good\b(?! (?:evening|morning|"
    r"afternoon|day))|love (?:it|that)|tempting|solid|goodness|charming|delightful|marvellous|"
    r"excellent|that|fine|interesting|well|damn|clever|silly)\b",
)
_MORE = any_of(
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
_ANOTHER_TIME = any_of(
    r"\b(?:for|4|on|at|over) (?:the |my |our |her |his |a |me |us |us two|an )?(?:\w+ )?(?:weekend|"
    r"wknd|sunday|saturday|saterday|sat|friday|fri|thursday|monday|tuesday|wednesday|tomorrow|tmrw|"
    r"later|after\w*|next|week|another night|night|couch|road|reserve|evening)\b",
    r"\b(?:for|4|with|w) (?:the |my |our |her |his |a |me alone|the lil )?(?:mum|mom|dad|"
    r"br\w+|sis\w*|wife|kids?|child|niece|neice|nephew|daughter|son|lads|parents|husband|girls|"
    r"adults|homies|little ones|cousins)\b",
    r"\b(?:next week|night off|tomorrow|tmrw|kids sat)\b",
)
_BESIDES = any_of(
    r"\b(?:backup|in reserve|a second (?:film|movie|one)|change of pace|one last thing|"
    r"while i have you|while we|last:|last (?:one|1)|chaser|finish\w* off|also for|one of each)\b",
    r"(?:^|[.!?,;]\s*(?:\w+ ){0,2})(?:and|n|an|now|then|plus|also) (?:also |maybe |for me )?(?:a|"
    r"an|one|1|something|smth|s[ou]m\w+|for|4|if|gimme|give me|throw|drop|what|next|another|my|"
    r"kids)\b",
    r"(?:^|[.!?,;]\s*)(?:but )?also\b|\bas well\b|\btoo\b\W*$",
)
_REQUEST = any_of(
    r"\b(?:suggest\w*|sugest\w*|recom+end\w*|find (?:me|us)|giv?e? (?:me|us|it)|gimme|do me|"
    r"show me|hit me|throw me|drop me|put me on|put on|keep me going|wake me up|surprise me|"
    r"help\b|slow me down)",
    r"\b(?:(?<!i )got|have you|have u|hav u|do you have|do u have|you have|you got|u got|"
    r"watcha got|you['’]ve) (?:\w+ )?(?:any\w*|oth\w+|some\w*|sum\w*|smth|sm\w+|a|an|one|1|othr|"
    r"other|else|got|for)\b",
    r"^\W*(?:good|great|nice) (?:films?|movies?)\b|\btop (?:\d+|three|five|ten)\b|"
    r"\b(?:best|greatest) (?:[\w-]+ ){0,2}(?:films?|movies?|ones?)\b|"
    r"\bworst (?:film|movie)s?\b|"
    r"\bwatcha got\b|\bmore \w+s\b|\bvibes\b|\bi wondered?\b|\bb&w ok\b|\bmovie (?:nite|night)\b|"
    r"\bis there\b(?!.{0,60}\b(?:in it|know)\b)|\b(?:want\w*|wanna|need\w*|looking for|lookin for|"
    r"fancy|obsessed with|crazy about|in the mood|i['’]d (?:like|love|be glad|"
    r"also)|feel like (?:an?|some|crying|laughing|watching|being|seeing)|i would like|i should "
    r"like|i['’]m after|i am after|up for|i prefer|craving|fiendin)\b",
    r"\b(?:something|sumthing|somth?in\w*|somthing|smth|sumthin|smthing|somthng|somethng|"
    r"any(?:thing|thin\w*|ting|thng)|similar|simlar|oposite|opposite|(?<!stuff )like that|like "
    r"those|like it|type movie|stuff pls)\b",
    r"\b(?:what|wat|wats|whats|what['’]s|watcha|wut) (?:should|got|(?:i |we )?would|shud|shoud|to|"
    r"do|would|have|might|could|film|movie|next|els?e?|u got|you|u|we|comes|is there|good|a good|"
    r"the move|like|so what)\b",
    r"\b(?:what next|so what|how about|what about|what bout|pls|plz|please|could (?:you|i|we)|"
    r"can (?:you|u|we)|any (?:ideas?|suggestions?|good(?!\W*$)|film|movie|old|two|other)|"
    r"options?)\b",
    r"\bis there (?:a|an|any|anything|something|one|another|more|such)\b(?!.{0,40}\bin it\b)",
    r"^\W*(?:\w+ )?(?:a|an|another|one|1) (?:[\w-]+ ){0,4}(?:film|movie|one|comedy|drama|thriller|"
    r"western|documentary|cartoon|romance|mystery|horror)\b",
)
_REFINES = any_of(
    r"^\W*(?:(?:and|or|maybe|ok)\W+)?(?:with|(?:directed |made |shot )?by|starring|from|of) "
    r"[^.!?,]{3,30}\?\W*$"
)
_COMPARE = any_of(
    rf"\bthe (?:(?:{ADJECTIVES})i?e(?:st|r)|(?:most|least) [a-z-]+) {OF_THEM}",
    AND_THE_MOST,
    r"\btell (?:me|us) (?:more )?about (?:the )?_+,? (?:and|or) (?:the )?_+\W*$",
    r"\b(?:can['’]?t|cannot|can not) (?:decide|choose) between\b|"
    r"\b(?:pick|choose|decide|choosing|deciding|picking) between (?:the )?_",
    r"^\W*(?:(?:ok(?:ay)?|so|hm+)\W+)*between (?:the )?_+ (?:and|or) (?:the )?_+|"
    r"_+ (?:and|or) (?:the )?_+,? which (?:one )?(?:should|would|do|is)\b",
    r"^\W*(?:(?:and|or|so) )?the (?:most|least) [a-z-]+(?: one)?\W*\?\W*$|"
    r"\bas [a-z]+ as the (?:first|second|third|last)\b",
    r"\bany of (?:these|those|them) (?:is |are )?(?:really |actually |very )?[a-z-]+\W*\?\W*$",
    rf"^\W*(?:(?:and|or|so) )?(?:(?:what|which)(?:['’]?s| is)? )?the "
    rf"(?:b|wor(?=st)|{ADJECTIVES})i?e?st(?: one\W*$|(?: one)?\W*\?\W*$)",
    rf"_ (?:an? )?(?:\w+ )?(?:better|worse|(?:{ADJECTIVES})i?er|(?:more|less) \w+) (?:\w+ )?than "
    r"(?:the )?_",
    rf"^\W*(?:(?:and|but|so|ok|is it|was it)\W+)*(?:\w+ )?(?:better|worse|(?:{ADJECTIVES})i?er|"
    r"(?:more|less) \w+) than (?:the )?_+\W*(?:\?|(?<=_)$)",
    r"\b(?:have|got|has) in common\b|\b(?:in|of|with) both\b\W*$",
    r"\bdifferen(?:ce|t) between\b|\bhow (?:do|are|would) (?:they|these|those|the two|both) "
    r"(?:differ\w*|compare)\b",
    r"\b(?:which|wich) (?:one|1|of)\b(?! (?:(?:is|was|were) (?:why|what)|(?:his|her|their)\b))|"
    r"\bwhichever\b|\btorn between\b|\b(?<!did )(?:u|you) pick\b|\bversus\b|\bvs\b|"
    r"\bcompare\b|\btie ?break\w*|"
    r"\bthe better of\b|\b(?:had|have) to (?:pick|choose)\b|\bpick one (?:of|for|between)\b|"
    r"\bcould only (?:pick|see|watch)\b|(?:^|[,.!?] *(?:\w+ )?)_+ or _+[?,]|\bwhat would you put "
    r"first\b|\bwhich then\b",
    r"(?:^|[.!?;:]\s*|\b(?:so|now|then|ok|hm|oh|well|nice|tell me|them|two)[,. ]+)(?:which|"
    r"wich) (?:is|has|should|would|do|are|goes|hits|first|then|have|will|film|to|won|win)\b[^.!]*"
    r"(?:\?|$)",
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
    if thanks(signs.text) or RUDE.match(signs.text):
        return "chitchat"
    if "greeting" in acts and len(signs.text.split()) <= _GREETING_WORDS and not signs.constrained:
        return "chitchat"
    if "reset" in acts and (signs.cards or signs.named or "request" in acts):
        return "reset"
    if not signs.cards:
        return _opening(signs, acts)
    if picks(signs.text):
        return "feedback"
    if "compare" in acts and signs.shown + signs.named >= 2:
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
    about = "asks" in acts and (signs.named or _A_FILM.search(text))
    if about and not _REQUEST.search(_without(text, questions(text))):
        return "ask_about"
    long = len(text.split()) > _MANY_WORDS and not _FILMS.search(text)
    if nothing and ("greeting" in acts or not signs.wish or long):
        return "chitchat"
    told = not (request or signs.constrained or signs.unknown or "?" in text)
    return "feedback" if signs.named and told else "recommend"


def _without(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """A text without these parts of it, which come in their order."""
    ends = [0, *(end for _, end in spans)]
    starts = [*(start for start, _ in spans), len(text)]
    return " ".join(text[end:start] for end, start in zip(ends, starts, strict=True))


def picks(text: str) -> bool:
    """Whether a message takes one of what was shown and says no more: "the second one please"."""
    return _PICKED.match(text) is not None


def plain(text: str) -> bool:
    """Whether the rules alone tell what a message is for."""
    said = any(words.match(text) for words in (_PICKED, _THANKS, _REFINES, RUDE))
    return said or asked_at_once(text)


def thanks(text: str) -> bool:
    """Whether a message says thanks or goodbye and no more."""
    return _THANKS.match(text) is not None and "?" not in text


def starts_over(text: str) -> bool:
    """Whether what was said before is to count no longer."""
    return _RESET.search(text) is not None


def reacts(text: str) -> bool:
    """Whether a message answers what was shown: takes it ("sold"), or opens with a word on it."""
    return _TAKEN.search(text) is not None or _REACTION.match(text) is not None
