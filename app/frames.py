"""The sentences of the chat. `{film}`-like places take films, the others take facts.

Several ways to say a thing are taken in turn, so that the answers of one chat differ.
"""

from __future__ import annotations

from collections.abc import Sequence

from prompts.templates import Segment, Template

LIKED_ONE = (
    "{a}: noted. ",
    "I will go by {a}. ",
    "{a} tells me something. ",
    "Good to know about {a}. ",
)
LIKED_MORE = (
    "{a} and {b} give me a direction. ",
    "Between {a} and {b} there is a taste to follow. ",
    "{a} and {b}: noted, both count from now on. ",
    "I will keep {a} and {b} in mind. ",
)
DISLIKED = (
    "I will keep away from films like {a}. ",
    "{a} was not for you, understood. ",
    "No more in the line of {a}. ",
)
SEEN = ("{a} is off the list. ", "You know {a} already, so on we go. ", "Past {a}, then. ")
SEEN_MORE = ("Those {n} are off the list. ", "You know those {n}, so on we go. ")
UNKNOWABLE = (
    "This catalogue does not say {what}, so I cannot go by that. ",
    "I have no note of {what} here and leave that aside. ",
)
KEEPING = (
    "I kept to {what}.\n\n",
    "So: {what}.\n\n",
    "Only {what}, then.\n\n",
)
FIRST = (
    "I would start with {film}. It {why}.",
    "{film} comes first: it {why}.",
    "Try {film}, which {why}.",
    "Top of my list is {film}. It {why}.",
    "Begin with {film}; it {why}.",
)
NEXT = (
    "{film} {why}.",
    "Then there is {film}, which {why}.",
    "Or {film}: it {why}.",
    "Another way to go is {film}. It {why}.",
    "Do not pass over {film}, which {why}.",
)
LAST = (
    "And {film} {why}.",
    "Finally {film}, which {why}.",
    "A little further afield, {film} {why}.",
    "To round it off, {film}: it {why}.",
)
CLOSING = (
    "Say “more” for others, or tell me what you have seen.",
    "Which of these have you seen already?",
    "Tell me how they sound, or what to change.",
    "Shall I go lighter, darker, older or newer from here?",
)
CLOSING_UNKNOWN_TASTE = (
    "Name a film or two that you loved and I can aim better.",
    "Tell me one film you liked, and the next picks will be yours rather than everybody's.",
)
UNKNOWN = ("I do not know a film called “{name}” here. ", "“{name}” is not in this catalogue. ")
STRANGER = ("No film here names {name}. ", "I have nothing by or with {name}. ")
NEAREST = ("The nearest title I have is {film}. ", "Did you mean {film}? ")
NOTED = (
    "Noted. Ask for something whenever you like.",
    "Good, that is written down for this chat. What shall it be next?",
    "Thank you, that helps. Say what you are in the mood for.",
)
ENJOY = ("Enjoy {film}. Tell me afterwards how it was.", "{film} it is, then. Have a good evening.")
REMEMBERED = (
    "What you like, dislike and have seen is kept with this conversation, and I go on from there "
    "when you come back to it. Name a film, or press the buttons under the chat.",
)
BRIEFLY = ("Films and a line each from now on; say “longer answers” for more. ",)
AT_LENGTH = ("With reasons from now on; say “shorter answers” for less. ",)
FURTHER = ("A little further afield, then. ", "Off the well-trodden path, then. ")
NEARER = ("Closer to home, then. ", "On safer ground, then. ")
HERE = ("Here you are: ", "For you: ", "Then ")
ASK_YOU = (
    "Gladly. Shall it be light or serious, old or new? And which film did you love last?",
    "With pleasure: for whom is it, and is it to be funny, thrilling or moving? One film you "
    "loved would tell me most.",
)
TAKE_YOUR_TIME = (
    "Take your time; these stay here. Say “more” for others, or ask me about one of them.",
    "No hurry. I can tell you more about any of these, or choose one for you.",
)
UNSAID = ("The catalogue does not say {what}.", "Of {what} nothing is written here.")
PRIZED = ("{film} is tagged {what}. ",)
TAKEN_BACK = ("{film} counts neither for nor against anything now. ",)
UNDONE = ("Taken back: “{words}”. We are where we were before it.",)
SORRY = (
    "I am sorry to hear that. If a film would help, tell me whether it should comfort or distract.",
    "That sounds hard. Shall I find something gentle, or something that takes your mind off it?",
)
WELCOME = (
    "You are welcome. Come back and tell me how it was.",
    "My pleasure. Say the word when you want another one.",
)
RECOGNISED = ("That sounds like {film}. ", "I think you mean {film}. ", "Could it be {film}? ")
FOUND = ("{film}, then. Say “more like it” for others of its kind.",)
NONE_IS = ("None of these is {what} to speak of; {film} is the nearest to it. ",)
OR_RATHER = ("Or is it {film}? ", "It may also be {film}: ", "Or {film}: ")
NO_OTHERS = ("I have no other film of the series of {film} to offer.",)
MOST = ("Of these it is {film}, which {why}. ", "That is {film}: it {why}. ")
KINDS = (
    "{count} films, from {first} to {last}: {kinds}. A film is of several kinds as a rule. Name "
    "one, a mood, a decade, or a film you loved.",
)
HOW_MANY = ("{count} films, from {first} to {last}. What are you in the mood for?",)
HOW_MANY_SUCH = ("{count} of the {every} films here: {what}.",)
LIKEST = ("Of these {film} comes nearest: it {why}. ",)
NONE_LIKE = ("None of these is much like it; {film} comes nearest, which {why}. ",)
CHOSEN = ("I would take {film}: it {why}. ", "{film}, I would say. It {why}. ")
NONE_SUCH = ("I have nothing left here that is marked {what}; these come nearest. ",)
HAS = ("Yes: {film} has {who}. ",)
HAS_NOT = ("No, {film} has no {who}{others}. ",)
NONE_HAS = ("None of these has {who}. ",)
RUDE = (
    "Then I have missed what you want. Tell me a film you loved, and one you could not stand.",
    "Fair enough. Say what was wrong with those, or name a film you love, and I will do better.",
)
NOTHING_KNOWN = (
    "Nothing yet. Name a film you loved, or one you could not stand, and I will go by it."
)
HOW_ARE_YOU = (
    "Very well, thank you, and glad to talk of films. What are you in the mood for?",
    "All is well here, thank you. Which film did you love last?",
)
CHITCHAT = (
    "Hello! I am best at films. What are you in the mood for, or which film did you love last?",
    "That happens. A film may help: tell me one you liked, or a mood.",
    "I am listening. Is there a kind of film you feel like?",
)
OFF_TOPIC = (
    "That is outside what I know: I only do films. Shall we go on with those?",
    "I cannot help with that, films are all I have. Is there one you feel like?",
)
HELP = (
    "I am a program that knows films. Tell me some that you loved or disliked, and what you feel "
    "like: a genre, a decade, a mood, something to leave out. I show films with a reason for "
    "each; say “more”, ask what one is about, compare two, or start over. The buttons under the "
    "chat mark films as liked, disliked or seen. I order them by what people who chose your films "
    "chose next, and keep to what you asked for.",
)
EMPTY = ("I found no words in that. Tell me a film you liked, or what you are in the mood for.",)
STRANGE = (
    "“{words}” is in no title, name or story that I have. Tell me a film you liked, or a mood.",
    "I know nothing by “{words}”. A film you loved, a genre or a decade will do.",
)
NO_MORE_WITH = ("That is all I have with {who}. ", "There is nothing more with {who} here. ")
NOT_OF_THAT_KIND = (
    "Of that kind there is nothing more with {who}; this is what else there is. ",
    "Nothing else like that with {who} is left here, but there is more of other kinds. ",
)
NO_NEWER = ("There is nothing newer of that kind here. ", "That is as new as it gets here. ")
NO_OLDER = ("There is nothing older of that kind here. ", "That is as old as it gets here. ")
NOT_TOGETHER = (
    "I have no more films with {who} together; these have one of them. ",
    "There is nothing more with {who} in one film; here is what they did apart. ",
)
NOT_BOTH = ("I have no more films that are {what} at once; these are the one or the other. ",)
FOREIGN = (
    "I understand English best, so I may have missed what you meant. Could you say it in English?",
)
LONG = "That was a long message, so I read only its first {n} characters.\n\n"
NOTHING_LEFT = "No film in this catalogue is left that fits all of that"
CONTRADICTION = (
    "That asks for {what}, and no film can be both. Tell me which of the two to drop.",
)
AFRESH = ("A clean slate. What are you in the mood for, or which film did you love last?",)
RESET = ("A clean slate, then. ", "Starting over. ", "All wishes are dropped. ")


class Voice:
    """Chooses among frames in turn, so that a chat replays alike and neighbours differ."""

    def __init__(self, turn: int) -> None:
        self._turn = turn

    def say(self, frames: Sequence[str], **values: str | int) -> list[Segment]:
        """The frame that is due at this turn, filled."""
        return Template(frames[self._turn % len(frames)]).render(**values)
