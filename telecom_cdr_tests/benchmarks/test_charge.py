"""Pieces that the default catalogue hardly asks for, by hand: limits, rounding, and parts of a session."""

from collections.abc import Callable
from decimal import Decimal
from typing import Final

import duckdb
import polars as pl
import pyarrow as pa
import pytest

from benchmarks.with_duckdb import charge as with_duckdb
from benchmarks.with_polars import charge as with_polars

Charged = Callable[[dict[str, object], int], dict[str, object]]

# 0.01 for three units.
_EVENT: Final = pa.schema(
    [
        *((name, pa.int64()) for name in ("file_no", "line_no", "billed_units", "unit_size", "price_e9")),
        *((name, pa.int64()) for name in ("connect_e6", "minimum_e6", "maximum_e6", "paid_before")),
        *((name, pa.string()) for name in ("reason", "sold_product", "reported_product")),
        *((name, pa.string()) for name in ("connect_piece", "price_piece")),
    ]
)
_PRICE: Final = ',"price":"0.010000000","unit_size":3,"amount":"'


def _row(event: dict[str, object], paid_before: int) -> pa.Table:
    values: dict[str, object] = {
        "file_no": 0,
        "line_no": 0,
        "unit_size": 3,
        "price_e9": 10_000_000,
        "connect_e6": 0,
        "connect_piece": "",
        "price_piece": _PRICE,
        "paid_before": paid_before or None,
    }
    return pa.Table.from_pylist([values | event], _EVENT)


def _by_duckdb(event: dict[str, object], paid_before: int) -> dict[str, object]:
    with duckdb.connect() as connection:
        connection.register("event", _row(event, paid_before))
        # Two parts of one session, the second of which is the event.
        connection.execute(
            f"""CREATE TABLE apart AS SELECT * FROM (VALUES
                (9, 9, 's', 1, 1, 'a', {paid_before}::BIGINT), (0, 0, 's', 2, 2, 'b', 0::BIGINT))
                t(file_no, line_no, session_key, sequence_number, event_start_utc, cdr_id, open_units)"""
        )
        query = with_duckdb.charged("SELECT * EXCLUDE (paid_before) FROM event", 0, 1)
        values = connection.execute(f"SELECT charge_amount, breakdown FROM ({query})").fetchall()[0]
        return dict(zip(("charge_amount", "breakdown"), values, strict=True))


def _by_polars(event: dict[str, object], paid_before: int) -> dict[str, object]:
    frame = pl.DataFrame(_row(event, paid_before)).lazy()
    return with_polars.charged(frame, 0, 1).select("charge_amount", "breakdown").collect().to_dicts()[0]


def _usage(units: int, first: int, amount: str) -> str:
    span = f'"units":{units},"from":{first},"to":{first + units - 1}'
    return f'{{"kind":"usage","band":null,{span}{_PRICE}{amount}"}}'


@pytest.mark.parametrize("charged", [_by_duckdb, _by_polars])
@pytest.mark.parametrize(
    ("event", "paid_before", "amount", "pieces"),
    [
        (
            {"billed_units": 2},
            0,
            "0.006667",
            [_usage(2, 1, "0.006666666667"), '{"kind":"rounding","amount":"0.000000333333"}'],
        ),
        (
            {"billed_units": 1},
            0,
            "0.003333",
            [_usage(1, 1, "0.003333333333"), '{"kind":"rounding","amount":"-0.000000333333"}'],
        ),
        (
            {"billed_units": 3, "minimum_e6": 500_000},
            0,
            "0.5",
            [_usage(3, 1, "0.010000000000"), '{"kind":"minimum","amount":"0.490000000000"}'],
        ),
        (
            {"billed_units": 3, "maximum_e6": 5_000, "connect_e6": 1_000, "connect_piece": "CONNECT,"},
            0,
            "0.005",
            ["CONNECT", _usage(3, 1, "0.010000000000"), '{"kind":"maximum","amount":"-0.006000000000"}'],
        ),
        (
            {"billed_units": 3, "maximum_e6": 15_000, "connect_e6": 1_000, "connect_piece": "CONNECT,"},
            3,
            "0.004",
            [_usage(3, 4, "0.010000000000"), '{"kind":"maximum","amount":"-0.006000000000"}'],
        ),
        ({"billed_units": 0, "minimum_e6": 500_000}, 0, "0", []),
    ],
)
def test_a_charge_is_its_pieces(
    charged: Charged, event: dict[str, object], paid_before: int, amount: str, pieces: list[str]
) -> None:
    assert charged(event, paid_before) == {"charge_amount": Decimal(amount), "breakdown": f"[{','.join(pieces)}]"}


@pytest.mark.parametrize("charged", [_by_duckdb, _by_polars])
def test_an_event_without_a_rate_has_neither(charged: Charged) -> None:
    unrated: dict[str, object] = {"reason": "NO_RATE", "unit_size": None, "price_e9": None, "connect_e6": None}
    assert charged(unrated, 0) == {"charge_amount": None, "breakdown": None}
