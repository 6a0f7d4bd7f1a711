"""What the loader takes, and what it refuses: file, line, column and value of each."""

import shutil
from pathlib import Path

import pytest

from telecom_cdr.errors import InputError
from telecom_cdr.reference.csv_files import read_directory
from telecom_cdr.reference.errors import ReferenceDataError, Refusal
from telecom_cdr.reference.validation import content_hash, read_reference
from telecom_cdr_tests.reference.catalogue import FILES, Catalogue

RATE = "BASIC,SMS,FRANCE,,{},{},{},{},{},,,,,,,"


def refusals(catalogue: Catalogue) -> tuple[Refusal, ...]:
    with pytest.raises(ReferenceDataError) as caught:
        read_reference(catalogue.directory)
    return caught.value.refusals


def test_a_valid_catalogue_is_taken_whole(catalogue: Catalogue) -> None:
    tables = read_reference(catalogue.directory).tables
    assert {name: rows.num_rows for name, rows in tables.items()} == {
        name: len(text.strip().splitlines()) - 1 for name, text in FILES.items()
    }
    assert [str(price) for price in tables["rates"]["price"].to_pylist()[:2]] == ["1.800000001", "0.030000000"]


CELLS = [
    ("customers", 2, "C1,Amina,,,,,no", "tax_exempt", "no", "neither true nor false"),
    ("customers", 2, "C1,Amina,,,,,", "tax_exempt", "", "is empty"),
    ("fees", 2, ",PLUS,10.00,invoice,true,false", "fee_code", "", "is empty"),
    ("rate_plans", 4, "EURO,Euro,euro,false,10,arrears,false,postpaid", "currency", "euro", "ISO 4217"),
    (
        "rate_plans",
        4,
        "EURO,Euro,EUR,false,10.001,arrears,false,postpaid",
        "monthly_fee",
        "10.001",
        "more than 2 decimals",
    ),
    ("rate_plans", 4, "EURO,Euro,EUR,false,1e1,arrears,false,postpaid", "monthly_fee", "1e1", "no plain number"),
    (
        "rate_plans",
        4,
        "EURO,Euro,EUR,false,\uff11\uff10,arrears,false,postpaid",
        "monthly_fee",
        "\uff11\uff10",
        "no plain number",
    ),
    ("rate_plans", 4, "EURO,Euro,EUR,false,-1,arrears,false,postpaid", "monthly_fee", "-1", "below 0"),
    (
        "rate_plans",
        4,
        "EURO,Euro,EUR,false,12345678901234567,arrears,false,postpaid",
        "monthly_fee",
        "12345678901234567",
        "at most 16 digits",
    ),
    (
        "rate_plans",
        4,
        "EURO,Euro,EUR,false,10,sometimes,false,postpaid",
        "fee_timing",
        "sometimes",
        "one of advance, arrears",
    ),
    ("rate_plans", 4, " EURO,Euro,EUR,false,10,arrears,false,postpaid", "plan_code", " EURO", "blanks around"),
    ("rates", 5, "BASIC,SMS,,,2024-02-30,,package,10,1,,,,,,,", "valid_from", "2024-02-30", "write YYYY-MM-DD"),
    ("rates", 5, "BASIC,SMS,,,01/02/2024,,package,10,1,,,,,,,", "valid_from", "01/02/2024", "write YYYY-MM-DD"),
    ("rates", 5, "BASIC,SMS,,,,,package,0,1,,,,,,,", "unit_size", "0", "below 1"),
    ("rates", 5, "BASIC,SMS,,,,,package,1.5,1,,,,,,,", "unit_size", "1.5", "no whole number"),
    (
        "rates",
        5,
        "BASIC,SMS,,,,,package,99999999999999999999,1,,,,,,,",
        "unit_size",
        "99999999999999999999",
        "too large",
    ),
    ("rates", 5, "BASIC,SMS,,,,,stairs,10,1,,,,,,,", "model", "stairs", "one of flat, graduated, volume, package"),
    ("subscriptions", 4, "+212661000002,C2,PLUS,active,,", "msisdn", "+212…", "7 to 15 digits"),
    ("subscriptions", 4, "212661,C2,PLUS,active,,", "msisdn", "2126…", "7 to 15 digits"),
    ("number_portability", 2, "0661000009,Inwi,,", "msisdn", "0661…", "7 to 15 digits"),
    ("destinations", 3, "+33,FRANCE,33,,,", "prefix", "+33", "1 to 15 digits"),
    ("destinations", 5, "141000,HELP,SHORT,,,", "prefix", "141000", "3 to 5 digits"),
    ("destinations", 5, "142,HELP,short,,,", "country_code", "short", "write SHORT"),
    ("destinations", 5, "208,FRANCE,Plmn,,,", "country_code", "Plmn", "write PLMN"),
    ("destinations", 5, "2080,FRANCE,PLMN,,,", "prefix", "2080", "3 digits, or MCC and MNC, 5 or 6 digits"),
    ("destinations", 5, "20,FRANCE,PLMN,,,", "prefix", "20", "3 digits, or MCC and MNC, 5 or 6 digits"),
    ("destinations", 5, "2080123,FRANCE,PLMN,,,", "prefix", "2080123", "3 digits, or MCC and MNC, 5 or 6 digits"),
    ("time_bands", 2, "PEAK,08,08:00,19:00,false,10", "weekdays", "08", "1 (Monday) to 7"),
    ("time_bands", 2, "PEAK,11,08:00,19:00,false,10", "weekdays", "11", "names a day twice"),
    ("time_bands", 2, "PEAK,12345,8:00,19:00,false,10", "start_time", "8:00", "write HH:MM"),
    ("time_bands", 2, "PEAK,12345,24:00,19:00,false,10", "start_time", "24:00", "00:00 to 23:59"),
    ("time_bands", 2, "PEAK,12345,08:00,08:00,false,10", "end_time", "08:00", "equals start_time"),
    ("tax_rates", 2, "standard,20,,2030-01-01", "rate", "20", "write 0.2 for 20 %"),
    ("discounts", 3, "LOYAL,,,,invoice,,101,,,2024-02-01,", "percent", "101", "above 100"),
]


