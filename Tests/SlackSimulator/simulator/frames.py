"""WebSocket frames by hand: a message in pieces, which no server library sends of its own accord."""

TEXT, CONTINUATION, PING = 0x1, 0x0, 0x9


def frame(opcode, data, is_last=True):
    """A server's frame: not masked."""
    head = bytes([(0x80 if is_last else 0) | opcode])
    if len(data) < 126:
        return head + bytes([len(data)]) + data
    if len(data) < 65536:
        return head + bytes([126]) + len(data).to_bytes(2, "big") + data
    return head + bytes([127]) + len(data).to_bytes(8, "big") + data


def fragments(text, pieces):
    """The frames of a text in `pieces`, cut without regard to characters, with a ping after each but the last."""
    data = text.encode()
    size = max(1, -(-len(data) // pieces))
    parts = [data[at : at + size] for at in range(0, len(data), size)]
    for index, part in enumerate(parts):
        is_last = index == len(parts) - 1
        yield frame(CONTINUATION if index else TEXT, part, is_last)
        if not is_last:
            yield frame(PING, b"between")
