"""What a method answers instead of a result."""


class SlackError(Exception):
    """Becomes `ok: false` with this code; `extra` is merged into the answer."""

    def __init__(self, error, status=200, headers=None, **extra):
        super().__init__(error)
        self.error, self.status, self.headers, self.extra = error, status, headers or {}, extra

    def body(self):
        return {"ok": False, "error": self.error, **self.extra}


def invalid_arguments(*messages):
    return SlackError("invalid_arguments", response_metadata={"messages": [f"[ERROR] {text}" for text in messages]})


class ControlError(Exception):
    """The test asked the simulator for something that cannot be: 400 with this text."""