@pytest.mark.parametrize(("file", "line", "row", "column", "value", "problem"), CELLS)
def test_a_bad_cell_is_named(
    catalogue: Catalogue, file: str, line: int, row: str, column: str, value: str, problem: str
) -> None:
    catalogue.replace(file, line, row)
    (refusal,) = refusals(catalogue)
    assert (refusal.file, refusal.line, refusal.column, refusal.value) == (f"{file}.csv", line, column, value)
    assert problem in str(refusal)


ROWS = [
    # Unknown keys.
    ("subscriptions", "212661000003,C3,PLUS,active,,", 5, "customer_id", "C3", "unknown in customers.csv"),
    ("subscriptions", "212661000003,C1,GONE,active,,", 5, "plan_code", "GONE", "unknown in rate_plans.csv"),
    (
        "rates",
        RATE.replace("SMS", "FAX").format("", "", "flat", 1, 1),
        8,
        "product_code",
        "FAX",
        "unknown in products.csv",
    ),
    (
        "rates",
        RATE.replace("FRANCE", "MOON").format("", "", "flat", 1, 1),
        8,
        "zone",
        "MOON",
        "unknown in destinations.csv",
    ),
    ("rates", "BASIC,SMS,,NOON,,,flat,1,1,,,,,,,", 8, "time_band", "NOON", "unknown in time_bands.csv"),
    ("allowances", "BASIC,MORE,SMS,MOON,units,1,day,subscription,1", 5, "zone", "MOON", "unknown in destinations.csv"),
    ("discounts", "NEW,,C9,,usage,,1,,,,", 4, "customer_id", "C9", "unknown in customers.csv"),
    ("fees", "NEW,GONE,1,invoice,false,true", 4, "plan_code", "GONE", "unknown in rate_plans.csv"),
    # Ranges of days.
    ("subscriptions", "212661000001,C2,PLUS,active,2024-06-01,", 5, "valid_from", "2024-06-01", "overlaps line 3"),
    ("subscriptions", "212661000001,C2,PLUS,suspended,,2023-01-02", 5, "valid_from", "", "overlaps line 2"),
    (
        "subscriptions",
        "212661000003,C2,PLUS,active,2024-01-01,2024-01-01",
        5,
        "valid_to",
        "2024-01-01",
        "not after valid_from",
    ),
    ("rates", "BASIC,CALL,,,2024-01-01,2024-01-02,flat,1,1,,,,,,,", 8, "valid_from", "2024-01-01", "overlaps line 2"),
    ("tax_rates", "standard,0.1,2029-12-31,2030-01-01", 4, "valid_from", "2029-12-31", "overlaps line 2"),
    ("destinations", "336,MOROCCO,212,,2025-01-01,", 7, "valid_from", "2025-01-01", "overlaps line 4"),
    ("destinations", "141,HELP,SHORT,,2025-01-01,", 7, "valid_from", "2025-01-01", "overlaps line 5"),
    (
        "discounts",
        "LOYAL,,,business,usage,,1,,,2024-01-31,2024-02-01",
        4,
        "valid_from",
        "2024-01-31",
        "overlaps line 2",
    ),
    ("number_portability", "212661000009,Orange,2024-01-01,", 3, "valid_from", "2024-01-01", "overlaps line 2"),
    # Keys.
    ("customers", "C1,Someone,,,,,false", 4, "customer_id", "C1", "repeats line 2"),
    ("rate_plans", "EURO,Euro,EUR,false,10,arrears,false,postpaid", 5, "plan_code", "EURO", "repeats line 4"),
    ("fees", "CARD,,2,invoice,false,true", 4, "plan_code", "", "repeats line 3"),
    ("holidays", "2024-05-01,Again", 3, "date", "2024-05-01", "repeats line 2"),
    ("allowances", "PLUS,FREE_CALLS,CALL,,units,3600,month,customer,10", 5, "zone", "", "repeats line 2"),
    ("rate_tiers", "PLUS,CALL,,,,60,60,0.3,", 5, "up_to", "60", "repeats line 2"),
    ("rate_tiers", "PLUS,DATA,,,,,1,0.3,", 5, "up_to", "", "repeats line 4"),
    # Products and rates.
    ("products", "CALL_2,voice,onnet,byte,", 7, "unit", "byte", "write second"),
    ("products", "CALL_2,voice,,second,", 7, "traffic_class", "", "is ambiguous: line 2"),
    ("rates", RATE.format("", "", "flat", 1, ""), 8, "price", "", "needs a price"),
    ("rates", RATE.format("", "", "package", 1, ""), 8, "price", "", "needs a price"),
    ("rates", RATE.format("", "", "volume", 1, ""), 8, "model", "volume", "has no tiers"),
    ("rates", "BASIC,SMS,FRANCE,,,,flat,1,1,,,,2,1,,", 8, "minimum_charge", "2.000000", "above maximum_charge"),
    ("rates", "BASIC,SMS,FRANCE,,,,package,1,1,,,,,1,month,", 8, "maximum_charge", "1.000000", "tier_scope is month"),
    # Units that divide each other, and few enough of them.
    ("rates", "BASIC,SMS,FRANCE,,,,flat,1000000000001,1,,,,,,,", 8, "unit_size", "1000000000001", "above 10^12"),
    ("rates", "BASIC,SMS,FRANCE,,,,flat,1,1,,1000000000001,,,,,", 8, "first_increment", "1000000000001", "above 10^12"),
    ("rates", "BASIC,SMS,FRANCE,,,,flat,1,1,,,1000000000001,,,,", 8, "next_increment", "1000000000001", "above 10^12"),
    ("rate_tiers", "PLUS,DATA,,,,5,1000000000001,1,", 5, "unit_size", "1000000000001", "above 10^12"),
    ("rate_tiers", "BASIC,CALL,,,2024-02-01,,1,1,", 5, "product_code", "CALL", "no graduated or volume rate"),
    # Accounts.
    ("subscriptions", "212661000003,C1,EURO,active,,", 5, "plan_code", "EURO", "one currency"),
    ("discounts", "NEW,,,,usage,,,,,,", 4, "percent", "", "fill in one"),
    ("discounts", "NEW,,,,usage,,5,5,,,", 4, "percent", "5.000000", "leave one empty"),
    ("discounts", "NEW,,,,invoice,CALL,5,,,,", 4, "product_code", "CALL", "cannot restrict"),
    # Allowances.
    (
        "allowances",
        "PLUS,FREE_CALLS,CALL,FRANCE,units,3601,month,customer,10",
        5,
        "quantity",
        "3601.000000",
        "differs from line 2",
    ),
    ("allowances", "PLUS,FREE_CALLS,CALL,FRANCE,units,3600,day,customer,10", 5, "period", "day", "differs from line 2"),
    ("allowances", "BASIC,MORE,SMS,,units,1.5,day,subscription,1", 5, "quantity", "1.500000", "no whole number"),
    ("allowances", "BASIC,MORE,,,units,1,day,subscription,1", 5, "product_code", None, "count message and second"),
    # Abroad data has a zone too.
    ("allowances", "PLUS,MORE,,FRANCE,units,1,day,subscription,1", 5, "product_code", None, "count byte and second"),
]


