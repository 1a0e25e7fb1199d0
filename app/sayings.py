"""What people say to the chat itself: how it is, what it knows, what it is to take back."""

from __future__ import annotations

import re

HOW_ARE_YOU = re.compile(
    r"^\W*(?:(?:hi|hey|hello|ok|good)\W+)*(?:how (?:are|r) (?:you|u)"
    r"(?: (?:doing|today))?|how['’]?s it going|how is it going|"
    r"what['’]?s up|how do you do|you ok)\W*$",
    re.IGNORECASE,
)
SORROW = re.compile(
    r"\b(?:i['’]?m|i am|i feel|feeling|im) (?:so |very |really |a bit |feeling )?"
    r"(?:sad|down|lonely|low|depressed|heartbroken|blue)\b|"
    r"\b(?:died|passed away|broke up|break-?up|dumped me|"
    r"(?:rough|bad|awful|terrible|hard|long) (?:day|week|night))\b",
    re.IGNORECASE,
)
"""Somebody is not well, which is answered before anything else."""
RUDE = re.compile(
    r"^\W*(?:i )?(?:do not|don['’]?t|dont) (?:trust|believe) (?:you|u|that|this)\W*$|^\W*prove "
    r"it\W*$|^\W*(?:wtf|wth|what the (?:hell|heck|fuck))\b[^.!?]{0,20}$|^[^.!?]{0,20}\b(?:is not|"
    r"isn['’]?t|not) what i (?:asked|wanted|said|meant)(?: for)?\W*$|^\W*(?:i )?(?:hate|dislike|"
    r"don['’]?t like) (?:everything|all|whatever|anything|what) (?:that )?(?:you|u) (?:suggest|"
    r"recommend|show|say|offer|find)\w*\b|^\W*(?:(?:lol|haha|omg|wow|ugh|bruh)\W+)*(?:you|u|ur|"
    r"you['’]?re|your|this (?:app|bot|thing))(?: (?:are|r|is))?(?: (?:so|really|pretty|just|a))* "
    r"(?:dumb|stupid|useless|bad at this|trash|rubbish|terrible|awful|suck|sucks|an idiot|idiot|"
    r"joke|wrong|crap|garbage)\b|^.{0,30}\b(?:your|these|those) (?:suggestions?|recommendations?|"
    r"recs|picks|choices|answers?) (?:are|is|all)? ?(?:so |really |pretty |just |all )*(?:bad|"
    r"terrible|awful|useless|trash|rubbish|garbage|crap|boring|stupid|suck|wrong)\b|^\W*(?:you|u) "
    r"(?:(?:already|just|keep|always) )+(?:said|saying|told me|tell\w*|repeat\w*)\b|"
    r"^.{0,20}\b(?:give me|want) a "
    r"straight answer\b",
    re.IGNORECASE,
)
"""Says that the answers are no good, and not what would be."""
PROFILE = re.compile(
    r"\bwhat (?:did|have) i (?:tell|told) (?:you|u) (?:that )?(?:i|about)\b|"
    r"\bwhat (?:do|did) (?:you|u) (?:know|remember|think you know|learn\w*) (?:about|of) (?:me|my "
    r"tastes?)\b|\bwhat (?:have|did) i (?:said|say|told|tell|like[ds]?|ask\w*)(?: you)?"
    r"(?: (?:so far|before|already|until now))?\W*$|\b(?:do|can) (?:you|u) remember what i (?:said|"
    r"told|like[ds]?)\b|^\W*(?:what(?:['’]?s| is) )?my (?:profile|tastes?)\W*$",
    re.IGNORECASE,
)
"""Asks what is known of whoever asks."""
REMEMBER = re.compile(
    r"\b(?:can|could|will|do|would) (?:you|u) (?:please )?(?:save|remember|store|memori[sz]e) "
    r"(?:my \w+|this|that|these|all (?:this|that|of this|of that)|it|them)"
    r"(?: (?:for|until|when|next) [^.!?]*| please)?\W*$|"
    r"^\W*(?:please )?(?:save|remember|store) (?:my (?:favou?rites?|likes?|tastes?|choices?|list|"
    r"preferences?)|this (?:chat|conversation)|this|these)\W*$|"
    r"\bwill (?:you|u) still (?:know|remember) (?:me|this|that|it)\b",
    re.IGNORECASE,
)
"""Asks whether what was said is kept."""
ASK_ME = re.compile(
    r"\b(?:ask (?:me|us) (?:some(?:thing)?|a few|a question|(?:\w+ )?questions|what i (?:like|"
    r"want))|"
    r"(?:quiz|interview) (?:me|us))\b",
    re.IGNORECASE,
)
"""Wants to be asked."""
UNDECIDED = re.compile(
    r"^\W*(?:(?:lol|haha|ok(?:ay)?|hm+|well|oh|uh+)\W+)*(?:bet|ok(?:ay)?|kk?|lol|haha|al?right|"
    r"aight|i see|got it|gotcha|fair(?: enough)?|(?:(?:i['’]?ll|let me|i (?:need|have) to|gotta|"
    r"we['’]?ll) )think(?: about (?:it|that|them|those))?(?: first)?|(?:i['’]?m |im )?(?:still "
    r")?(?:not sure|undecided|thinking)(?: yet)?|(?:i )?(?:don['’]?t|do not) know(?: yet)?|dunno|"
    r"idk|maybe|(?:it['’]?s )?(?:hard|tough|difficult) (?:to (?:say|choose|decide|pick)|choice)|"
    r"hm+|decisions(?: decisions)?)\W*(?:lol|haha|yet|tho|though|bro)?\W*$",
    re.IGNORECASE,
)
"""Takes time over what was shown, and asks for nothing."""
UNDO = re.compile(
    r"^\W*(?:(?:no|oops|sorry|wait|actually|please|hm+|ok)\W+)*(?:undo(?: (?:that|it|this|the last "
    r"(?:one|message|step)))?|(?:forget|ignore|scratch|disregard) (?:that last (?:one|message|bit|"
    r"thing)|what i (?:just )?(?:said|wrote|typed)|(?:my|the) last (?:message|one|thing))|"
    r"(?:i )?take (?:that|it) back|go back(?: (?:one|a) step)?|i didn['’]?t mean (?:that|to say "
    r"that))\W*$",
    re.IGNORECASE,
)
"""Takes the last message back."""
FORGET = re.compile(
    r"^\W*(?:(?:no|oops|sorry|wait|actually|please|hm+|ok)\W+)*(?:forget|ignore|scratch|disregard) "
    r"(?:that|it|this)\W*$",
    re.IGNORECASE,
)
"""Takes back what was just said, whatever that was."""
TAKE_BACK = re.compile(
    r"\b(?:forget|ignore|scratch|disregard|take back|never ?mind) (?:that |what |about |it,? )?"
    r"(?:i (?:said|told you|mentioned) )?(?:that )?i (?:ever |really |have |also )*(?:like[ds]?|"
    r"love[ds]?|enjoyed|hate[ds]?|dislike[ds]?|saw|seen|watched|mentioned|said)\b[^_.!?]{0,20}__|"
    r"\b(?:remove|delete|drop|take|strike|erase) (?:the )?__+ (?:off|from|out of) (?:my|the|your) "
    r"(?:\w+ )?(?:(?:dis)?like[sd]?|favou?rites?|favs|list|seen|profile|memory|tastes?)|"
    r"\b(?:forget|ignore) (?:about )?(?:the )?__+\W*$",
    re.IGNORECASE,
)
"""Takes back what was said of a film: "forget that I hated Titanic"."""
CHOOSE = re.compile(
    r"^\W*(?:(?:ok(?:ay)?|so|well|hm+|and|then|please|haha|lol|i can['’]?t (?:decide|choose)|"
    r"i trust (?:you|u)|bro|man|dude)\W+)*(?:(?:just |you )*(?:pick|choose|select|decide on|"
    r"gimme|give me) (?:just )?(?:one|1)(?: of (?:them|these|those))?(?: for (?:me|us))?|you "
    r"(?:pick|choose|decide)(?: (?:one|for (?:me|us)))*|which(?: one| of (?:them|these|those)| "
    r"(?:film|movie))? (?:should|would|shall|do|must) (?:i|we|you) (?:start with|begin with|"
    r"watch|see|choose|pick|go (?:with|for)|recommend|take|suggest|try)(?: first| tonight| then| "
    r"(?:to|for|with) [\w' ]{2,25})?|(?:just )?one of (?:these|those|them)|(?:what|which(?: one)?"
    r"(?: of (?:them|these|those|the (?:two|three)))?) would you (?:pick|choose|take|watch|"
    r"go (?:for|with)|start with))\W*(?:(?:and )?(?:(?:tell|give) me )?(?:why|a reason)|please|"
    r"pls|then|first|bro|man|dude|mate|lol)?\W*$",
    re.IGNORECASE,
)
"""Leaves the choice among the films shown to the chat."""
HOW_MANY = re.compile(
    r"\bhow many (?:[\w'’-]+ ){0,8}?(?:(?:do|have|did) you|are there|there are|you "
    r"(?:have|know))\b(?! (?:seen|watched|liked?|want))|"
    r"(?P<these>\bhow many (?:is|are|would) (?:that|those|they|there|it)(?: be)?(?: in (?:all|"
    r"total))?\W*$)|(?P<all>\bhow (?:big|large) is (?:your|the|this) (?:catalogue?|collection|"
    r"library|"
    r"database)\b)",
    re.IGNORECASE,
)
"""Asks for the number of films, or of those of a kind."""
THEIR_BEST = re.compile(
    r"^\W*(?:(?:and|ok(?:ay)?|so|but|what(?:['’]?s| is| was)|which (?:one )?is)\W+)*"
    r"(?:(?:his|her|their) (?:best|greatest|(?P<worst>worst))(?: (?:ones?|films?|movies?|work))?|"
    r"which (?:one )?of (?:his|hers?|theirs?)(?: films| movies)? (?:is (?:the )?best|"
    r"should (?:i|we) (?:watch|see|start with|begin with|(?P<skip>avoid|skip)))(?: first)?)\W*$",
    re.IGNORECASE,
)
"""Asks for the best film of whoever is talked about."""
WHAT_KINDS = re.compile(
    r"\b(?:what|which) (?:(?:kinds?|sorts?|types?) of (?:films?|movies?|genres?)|(?:film |movie )?"
    r"genres?) (?:(?:do|have) you|are there|is there|there are|you)\b(?: (?:have|got|know|show|"
    r"recommend|here|there))*\W*$",
    re.IGNORECASE,
)
"""Asks what the catalogue has."""
SWAP = re.compile(
    r"\b(?:swap|replace|exchange|trade|switch|change)(?: out)? (?:the |number )?"
    r"(?:first|second|third|last|1st|2nd|3rd|that|this)\b|\b(?:swap|replace|exchange) it\b|"
    r"\b(?:swap|replace|exchange)(?: out)? the [\w-]+(?: one| film| movie)?(?=\W*$|[,.;]| (?:and|"
    r"for|with|please)\b)|\b(?:remove|drop|delete|lose|take out) (?:the |number )?"
    r"(?:first|second|third|last|1st|2nd|3rd)(?: one| film| movie)?(?=\W*$|[,.;]| and\b)",
    re.IGNORECASE,
)
"""Wants another film in the place of one that was shown."""
