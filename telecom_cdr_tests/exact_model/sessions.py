"""Sessions: records that report one use in parts, in the order of their sequence numbers.

An event that is no part is a session of itself. Not here: what the parts cost (`rating`).
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

Row = dict[str, object]

USAGE = {"voice": "duration_seconds", "sms": "message_count", "data": "volume_bytes"}
_WHAT = {"voice": "called_number", "data": "product_code"}


@dataclass(frozen=True)
class Session:
    """The events of one session in session order; the first one governs all."""

    key: tuple[object, ...]
    events: tuple[Row, ...]
    is_in_parts: bool

    def units_before(self) -> list[int]:
        """The units used before each event."""
        used = [usage(event) for event in self.events]
        return [sum(used[:number]) for number in range(len(used))]


def usage(event: Row) -> int:
    """Seconds, messages or bytes."""
    units = event[USAGE[str(event["record_type"])]]
    assert isinstance(units, int)
    return units


def sessions(events: Iterable[Row]) -> list[Session]:
    """Every event in exactly one session."""
    found: dict[tuple[object, ...], list[Row]] = defaultdict(list)
    for event in events:
        found[_key(event)].append(event)
    return [
        Session(key, tuple(sorted(parts, key=_order)) if _is_part(parts[0]) else tuple(parts), _is_part(parts[0]))
        for key, parts in found.items()
    ]


def _is_part(event: Row) -> bool:
    is_named = event["session_id"] is not None and event["sequence_number"] is not None
    return is_named and event["record_type"] != "sms"


def _key(event: Row) -> tuple[object, ...]:
    if not _is_part(event):
        return ("event", event["cdr_id"])
    kind = str(event["record_type"])
    network = event["serving_plmn"] if event["is_roaming"] else None
    names = ("record_type", "served_msisdn", "session_id", "usage_month", _WHAT[kind])
    return ("session", *(event[name] for name in names), network)


def _order(event: Row) -> tuple[object, ...]:
    return (event["sequence_number"], event["event_start_utc"], event["cdr_id"])
