"""The packed form of mail: a version byte, then a MessagePack array of messages."""

from collections.abc import Sequence

import msgspec

from pipeline.identity.messages import Message

VERSION = 1

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(list[Message])


class MailFormatError(ValueError):
    """A record of the mail topic is not packed mail of a version this worker reads."""


def pack(messages: Sequence[Message]) -> bytes:
    """Encode messages, in order, as the value of one Kafka record."""
    buffer = bytearray((VERSION,))
    _encoder.encode_into(messages, buffer, 1)
    return bytes(buffer)


def unpack(record: bytes) -> list[Message]:
    """Decode the value of one Kafka record.

    Raises:
        MailFormatError: Empty, of another version, or damaged.
    """
    if not record or record[0] != VERSION:
        found = record[0] if record else "nothing"
        raise MailFormatError(f"packed mail of version {VERSION} expected, found {found}")
    try:
        return _decoder.decode(memoryview(record)[1:])
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:  # the latter for a text that is not UTF-8
        raise MailFormatError(f"damaged mail: {error}") from error