@pytest.mark.parametrize(("file", "row", "line", "column", "value", "problem"), ROWS)
def test_a_row_that_does_not_fit_the_others_is_named(
    catalogue: Catalogue, file: str, row: str, line: int, column: str, value: str | None, problem: str
) -> None:
    catalogue.add(file, row)
    (refusal,) = refusals(catalogue)
    assert (refusal.file, refusal.line, refusal.column, refusal.value) == (f"{file}.csv", line, column, value)
    assert problem in str(refusal)


def test_a_flat_rate_has_no_tiers_that_a_scope_or_basis_could_be_about(catalogue: Catalogue) -> None:
    catalogue.add("rates", "BASIC,SMS,FRANCE,,,,flat,1,1,,,,0.5,1,month,all")
    read_reference(catalogue.directory)


BANDED = "PLUS,CALL,FRANCE,PEAK,,,flat,1,0.1,,,,{},{},,"


def test_no_event_is_limited_that_a_rate_of_the_month_may_charge_a_part_of(catalogue: Catalogue) -> None:
    # PLUS prices CALL by tiers of the month already.
    catalogue.add("rates", BANDED.format("", ""), "PLUS,CALL,MOROCCO,,,,flat,1,0.1,,,,0.5,1,,")
    found = [(one.file, one.line, one.column, one.value) for one in refusals(catalogue)]
    assert found == [
        ("rates.csv", 9, "maximum_charge", "1.000000"),
        ("rates.csv", 9, "minimum_charge", "0.500000"),
    ]
    assert "part by line 6, whose tier_scope is month" in refusals(catalogue)[0].problem


