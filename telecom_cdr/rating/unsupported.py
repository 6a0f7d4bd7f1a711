"""Parts of the tariff model that rating does not know yet: a tariff that uses one is refused, never half obeyed."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from telecom_cdr.errors import UnsupportedTariffError
from telecom_cdr.vocabulary import AllowanceKind, AllowanceScope, RateModel

Row = Mapping[str, object]
_Complaint = Callable[[Row], str | None]

# Above it, units of a single event could leave 64 bits, or a product of price and units 38 digits.
_LARGEST_STEP: Final = 10**12
_SHOWN: Final = 5
_RATE_KEY: Final = ("plan_code", "product_code", "zone", "time_band", "valid_from")
_KEYS: Final = {
    "rates": _RATE_KEY,
    "rate_tiers": (*_RATE_KEY, "up_to"),
    "allowances": ("plan_code", "allowance_code"),
    "number_portability": ("msisdn", "valid_from"),
}


def refuse_unsupported(rows: Mapping[str, Iterable[Row]]) -> None:
    """Raise UnsupportedTariffError when the reference rows use what cannot be rated yet.

    `rows` by the name of the reference table; reads `rates`, `rate_tiers`, `allowances`, `number_portability`,
    where given. The message names each file, what it uses, and the keys of the first rows that do.
    """
    found: dict[tuple[str, str], list[str]] = {}
    for table, complaint in _complaints(rows).items():
        for row in rows.get(table, ()):
            feature = complaint(row)
            if feature:
                found.setdefault((table, feature), []).append(_key(table, row))
    if found:
        listed = "; ".join(f"{table}.csv: {feature} ({_some(keys)})" for (table, feature), keys in found.items())
        raise UnsupportedTariffError(
            f"The tariff uses what cannot be rated yet: {listed}. Remove or change these rows and load the files again."
        )


def _complaints(rows: Mapping[str, Iterable[Row]]) -> dict[str, _Complaint]:
    tiered = {tuple(row[name] for name in _RATE_KEY) for row in rows.get("rates", ()) if _model(row) != RateModel.FLAT}

    def of_tier(row: Row) -> str | None:
        return "tiers of a rate" if tuple(row[name] for name in _RATE_KEY) in tiered else None

    return {
        "rates": _of_rate,
        "rate_tiers": of_tier,
        "allowances": _of_allowance,
        "number_portability": lambda _: "ported numbers",
    }


def _model(row: Row) -> object:
    return row["model"]


def _of_rate(row: Row) -> str | None:
    if _model(row) != RateModel.FLAT:
        return f"model {row['model']}"
    if row["time_band"] is not None:
        return "time_band"
    if row["price"] is None:
        return "a flat rate without a price"
    steps = (row["unit_size"], row["first_increment"], row["next_increment"])
    if any(isinstance(step, int) and step > _LARGEST_STEP for step in steps):
        return f"a unit_size or increment above {_LARGEST_STEP}"
    return None


def _of_allowance(row: Row) -> str | None:
    if row["kind"] != AllowanceKind.UNITS:
        return f"kind {row['kind']}"
    if row["scope"] != AllowanceScope.SUBSCRIPTION:
        return f"scope {row['scope']}"
    if row["quantity"] != int(str(row["quantity"]).split(".")[0]):
        return "a quantity that is no whole number of units"
    return None


def _key(table: str, row: Row) -> str:
    return " ".join(f"{name}={row[name]}" for name in _KEYS[table] if row[name] is not None)


def _some(keys: Sequence[str]) -> str:
    shown = ", ".join(keys[:_SHOWN])
    return shown if len(keys) <= _SHOWN else f"{shown} and {len(keys) - _SHOWN} more"
