"""Networks that served an event, as they are written, become MCC and MNC digits; a foreign one makes it roaming.

Not here: in which country a network stands and what that costs (`rating/`).
"""

from typing import Final

from pyspark.sql import Column
from pyspark.sql import functions as F

from telecom_cdr.expressions import is_true
from telecom_cdr.quality.record_rules import READABLE_NETWORK
from telecom_cdr.vocabulary import HOME_MCC

# Full-width digits become ASCII; blanks, dots, dashes, slashes and parentheses have no counterpart and go away.
_WRITTEN: Final = "".join(chr(ord("\uff10") + digit) for digit in range(10)) + " \t\u00a0.-/()"
_READ: Final = "0123456789"


def network(written: Column) -> Column:
    """MCC and MNC as digits (`604-01` is 60401); as it was written when that cannot be read, null when it is null."""
    digits = F.translate(written, _WRITTEN, _READ)
    return F.when(digits.rlike(READABLE_NETWORK), digits).otherwise(written).cast("string")


def is_abroad(serving_network: Column) -> Column:
    """Whether an event was served outside the home country: by any network but one of the home MCC.

    One that cannot be read is abroad too: an event is never rated as if at home because nobody knows where it was.
    """
    is_home = serving_network.rlike(READABLE_NETWORK) & serving_network.startswith(HOME_MCC)
    return is_true(~is_home)