@pytest.mark.parametrize(
    "rates",
    [
        ["PLUS,CALL,MOROCCO,,,,flat,1,0.1,,,,0.5,1,,"],
        [BANDED.format("", ""), "PLUS,CALL_ABROAD,MOROCCO,,,,flat,1,0.1,,,,0.5,1,,"],
        ["BASIC,CALL_ABROAD,,PEAK,,,flat,1,0.1,,,,0.5,1,,"],
    ],
    ids=["no bands", "another product", "no tiers of the month"],
)
def test_an_event_of_one_rate_may_be_limited(catalogue: Catalogue, rates: list[str]) -> None:
    catalogue.add("rates", *rates)
    read_reference(catalogue.directory)


@pytest.mark.parametrize(
    ("sizes", "is_refused"),
    [
        (["1000000000", "1000000"], False),
        # 10^9 and 1000 are one in the other; 10^9 and 1001 make 1.001 * 10^12.
        (["1000000000", "1000"], False),
        (["1000000000", "1001"], True),
        (["999999999989", "999999999961", "999999999959", "999999999937"], True),
    ],
)
@pytest.mark.parametrize("is_tiered", [False, True])
def test_units_of_one_product_need_a_common_multiple(
    catalogue: Catalogue, sizes: list[str], is_refused: bool, is_tiered: bool
) -> None:
    if is_tiered:
        catalogue.add("rate_tiers", *(f"PLUS,DATA,,,,{number},{size},1," for number, size in enumerate(sizes, 1)))
    else:
        rate = "EURO,DATA,,,20{:02}-01-01,20{:02}-02-01,{},{},1,,,,,,,"
        models = ("flat", "package") * 2
        catalogue.add(
            "rates",
            *(
                rate.format(year, year, model, size)
                for year, (size, model) in enumerate(zip(sizes, models, strict=False), 1)
            ),
        )
    if not is_refused:
        read_reference(catalogue.directory)
        return
    (refusal,) = refusals(catalogue)
    assert (refusal.file, refusal.line, refusal.column) == ("rates.csv", 7 if is_tiered else 8, "unit_size")
    assert "no common multiple up to 10^12" in refusal.problem


