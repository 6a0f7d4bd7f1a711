"""The comparison tells every way in which rows can differ."""

from telecom_cdr_tests.exact_model.comparison import Row, differences


def test_equal_rows_do_not_differ_whatever_their_order_and_further_columns() -> None:
    expected: list[Row] = [{"cdr_id": "a", "status": "rated"}, {"cdr_id": "b", "status": "unrated"}]
    found: list[Row] = [{**row, "reference_version": 1} for row in reversed(expected)]
    assert differences("rated/usage", expected, found) == []


def test_missing_unknown_and_unequal_rows_are_told() -> None:
    expected: list[Row] = [{"cdr_id": "a", "status": "rated"}, {"cdr_id": "b", "status": None}]
    found: list[Row] = [{"cdr_id": "b"}, {"cdr_id": "c"}]
    assert len(differences("rated/usage", expected, found)) == 3
