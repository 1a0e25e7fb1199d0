"""The errors of this package; each message is one sentence a person can act on."""

from data.errors import IlmChatError


class CfError(IlmChatError):
    """Collaborative filtering was given something it cannot work with."""
