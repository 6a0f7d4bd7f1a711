"""How traffic is spread over the day, the radio generations and the numbers called. Shares, nothing computed.

By hour of local time, in percent of the day: read off published charts, so they add to 100 only nearly.
Calls and messages follow messaging traffic; data is between social networks and video.
"""

from typing import Final

from telecom_cdr.vocabulary import Technology

MESSAGING_BY_HOUR: Final = (
    *(2.4, 1.0, 0.6, 0.8, 1.3, 2.5, 3.0, 4.3, 4.4, 5.1, 4.9, 4.6),
    *(5.4, 6.8, 6.7, 6.8, 6.7, 7.9, 5.1, 4.9, 4.3, 4.1, 3.5, 2.9),
)
SOCIAL_BY_HOUR: Final = (
    *(2.1, 0.6, 0.6, 1.0, 0.8, 2.8, 3.2, 4.2, 4.2, 4.7, 4.2, 5.0),
    *(5.1, 6.1, 6.5, 7.3, 7.2, 7.2, 6.6, 4.7, 4.2, 4.4, 3.9, 3.6),
)
VIDEO_BY_HOUR: Final = (
    *(3.6, 2.0, 2.3, 2.4, 2.4, 2.4, 3.0, 3.1, 4.6, 4.6, 4.1, 4.1),
    *(4.8, 4.2, 4.9, 5.8, 5.5, 6.1, 6.0, 5.3, 5.0, 4.8, 4.8, 4.1),
)
DATA_BY_HOUR: Final = tuple((social + video) / 2 for social, video in zip(SOCIAL_BY_HOUR, VIDEO_BY_HOUR, strict=True))

# Percent of events by radio generation, after normalisation.
TECHNOLOGY_SHARES: Final[dict[Technology, int]] = {
    Technology.G2: 11,
    Technology.G3: 21,
    Technology.G4: 45,
    Technology.G5: 23,
}
