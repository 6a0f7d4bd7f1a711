"""Errors that a user can act on. Each message says what is wrong, where, and what to do."""


class TelecomCdrError(Exception):
    """Base of every error that the command line prints as one line."""


class InputError(TelecomCdrError):
    """Something given from outside is wrong: an argument, a file, a row."""


class LakeError(TelecomCdrError):
    """The lake is missing, or not in the state that an operation needs."""


class NotCheckedError(LakeError):
    """A month lacks a pass of its blocking checks, so that the next layer may not read it."""


class UnsupportedTariffError(TelecomCdrError):
    """The reference data uses a part of the tariff model that is not built yet."""


class EngineError(TelecomCdrError):
    """An engine cannot be started, reached or used."""


class BrokerError(TelecomCdrError):
    """A Kafka broker cannot be reached, refuses this client, or has not what is asked for."""


class LostRecordsError(TelecomCdrError):
    """Records of a topic were deleted before they were read, and nobody has accepted it."""
