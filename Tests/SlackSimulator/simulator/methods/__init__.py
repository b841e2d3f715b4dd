"""The Web API's methods, a file for each family. Importing this registers them in METHODS."""

from ..calls import METHODS
from . import apps, assistant, chat, conversations, files, history, reactions, streams, users, views

FAMILIES = (apps, assistant, chat, conversations, files, history, reactions, streams, users, views)

__all__ = ["FAMILIES", "METHODS"]
