"""The exceptions of Driftline, sorted by what the caller has to do.

DriftlineError
├── ConfigurationError   stop: the operator must change a setting
├── InvalidRecord        dead-letter: the record will never be good
└── Unavailable          wait and retry: a broker, store or file is away
"""


class DriftlineError(Exception):
    """Base of every error that Driftline raises on purpose."""


class ConfigurationError(DriftlineError):
    """A setting is wrong; nothing was read or written yet."""


class Unavailable(DriftlineError):
    """A part of the system does not answer; the same call may succeed later."""


class InvalidRecord(DriftlineError):
    """A record that cannot be used, now or later.

    Attributes:
        reason: A short, stable, lower-case name of the fault (`not-json`, `invalid-field`, ...),
            used as the header `driftline-reason` of the dead letter.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
