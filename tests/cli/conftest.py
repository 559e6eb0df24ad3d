"""What the tests of the commands share."""

import signal
from collections.abc import Iterator

import pytest


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Processes that the test starts take SIGINT as at a terminal, also when the tests run in the background.

    A shell starts background jobs with SIGINT ignored, and what is ignored stays so in their children.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
