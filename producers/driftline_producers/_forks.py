"""What happens to loggers when their process forks."""

import os
import weakref
from typing import Protocol


class Restartable(Protocol):
    """Something that belongs to one process."""

    def _restart(self) -> None:
        """Start afresh."""


_restartables: weakref.WeakSet[Restartable] = weakref.WeakSet()


def restart_in_children(restartable: Restartable) -> None:
    """Restart it in every child that is forked from now on: the parent's events are the parent's to send."""
    _restartables.add(restartable)


def let_be_in_children(restartable: Restartable) -> None:
    """Take `restart_in_children` back."""
    _restartables.discard(restartable)


def _restart_all() -> None:
    for restartable in list(_restartables):
        restartable._restart()


os.register_at_fork(after_in_child=_restart_all)
