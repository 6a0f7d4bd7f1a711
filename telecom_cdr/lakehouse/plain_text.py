"""Values as text that scripts and people read, the same in every file and command."""

from datetime import UTC, date, datetime
from decimal import Decimal


def as_text(value: object) -> str:
    """Plain decimal digits, ISO dates, instants in UTC with a Z, true and false; empty for null."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="backslashreplace")
    return str(value)
