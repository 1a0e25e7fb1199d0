"""The errors a person gets to read. `str(error)` is one sentence: what was wrong, what to do."""


class IlmChatError(Exception):
    """Anything that is the input's or the machine's fault; shown as one line, no traceback."""


class DataError(IlmChatError):
    """A file, a row or an id that cannot be used."""


class FetchError(IlmChatError):
    """Something that had to be fetched could not be."""
