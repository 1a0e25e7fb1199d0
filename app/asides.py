"""What is said beside a wish: when a film is watched, and of whoever watches."""

from __future__ import annotations

import re

from app.words import UNBEARABLE

_KIN = (
    r"(?:wife|husband|partner|daughters?|sons?|niece|nephew|girlfriend|boyfriend|gf|bf|mum|mom|dad|"
    r"mother|father|parents|sister|"
    r"brother|friends?|mates?|homies|(?:room|flat|house)mates?|in-?laws|colleagues|co-?workers|"
    r"(?:book|film|movie) club|nana?|gran(?:ny|ma|"
    r"dma|dpa|dmother|dfather|dparents|dad)?|aunt(?:ie|y)?|uncle|cousins?)\b"
)
REMARK = re.compile(
    r"^\W*(?:(?:really|seriously|what|no|none|nothing(?: else)?|no more|(?:only|just) (?:one|two|"
    r"three|"
    r"that|those|these)|(?:is (?:that|it|this)|that['’]?s) (?:all|it))\s*\?+\s*)+(?=\w)",
    re.IGNORECASE,
)
"""An outcry before what a message says: "only one? something by disney then"."""
WHEN = re.compile(
    r"\b(?:(?:on|for|this|next|every|a|by|over) )?(?:mon|tues|wednes|thurs|fri|satur|"
    r"sun)day(?: (?:night|evening|afternoon|morning))?s?\b|\b(?:movie|film|girls['’]?|games?) "
    r"(?:night|nite|evening)\b|\b(?:watch(?:ing)?(?: it)?|for) on an? (?:plane|train|flight|bus)\b|"
    r"(?<!set )\b(?:to watch )?on (?:(?:the|my|our) (?:plane|train|flight|bus)|(?:a|the|my|our) "
    r"(?:couch|sofa))\b|\b(?:a |about |like |too )*(?:\d+|million|thousand|hundred|dozen|many|"
    r"few)s?(?: "
    r"of)? times\b|\b(?:for|over) (?:the|this|a) weekend\b|\bnight in\b|"
    r"\bfor (?:a|my|our|the) (?:film|movie|book|cinema) (?:club|night|class|course|marathon)\b|"
    r"\b(?:to watch )?when (?:you|i|we) (?:have|are|can)\b[^,.;!?]*|\b(?:to watch )?when "
    r"(?:i['’]?m|you['’]?re|we['’]?re) [^,.;!?]*|"
    r"\b(?:released |from |made )?(?:in )?the year (?:i|we|my \w+) (?:was|were) born\b|"
    r"\bfor class\b|\bwith (?:(?:some |an? (?:mug|cup|glass|bottle|bowl|bucket) of |my |a )(?:hot "
    r")?"
    r"(?:chocolate|cocoa|popcorn|pizza|wine|tea|beers?|takeaway|blankets?|nachos)|hot chocolate|"
    r"popcorn)\b|"
    r"\b(?:i['’]?m |i am )?writing an? (?:paper|essay|thesis|article|review)\b|"
    r"\bfor (?:a|the|our|my \w+['’]s) sleepover\b|"
    r"\bbefore (?:bed(?:time)?|dinner|work|going to bed)\b|\b(?:for|on) (?:his|her|"
    r"my|our|their|the|a|\w+['’]s)\s+(?:[\w'’]+\s+)?(?:birthday|bday|party|flight|(?<!road "
    r")trip)\b|\bfor (?:a|the|my|our) (?:long )?(?:plane|train|flight|bus|car|road)(?: (?:ride|"
    rf"trip|journey|home))?(?=\W*$)|\b(?:for|with) (?:me and )?my (?:[\w-]+ ){{0,3}}?{_KIN}",
    re.IGNORECASE,
)
ASIDE = re.compile(
    r"\b(?:and|&|or) (?:adults|grown[- ]?ups|parents)(?: (?:alike|too|as well|both))?\b|"
    r"\b(?:(?:i['’]?m|i am|we['’]?re) )?(?:an? |such an? )?(?:(?:huge|big|massive|great|die-?hard|"
    r"real|total)\s+)?(?:_+\s+)?(?:fans?|buffs?|fanatics?)(?: of)?(?: here)?(?=\W*$|[,.!;]| _)|"
    r"\b(?:i|we)(?:['’]?ve| have) (?:only|mostly) (?:ever )?(?:seen|watched) [^,.;!?]*|"
    rf"\b(?:my|our|his|her) {_KIN} (?:gets?|has|have) (?:bad )?nightmares\b|"
    r"\balike\W*$|\b(?:i |we )?(?:just )?(?:broke up|got dumped)\b(?: with \w+ \w+)?|"
    rf"\b(?:that |which )?(?:my|our|his|her|their) (?:[\w-]+ ){{0,3}}?{_KIN}(?: and \w+)? "
    r"(?:would|will|could|might|may|can) (?:(?:all|both|also|really) )*(?:enjoy|like|love|"
    r"appreciate|handle|watch|allow|approve of|let me (?:watch|see))\b|\bto impress (?:an?|my|her|"
    r"his) \w+\b|"
    r"\b(?:i['’]?m|i am) an? (?!(?:[\w-]+ )?(?:fan|lover|buff|geek|nerd|nut|addict|"
    r"sucker)\b)(?:[\w-]+ )?[\w-]+(?=\s*(?:,|\band (?:i|need|want)\b|"
    r"\bso i\b))|"
    r"\b(?:i|we) (?:really )?(?:don['’]?t|do not) (?:really )?(?:care|mind)(?: (?:about|what|which|"
    r"if)\b[^,.;!?]*)?(?=[,.;!?]|$)|"
    r"\b(?:i['’]?m|i am|my name['’]?s|my name is|call me) (?-i:[A-Z][a-z]+)(?=\s*(?:[,.!;]|$))|"
    r"\b(?:that |which )?(?:i|we) (?:can|could) (?:discuss|talk about|enjoy)(?: with [^,.;!?]*)?|"
    r"\bwith (?:the|my) (?:boys|girls|lads|guys|gang)\b|"
    r"\bnow that (?:i['’]?m|i am|we['’]?re|we are) [^,.;!?]*|"
    r"\bstop (?:showing|recommending|suggesting|giving)(?: (?:me|us))?\b|"
    r"\bit['’]?s (?:my|her|his|our|their) (?:\w+['’]s )?(?:birthday|anniversary|day off)\b|"
    r"\b(?:for|with) (?:an? |some )?1[3-7][ -]?year[ -]?olds?\b|"
    r"\b(?:i['’]?m|i am|we['’]?re|we are) (?:an? )?(?:huge|big|massive|great|die-?hard) fans? of\b|"
    r"\bhard (?:pass|no)\b(?: (?:on|to)(?=\s*(?:[,.!;]|$))|(?! on\b))|\bveto(?:e[ds])?\b|"
    r"\b(?:never ?mind|nvm) (?:the )?(?!i\b|"
    r"just\b)[\w-]+|\b(?:fell|fall|falling) a ?sleep\b[^.!?,]*|\b(?:my|our|the) (?:\w+ "
    r")?(?:grand\w+|gran\w*|nan\w*|mum|mom|dad|parents|in-?laws|friends?|aunt\w*|uncle|cousins?|"
    r"kids|sister|brother|family)(?: (?:is|are)|['’]s) (?:visiting|coming(?: over)?|here|staying|"
    r"around|over|(?:already |finally )?(?:in bed|asleep|sleeping)|away|out|gone)\b|"
    rf"\b(?:{UNBEARABLE})(?=\s{{2,}}|\s*(?:[,.!;]|$))|"
    rf"\b(?:i['’]?m|i am|we['’]?re|we are|my {_KIN} (?:is|are)|my {_KIN}['’]s) (?:\w+ "
    rf")?(?:pregnant|ill|sick|hungover|"
    r"single|broke|injured|on crutches|alone|on (?:a )?holiday|on vacation|exhausted|"
    r"knackered|hungry|heartbroken|sad|down|lonely|low|depressed|blue|miserable|homesick|anxious|"
    r"stressed(?: out)?|in a bad mood)\b(?! (?:of|with|for|to)\b)(?: and (?:emotional|tired|"
    r"grumpy|bored|cranky|sad|lonely)\b)?|"
    r"\bit['’]?s (?:\w+ )?(?:raining|snowing|pouring|freezing|miserable|grey|sunny)"
    r"(?: (?:outside|here|today|tonight|again))*(?: and| so)?\b|"
    r"\b(?:\d+|two|three|four|five|six|a few|a couple of) (?:adults|grown-?ups|friends|couples|"
    r"students|guys|girls)\b(?=\W*$|,)|\bno spoilers\b|\bif (?:at all possible|possible|you can)\b|"
    r"\b(?:we['’]?re|we are|there(?:['’]s| is| are|['’]re)) "
    r"(?:\w+ (?:\w+ )?)?(?:friends|mates|colleagues|students|sisters|brothers|siblings|adults|"
    r"grown-?ups|of us|people here)\b(?: (?:here|tonight|watching))?",
    re.IGNORECASE,
)
"""Said of whoever watches, and no wish."""
