"""Billed units to charges: whole millionths, rounded once, and the pieces that they are made of as JSON.

Not here: billed units, and what allowances give (`rate`).
"""

from typing import Final

# Quotients of whole numbers that are not negative, halves up.
_ROUNDED: Final = "(2 * {numerator} + {denominator}) // (2 * {denominator})"


def charged(priced: str, passes: int, reference_version: int) -> str:
    """Priced events with their charges; `apart` tells what allowances gave, and what a session's earlier parts cost."""
    numbers = range(1, passes + 1)
    given = " + ".join(["0", *(f"coalesce(used_{number}, 0)" for number in numbers)])
    return f"""
        WITH paid AS (
            SELECT file_no, line_no, sum(open_units) OVER (
                PARTITION BY session_key ORDER BY sequence_number, event_start_utc, cdr_id
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS paid_before
            FROM apart WHERE session_key IS NOT NULL
        ), counted AS (
            SELECT *, CASE WHEN billed_units IS NOT NULL THEN {given} END AS allowance_units,
                {_in_words("used", passes)} AS allowances_used, {_in_words("left", passes)} AS allowances_left,
                billed_units - ({given}) AS charged_units, coalesce(paid.paid_before, 0) AS before
            FROM ({priced})
            LEFT JOIN (SELECT * EXCLUDE (session_key, sequence_number, event_start_utc, cdr_id, open_units) FROM apart)
                USING (file_no, line_no)
            LEFT JOIN paid USING (file_no, line_no)
        ), costed AS (
            SELECT *, {_cost("before")} AS earlier_e6, {_cost("before + charged_units")} AS so_far_e6,
                {_rounded("charged_units * price_e9 * 1000", "unit_size::HUGEINT")} AS exact_e12
            FROM counted
        ), limited AS (
            SELECT *, CASE WHEN charged_units = 0 THEN 0 ELSE {_within_limits("so_far_e6")}
                - CASE WHEN before = 0 THEN 0 ELSE {_within_limits("earlier_e6")} END END AS charge_e6
            FROM costed
        ), added AS (
            SELECT *, charge_e6 - (so_far_e6 - earlier_e6) - CASE WHEN before = 0 THEN connect_e6 ELSE 0 END AS limit_e6
            FROM limited
        )
        SELECT *, coalesce(sold_product, reported_product) AS product_code,
            CASE WHEN reason IS NULL THEN 'rated' ELSE 'unrated' END AS status,
            charge_e6::DECIMAL(24, 0) * 0.000001::DECIMAL(7, 6) AS charge_amount,
            CASE WHEN charged_units = 0 THEN '[]' WHEN reason IS NULL THEN {_pieces()} END AS breakdown,
            NULL AS ported_operator, NULL AS tier_scope, NULL AS tier_basis,
            CASE WHEN reason IS NULL THEN 0 END AS money_allowance_amount, NULL AS money_allowances_used,
            NULL AS money_allowances_left, {reference_version} AS reference_version
        FROM added
    """


def _in_words(name: str, passes: int) -> str:
    entries = ", ".join(
        f"CASE WHEN used_{number} > 0 THEN code_{number} || '=' || {name}_{number} END"
        for number in range(1, passes + 1)
    )
    return f"nullif(concat_ws(',', {entries}), '')" if entries else "NULL"


def _rounded(numerator: str, denominator: str) -> str:
    return _ROUNDED.format(numerator=f"({numerator})", denominator=f"({denominator})")


def _cost(units: str) -> str:
    """Millionths that so many units of the session cost."""
    return f"CASE WHEN {units} = 0 THEN 0 ELSE {_rounded(f'({units}) * price_e9', 'unit_size::HUGEINT * 1000')} END"


def _within_limits(cost: str) -> str:
    return f"least(greatest({cost} + connect_e6, minimum_e6), maximum_e6)"


def _pieces() -> str:
    """The pieces of an event that is charged; what rounding once has moved is the last one."""
    rounding = "(so_far_e6 - earlier_e6) * 1000000 - exact_e12"
    return f"""'[' || CASE WHEN before = 0 THEN connect_piece ELSE '' END
        || '{{"kind":"usage","band":null,"units":' || charged_units || ',"from":' || (before + 1)
        || ',"to":' || (before + charged_units) || price_piece || {_amount("exact_e12")} || '"}}'
        || CASE WHEN limit_e6 = 0 THEN ''
            ELSE CASE WHEN limit_e6 > 0 THEN ',{{"kind":"minimum","amount":"' ELSE ',{{"kind":"maximum","amount":"-' END
                || {_amount("abs(limit_e6) * 1000000")} || '"}}' END
        || CASE WHEN {rounding} = 0 THEN ''
            ELSE ',{{"kind":"rounding","amount":"' || CASE WHEN {rounding} < 0 THEN '-' ELSE '' END
                || {_amount(f"abs({rounding})")} || '"}}' END
        || ']'"""


def _amount(last_places: str) -> str:
    """Whole last places, not negative, as a decimal with twelve of them."""
    return f"(({last_places})::DECIMAL(24, 0) * 0.000000000001::DECIMAL(13, 12))"
