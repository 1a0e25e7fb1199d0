"""What is said beside a wish: when a film is watched, and of whoever watches."""

from __future__ import annotations

import re

from app.words import NOBODY_WANTS, UNBEARABLE

_KIN = (
    r"(?:wife|husband|partner|daughters?|sons?|niece|nephew|girlfriend|boyfriend|gf|bf|mum|mom|dad|"
    r"mother|father|parents|sister|brother|friends?|mates?|homies|(?:room|flat|house)mates?|in-?laws|colleagues|co-?workers|"
    r"(?:book|film|movie) club|nana?|gran(?:ny|ma|"
    r"dma|dpa|dmother|dfather|dparents|dad)?|aunt(?:ie|y)?|uncle|cousins?)\b"
)
REMARK = re.compile(
    r"^\W*(?:(?:really|seriously|what|no|none|nothing(?: else)?|no more|(?:only|just) (?:one|two|"
    r"three|that|those|these)|(?:is (?:that|it|this)|that['’]?s) (?:all|it))\s*\?+\s*)+(?=\w)",
    re.IGNORECASE,
)
"""An outcry before what a message says: "only one? something by disney then"."""
WHEN = re.compile(
    r"\b(?:(?:on|for|this|next|every|a|by|over) )?(?:mon|tues|wednes|thurs|fri|satur|"
    r"sun)day(?: (?:night|evening|afternoon|morning))?s?\b|\b(?:movie|film|girls['’]?|games?) "
    r"(?:night|nite|evening)\b|\b(?:watch(?:ing)?(?: it)?|for) on an? (?:plane|train|flight|bus)\b|"
    r"(?<!set )\b(?:to watch )?on (?:(?:the|my|our) (?:plane|train|flight|bus)|(?:a|the|my|our) "
    r"(?:couch|sofa))\b|\b(?:a |about |like |too )*(?:\d+|million|thousand|hundred|dozen|many|"
    r"few)s?(?: of)? times\b|\b(?:for|over) (?:the|this|a) weekend\b|\bnight in\b|\bfor (?:a|my|"
    r"our|the) (?:film|movie|book|cinema) (?:club|night|class|course|marathon)\b|\b(?:to watch "
    r")?when (?:you|i|we) (?:have|are|can)\b[^,.;!?]*|\b(?:to watch )?when (?:i['’]?m|you['’]?re|"
    r"we['’]?re) [^,.;!?]*|\b(?:released |from |made )?(?:in )?the year (?:i|we|my \w+) (?:was|"
    r"were) born\b|\bfor class\b|\bwith (?:(?:some |an? (?:mug|cup|glass|bottle|bowl|bucket) of |"
    r"my |a )(?:hot )?(?:chocolate|cocoa|popcorn|pizza|wine|tea|beers?|takeaway|blankets?|nachos)|"
    r"hot chocolate|popcorn)\b|\b(?:i['’]?m |i am )?writing an? (?:paper|essay|thesis|article|"
    r"review)\b|\bfor (?:a|the|our|my \w+['’]s) sleepover\b|\bbefore (?:bed(?:time)?|dinner|work|"
    r"going to bed)\b|\b(?:for|on) (?:his|her|my|our|their|the|a|"
    r"\w+['’]s)\s+(?:[\w'’]+\s+)?(?:birthday|bday|party|flight|(?<!road )trip)\b|\bfor (?:a|the|my|"
    r"our) (?:long )?(?:plane|train|flight|bus|car|road)(?: (?:ride|"
    rf"trip|journey|home))?(?=\W*$)|\b(?:for|with) (?:me and )?my (?:[\w-]+ ){{0,3}}?{_KIN}",
    re.IGNORECASE,
)
ASIDE = re.compile(
    rf"\b{NOBODY_WANTS}(?=\W*[,.;!?]|\W*$)|"
    rf"\b(?:my|our|his|her) {_KIN} (?:is|was|used to be) an? "
    r"(?![^,.;!?]*\b(?:fan|lover|buff|geek|nerd|nut|addict)\b)[^,.;!?]*(?=[,.;!?])|"
    r"(?:(?<=  )(?:and|&|or) (?:adults|grown[- ]?ups|parents)|"  # "for kids and adults"
    r"\b(?:and|&) (?:adults|grown[- ]?ups|parents)(?= alike\b))(?: (?:alike|both))?\b|"
    r"\b(?:(?:i['’]?m|i am|we['’]?re|we are) )?(?:such )?(?:an? )?(?:huge|big|massive|great|"
    r"die-?hard|real|total)\s+(?:_+\s+)?(?:fans?|buffs?|fanatics?)\b(?: (?:of|here)\b)?|"
    r"(?:(?<=  )|\b)(?:fan|buff|fanatic)(?: of)?(?: here)?(?=\W*$|[,.!;]| _)|"  # "a vampire fan"
    r"\b(?:i|we)(?:['’]?ve| have) (?:only|mostly) (?:ever )?(?:seen|watched) [^,.;!?]*|"
    rf"\b(?:my|our|his|her) {_KIN} (?:gets?|has|have) (?:bad )?nightmares\b|"
    r"\balike\W*$|\b(?:i |we )?(?:just )?(?:broke up|got dumped)\b(?: with \w+ \w+)?|"
    rf"\b(?:that |which )?(?:my|our|his|her|their) (?:[\w-]+ ){{0,3}}?{_KIN}(?: and \w+)? "
    r"(?:would|will|could|might|may|can) (?:(?:all|both|also|really) )*(?:enjoy|like|love|"
    r"appreciate|handle|watch|allow|approve of|let me (?:watch|see))\b|\bto impress (?:an?|my|her|"
    r"his) \w+\b|\b(?:i['’]?m|i am) an? (?!(?:[\w-]+ )?(?:fan|lover|buff|geek|nerd|nut|addict|"
    r"sucker)\b)(?:[\w-]+ )?[\w-]+(?=\s*(?:,|\band (?:i|need|want)\b|\bso i\b))|\b(?:i|we) "
    r"(?:really )?(?:don['’]?t|do not) (?:really )?(?:care|mind)(?: (?:about|what|which|"
    r"if)\b[^,.;!?]*)?(?=[,.;!?]|$)|\b(?:i['’]?m|i am|my name['’]?s|my name is|call me) "
    r"(?-i:[A-Z][a-z]+)(?=\s*(?:[,.!;]|$))|\b(?:that |which )?(?:i|we) (?:can|could) (?:discuss|"
    r"talk about|enjoy)(?: with [^,.;!?]*)?|\bwith (?:the|my) (?:boys|girls|lads|guys|gang)\b|"
    r"\bnow that (?:i['’]?m|i am|we['’]?re|we are) [^,.;!?]*|\bstop (?:showing|recommending|"
    r"suggesting|giving)(?: (?:me|us))?\b|\bit['’]?s (?:my|her|his|our|their) (?:\w+['’]s "
    r")?(?:birthday|anniversary|day off)\b|\b(?:for|with) (?:an? |some )?1[3-7][ -]?year[ "
    r"-]?olds?\b|"
    r"\bhard (?:pass|no)\b(?: (?:on|to)(?=\s*(?:[,.!;]|$))|(?! on\b))|"
    r"\bveto(?:e[ds])?\b|\b(?:never ?mind|nvm) (?:the )?(?!i\b|just\b)[\w-]+|\b(?:fell|fall|"
    r"falling) a ?sleep\b[^.!?,]*|\b(?:my|our|the) (?:\w+ )?(?:grand\w+|gran\w*|nan\w*|mum|mom|dad|"
    r"parents|in-?laws|friends?|aunt\w*|uncle|cousins?|kids|sister|brother|family)(?: (?:is|are)|"
    r"['’]s) (?:visiting|coming(?: over)?|here|staying|around|over|(?:already |finally )?(?:in bed|"
    r"asleep|sleeping)|away|out|gone)\b|"
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