def test_prefixes_of_numbers_short_codes_and_networks_may_be_alike(catalogue: Catalogue) -> None:
    catalogue.add("destinations", "208,ABROAD,PLMN,,,", "208,HELP,SHORT,,,", "208,OTHER,20,,,", "20801,ABROAD,PLMN,,,")
    read_reference(catalogue.directory)
    catalogue.add("destinations", "208,OTHER,PLMN,,2025-01-01,")
    (refusal,) = refusals(catalogue)
    assert (refusal.line, refusal.column) == (11, "valid_from")
    assert "overlaps line 7" in refusal.problem


def test_tiered_rates_take_their_prices_from_the_tiers(catalogue: Catalogue) -> None:
    catalogue.replace("rates", 6, "PLUS,CALL,,,,,graduated,,0.5,0.4,,,,,month,all")
    (refusal,) = refusals(catalogue)
    assert (refusal.file, refusal.line, refusal.column, refusal.value) == ("rates.csv", 6, "price", "0.500000000")


def test_tiers_must_reach_to_the_end(catalogue: Catalogue) -> None:
    catalogue.replace("rate_tiers", 3, "PLUS,CALL,,,,120,60,0.1,")
    (refusal,) = refusals(catalogue)
    assert (refusal.file, refusal.line, refusal.column, refusal.value) == ("rate_tiers.csv", 3, "up_to", "120")


def test_a_tier_needs_a_price_or_a_flat_fee(catalogue: Catalogue) -> None:
    catalogue.replace("rate_tiers", 3, "PLUS,CALL,,,,,60,,")
    (refusal,) = refusals(catalogue)
    assert (refusal.file, refusal.line, refusal.column) == ("rate_tiers.csv", 3, "price")


@pytest.mark.parametrize(
    ("band", "is_ambiguous"),
    [
        ("LUNCH,3,12:00,13:00,,10", True),
        ("LUNCH,3,12:00,13:00,,11", False),
        ("LUNCH,6,12:00,13:00,,10", False),
        ("LUNCH,3,19:00,20:00,,10", False),
        ("LUNCH,2,23:00,08:01,,10", True),
        ("LUNCH,7,23:00,08:01,,10", True),
        ("LUNCH,5,23:00,08:01,,10", False),
        # A holiday is on some day of the week: on Saturdays of the one, on Saturdays and any holiday of the other.
        ("LUNCH,6,12:00,13:00,,20", True),
        ("LUNCH,3,12:00,13:00,,20", True),
        ("LUNCH,3,12:00,13:00,false,20", False),
        ("LUNCH,5,23:00,08:00,false,20", True),
    ],
)
def test_bands_of_one_priority_must_not_meet_where_a_plan_prices_both(
    catalogue: Catalogue, band: str, is_ambiguous: bool
) -> None:
    catalogue.add("time_bands", band)
    priority = band[-2:]
    catalogue.add("rates", "BASIC,CALL_ABROAD,FRANCE,LUNCH,,,flat,1,0.01,,,,,,,")
    if priority == "20":
        catalogue.add("rates", "BASIC,CALL_ABROAD,FRANCE,NIGHT,,,flat,1,0.01,,,,,,,")
    if not is_ambiguous:
        read_reference(catalogue.directory)
        return
    found = refusals(catalogue)
    assert {(one.file, one.line, one.column, one.value) for one in found} == {
        ("time_bands.csv", 5, "priority", priority)
    }


