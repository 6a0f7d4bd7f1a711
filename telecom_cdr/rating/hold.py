"""Small tables that events are looked up in, worked out before the plan that uses them.

Here: the word for it, and doing without. Not here: how rows are held (`lakehouse`).
"""

from collections.abc import Callable

from pyspark.sql import DataFrame

# Gives a frame of the same rows, worked out already where they are few.
Hold = Callable[[DataFrame], DataFrame]


def as_it_is(frame: DataFrame) -> DataFrame:
    """Hold nothing: leave the frame to be worked out where it is used."""
    return frame
