"""The Web API's methods, a file for each family. Importing this registers them."""

from . import apps, assistant, chat, conversations, files, history, reactions, streams, users, views  # noqa: F401