@pytest.mark.parametrize(
    ("band", "told"),
    [
        ("LUNCH,3,12:00,13:00,,20", "at the same hours of holidays, and"),
        ("LUNCH,6,12:00,13:00,,20", "at the same hours, and"),
    ],
)
def test_bands_that_meet_on_holidays_only_are_told_so(catalogue: Catalogue, band: str, told: str) -> None:
    catalogue.add("time_bands", band)
    for name in ("LUNCH", "NIGHT"):
        catalogue.add("rates", f"BASIC,CALL_ABROAD,FRANCE,{name},,,flat,1,0.01,,,,,,,")
    (refusal,) = refusals(catalogue)
    assert told in refusal.problem


def test_bands_of_one_priority_may_meet_where_the_prices_are_of_other_days(catalogue: Catalogue) -> None:
    catalogue.add("time_bands", "LUNCH,3,12:00,13:00,,10")
    catalogue.add("rates", "BASIC,CALL_ABROAD,FRANCE,LUNCH,2020-01-01,2023-01-01,flat,1,0.01,,,,,,,")
    read_reference(catalogue.directory)


@pytest.mark.parametrize("name", ["customers", "subscriptions", "rate_plans", "products", "rates"])
def test_a_file_without_which_nothing_is_rated_must_be_there(catalogue: Catalogue, name: str) -> None:
    catalogue.path(name).unlink()
    (refusal,) = refusals(catalogue)
    assert str(refusal).startswith(f"{name}.csv: is missing")


def test_a_missing_optional_file_is_an_empty_one(catalogue: Catalogue) -> None:
    catalogue.path("holidays").unlink()
    catalogue.path("number_portability").write_text("msisdn,operator,valid_from,valid_to\n")
    tables = read_reference(catalogue.directory).tables
    assert tables["holidays"].num_rows == tables["number_portability"].num_rows == 0


def test_cells_may_be_empty_where_the_file_they_refer_to_has_no_rows(catalogue: Catalogue) -> None:
    # No NULL is in an empty list, yet `NULL NOT IN (…)` of an empty one is true.
    for name in ("destinations", "time_bands"):
        catalogue.path(name).unlink()
    catalogue.write(
        "allowances", catalogue.lines("allowances")[0] + "\nBASIC,FREE,CALL,,units,60,day,subscription,20\n"
    )
    rows = [line for line in catalogue.lines("rates") if "FRANCE" not in line]
    catalogue.write("rates", "\n".join(rows) + "\n")
    assert read_reference(catalogue.directory).tables["rates"].num_rows == len(rows) - 1


@pytest.mark.parametrize(
    ("header", "column", "problem"),
    [
        ("date,nom", "name", "is missing"),
        ("date,name,nom", "nom", "no column of this file"),
        ("date,name,name", "name", "stands there twice"),
    ],
)
def test_a_header_must_name_exactly_the_columns(catalogue: Catalogue, header: str, column: str, problem: str) -> None:
    catalogue.replace("holidays", 1, header)
    found = [one for one in refusals(catalogue) if problem in one.problem and one.column == column]
    assert [(one.file, one.line) for one in found] == [("holidays.csv", 1)]


def test_an_empty_file_lacks_its_header(catalogue: Catalogue) -> None:
    catalogue.write("holidays", "")
    (refusal,) = refusals(catalogue)
    assert str(refusal).startswith("holidays.csv: has no header: the first line must be date,name")


def test_columns_may_stand_in_any_order_and_a_byte_order_mark_is_fine(catalogue: Catalogue) -> None:
    expected = read_reference(catalogue.directory).tables["holidays"]
    catalogue.path("holidays").write_bytes("\ufeffname,date\r\nLabour Day,2024-05-01\r\n\r\n".encode())
    assert read_reference(catalogue.directory).tables["holidays"].equals(expected)


