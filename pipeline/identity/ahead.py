"""Which mail may be delivered ahead: at once, by the worker that sends it, and not only when the broker delivers it.

A worker that crashes may have sent what follows from such mail, and not have saved what the mail did. So it must be
mail that changes neither links nor versions. These have to follow from the mail in the mailbox's own partition alone,
in its order: otherwise a version that a route names would mean another timeline after the crash, and nothing would
recall what was forwarded on the one before.
"""

from typing import TypeGuard

from pipeline.identity.messages import Message, Touch
from pipeline.identity.policy import IdentityPolicy


def may_go_ahead(message: Message, sender: str, policy: IdentityPolicy) -> TypeGuard[Touch]:
    """Whether a message from the mailbox `sender` may be delivered before older mail to the same mailbox.

    Only touches on their way up. One that returns might go up and down until a message arrives that still waits.
    """
    if not isinstance(message, Touch):
        return False
    return policy.namespace(message.at).rank > policy.namespace(sender).rank
