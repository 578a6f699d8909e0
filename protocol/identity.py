"""Of each signed message: under which name its versions replace each other, which version it is, who may sign it."""

from typing import assert_never

from protocol.keys import Role
from protocol.messages import BroadcastOrder, ClockAnswer, Command, Config, Keys, Plan, PlaybackRecord, Receipt, Signed
from protocol.versions import Version
from schedules.model import Priority


def identity_of(message: Signed) -> str:
    """The name under which versions of one document replace each other."""
    match message:
        case Keys() | Config():
            return message.TYPE
        case Plan():
            return f"plan:{message.route}:{message.day}"
        case BroadcastOrder():
            return f"broadcast:{message.broadcast.id}"
        case Command():
            return f"command:{message.command_id}"
        case Receipt():
            return f"receipt:{message.store_id}"
        case ClockAnswer():
            return f"clock-answer:{message.nonce}"
        case PlaybackRecord():
            return f"playback:{message.speaker}:{message.store_id}:{message.n}"
    assert_never(message)


def version_of(message: Signed) -> Version:
    """The version of a document; those that count without an epoch have epoch 0, a command is only ever the first."""
    match message:
        case Plan() | BroadcastOrder() | Config():
            return message.version
        case Keys():
            return Version(0, message.version)
        case Receipt():
            return Version(0, message.up_to)
        case Command() | ClockAnswer() | PlaybackRecord():
            return Version(0, 1)
    assert_never(message)


def role_for(message: Signed) -> Role:
    """The role whose key alone may sign `message`."""
    match message:
        case Keys():
            return Role.ROOT
        case Plan():
            return Role.SCHEDULE
        case BroadcastOrder():
            return Role.EMERGENCY if message.broadcast.priority is Priority.EMERGENCY else Role.SCHEDULE
        case Config():
            return Role.CONFIG
        case Command() | Receipt() | ClockAnswer():
            return Role.SESSION
        case PlaybackRecord():
            return Role.SPEAKER
    assert_never(message)
