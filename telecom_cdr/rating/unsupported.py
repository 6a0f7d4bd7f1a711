"""What no tariff may ask for: numbers whose products leave the exact range. It is refused, never half obeyed."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final

from telecom_cdr.errors import UnsupportedTariffError
from telecom_cdr.vocabulary import AllowanceKind, RateModel

Row = Mapping[str, object]

# Above it, units of a single event could leave 64 bits, or a product of price and units 38 digits.
_LARGEST_STEP: Final = 10**12
# Of the unit sizes of one plan and product: what costs are counted in.
_LARGEST_MULTIPLE: Final = 10**12
# Billionths of a price times that multiple.
_LARGEST_COST: Final = 10**22
_LARGEST_MONEY: Final = 10**12
_SHOWN: Final = 5
_RATE_KEY: Final = ("plan_code", "product_code", "zone", "time_band", "valid_from")
_KEYS: Final = {
    "rates": _RATE_KEY,
    "rate_tiers": (*_RATE_KEY, "up_to"),
    "allowances": ("plan_code", "allowance_code"),
}


def refuse_unsupported(rows: Mapping[str, Sequence[Row]]) -> None:
    """Raise UnsupportedTariffError when reference rows ask for what cannot be rated exactly.

    `rows` by the name of the reference table; reads `rates`, `rate_tiers` and `allowances`, where given. The message
    names each file, what it asks for, and the keys of the first rows that do.
    """
    found: dict[tuple[str, str], list[str]] = {}
    multiples = _multiples([*rows.get("rates", ()), *rows.get("rate_tiers", ())])
    for table in _KEYS:
        for row in rows.get(table, ()):
            for feature in _of_allowance(row) if table == "allowances" else _of_price(row, multiples):
                found.setdefault((table, feature), []).append(_key(table, row))
    if found:
        listed = "; ".join(f"{table}.csv: {feature} ({_some(keys)})" for (table, feature), keys in found.items())
        raise UnsupportedTariffError(
            f"The tariff asks for what cannot be rated exactly: {listed}. "
            "Remove or change these rows and load the files again."
        )


def _multiples(priced: Iterable[Row]) -> dict[tuple[object, object], int]:
    """Least common multiple of the unit sizes of each plan and product."""
    found: dict[tuple[object, object], int] = {}
    for row in priced:
        key = row["plan_code"], row["product_code"]
        found[key] = math.lcm(found.get(key, 1), _size(row))
    return found


def _size(row: Row) -> int:
    return int(str(row["unit_size"] or 1))


def _of_price(row: Row, multiples: Mapping[tuple[object, object], int]) -> Iterator[str]:
    if row.get("model") in (RateModel.FLAT, RateModel.PACKAGE) and row["price"] is None:
        yield f"a {row['model']} rate without a price"
    steps = (row["unit_size"], row.get("first_increment"), row.get("next_increment"))
    if any(isinstance(step, int) and step > _LARGEST_STEP for step in steps):
        yield f"a unit_size or increment above {_LARGEST_STEP}"
        return
    multiple = multiples[row["plan_code"], row["product_code"]]
    share = multiple if row.get("model") == RateModel.PACKAGE else multiple // _size(row)
    if multiple > _LARGEST_MULTIPLE:
        yield f"unit sizes of one product whose least common multiple is above {_LARGEST_MULTIPLE}"
    elif Decimal(str(row["price"] or 0)).scaleb(9) * share >= _LARGEST_COST:
        yield "a price too great for its unit size beside the other unit sizes of the product"


def _of_allowance(row: Row) -> Iterator[str]:
    quantity = Decimal(str(row["quantity"]))
    if row["kind"] == AllowanceKind.UNITS and quantity != quantity.to_integral_value():
        yield "a quantity that is no whole number of units"
    if row["kind"] == AllowanceKind.MONEY and quantity > _LARGEST_MONEY:
        yield f"money above {_LARGEST_MONEY}"


def _key(table: str, row: Row) -> str:
    return " ".join(f"{name}={row[name]}" for name in _KEYS[table] if row[name] is not None)


def _some(keys: Sequence[str]) -> str:
    shown = ", ".join(keys[:_SHOWN])
    return shown if len(keys) <= _SHOWN else f"{shown} and {len(keys) - _SHOWN} more"
