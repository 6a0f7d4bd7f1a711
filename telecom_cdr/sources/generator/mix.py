"""How much of each kind of traffic a month has, and the distributions that it follows. Figures only."""

from dataclasses import dataclass
from typing import Final

from telecom_cdr.errors import InputError

# Answered calls, seconds: ln of the duration is normal with these two (median 25, mean 85), cut at two hours.
CALL_MU: Final = 3.2
CALL_SIGMA: Final = 1.6
LONGEST_CALL_SECONDS: Final = 7200
# Data sessions, MB: ln of the volume is normal; every 50 MiB the network closes a partial record.
SESSION_MU: Final = -1.4
SESSION_SIGMA: Final = 2.1
QUOTA_BYTES: Final = 52_428_800
LARGEST_SESSION_BYTES: Final = 2_000_000_000
# Data sessions, seconds.
SESSION_SECONDS_MU: Final = 5.3
SESSION_SECONDS_SIGMA: Final = 1.3
LONGEST_SESSION_SECONDS: Final = 43_200
# Usage of subscribers: a Pareto tail, cut. Gini about 0.55; the heaviest tenth makes about half of the events.
USAGE_TAIL: Final = 1.25
USAGE_CAP_IN_MEANS: Final = 15.0


@dataclass(frozen=True)
class TrafficMix:
    """Shares of the records; each between 0 and 1."""

    voice: float = 0.55
    sms: float = 0.15
    data: float = 0.30
    unanswered: float = 0.29  # of calls
    terminating: float = 0.03  # of calls and messages: the leg of the called side, at home
    roaming: float = 0.002  # of all: served abroad
    unknown_subscriber: float = 0.003  # of all: a valid number that no subscription has

    def __post_init__(self) -> None:
        for name, share in vars(self).items():
            if not 0 <= share <= 1:
                raise InputError(f"traffic share {name} is {share}; it must lie between 0 and 1")
        if self.voice + self.sms + self.data <= 0:
            raise InputError("traffic shares voice, sms and data are all 0; one of them must be more")