@pytest.mark.parametrize("name", ["customers", "holidays"])
def test_a_file_is_read_alike_whether_or_not_a_cell_needs_the_careful_reader(catalogue: Catalogue, name: str) -> None:
    expected = read_directory(catalogue.directory).tables[name]
    header, *lines = catalogue.lines(name)
    spare = ",".join(f'"a\nb {cell}"' for cell in header.split(","))
    catalogue.write(name, "\n".join([header, *lines, spare]) + "\n")
    careful = read_directory(catalogue.directory).tables[name]
    assert careful.slice(0, len(lines)).to_pylist() == expected.to_pylist()
    assert expected["line"].to_pylist() == list(range(2, len(lines) + 2))


def test_lines_count_as_an_editor_counts_them_below_a_cell_of_several_lines(catalogue: Catalogue) -> None:
    catalogue.replace("customers", 2, 'C1,Amina,,,,"1, Rue X\nOujda",false')
    catalogue.add("customers", "C4,Someone,,,,,maybe")
    (refusal,) = refusals(catalogue)
    assert (refusal.line, refusal.value) == (5, "maybe")


@pytest.mark.parametrize(
    ("content", "line", "problem"),
    [
        (b"date,name\n2024-05-01,F\xeate\n", 2, "not UTF-8"),
        (b"date,name\n2024-05-01,a\n2024-05-02\n", 3, "has 1 cells, the header has 2"),
        (b'date,name\n2024-05-01,"open\n', 2, "not CSV"),
        (b'"date,name\n2024-05-01,open\n', 2, "not CSV"),
        (b"date,name\n2024-05-01,a\x00\n", 2, "NUL"),
    ],
)
def test_a_file_that_is_no_csv_is_named_with_the_line(
    catalogue: Catalogue, content: bytes, line: int, problem: str
) -> None:
    catalogue.path("holidays").write_bytes(content)
    (refusal,) = refusals(catalogue)
    assert (refusal.file, refusal.line) == ("holidays.csv", line)
    assert problem in refusal.problem


def test_all_refusals_come_in_one_error_that_shows_twenty(catalogue: Catalogue) -> None:
    catalogue.add("holidays", *(f"2024-06-{day},x" for day in range(31, 56)))
    with pytest.raises(ReferenceDataError) as caught:
        read_reference(catalogue.directory)
    assert len(caught.value.refusals) == 25
    assert str(caught.value).splitlines()[0].startswith("25 refusals in ")
    assert "… and 5 more" in str(caught.value)
    assert len(str(caught.value).splitlines()) == 22


def test_one_refusal_is_one_line(catalogue: Catalogue) -> None:
    catalogue.replace("tax_rates", 2, "standard,20,,2030-01-01")
    with pytest.raises(ReferenceDataError) as caught:
        read_reference(catalogue.directory)
    assert str(caught.value).startswith('tax_rates.csv, line 2, column rate "20": is above 1: write 0.2 for 20 %')
    assert "\n" not in str(caught.value)


def test_a_directory_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is no directory"):
        read_reference(tmp_path / "nowhere")
    with pytest.raises(InputError, match="holds no reference files"):
        read_reference(tmp_path)


def test_csv_files_that_are_no_reference_table_are_told_not_read(catalogue: Catalogue) -> None:
    shutil.copy(catalogue.path("rate_tiers"), catalogue.path("rate_tier"))
    assert read_reference(catalogue.directory).ignored_files == ("rate_tier.csv",)


def test_the_hash_of_the_content_knows_rows_not_their_order(catalogue: Catalogue) -> None:
    before = content_hash(read_reference(catalogue.directory).tables)
    lines = catalogue.lines("destinations")
    catalogue.write("destinations", "\n".join([lines[0], *reversed(lines[1:])]))
    assert content_hash(read_reference(catalogue.directory).tables) == before
    catalogue.add("destinations", "34,SPAIN,34,,,")
    assert content_hash(read_reference(catalogue.directory).tables) != before
