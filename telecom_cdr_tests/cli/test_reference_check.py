"""`reference check`: what is wrong or odd in a tariff, told with file and line; nothing is loaded."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from telecom_cdr.reference.review import Finding, Gravity, review
from telecom_cdr_tests.builders import a_reference, write_reference
from telecom_cdr_tests.cli.refusals import refused
from telecom_cdr_tests.product import Product

Rows = Sequence[Mapping[str, str]]

CATALOGUE = Path(__file__).parents[2] / "sql" / "reference"
VOICE, SMS = {"product_code": "VOICE"}, {"product_code": "SMS"}
DATA = {"product_code": "DATA"}
ALL_PRODUCTS: Rows = [
    {"product_code": "VOICE", "service_type": "voice"},
    {"product_code": "SMS", "service_type": "sms"},
    {"product_code": "DATA", "service_type": "data"},
    {"product_code": "VOICE_ROAMING", "service_type": "voice", "traffic_class": "roaming"},
    {"product_code": "SMS_ROAMING", "service_type": "sms", "traffic_class": "roaming"},
]
ROAMING: Rows = [{"product_code": "VOICE_ROAMING"}, {"product_code": "SMS_ROAMING"}]
ALL_RATES: Rows = [VOICE, SMS, DATA, *ROAMING]
TWO_ZONES: Rows = [{"zone": "MA"}, {"prefix": "33", "zone": "FR", "country_code": "33"}]
WEEKDAYS = {"time_band": "PEAK", "weekdays": "12345", "start_time": "08:00", "end_time": "20:00", "priority": "1"}
ALWAYS = {"time_band": "ALWAYS", "start_time": "00:00", "end_time": "24:00", "priority": "2"}


def found(directory: Path, **tables: Rows) -> list[Finding]:
    """Findings about one plan with a rate for every product, but for the tables given."""
    whole = {"products": ALL_PRODUCTS, "rates": ALL_RATES} | tables
    return review(write_reference(directory, a_reference(**whole)))


def the_one(directory: Path, **tables: Rows) -> Finding:
    """The only finding."""
    (finding,) = found(directory, **tables)
    return finding


def test_a_whole_tariff_has_no_finding(tmp_path: Path) -> None:
    assert found(tmp_path) == []


def test_the_default_catalogue_has_no_error() -> None:
    assert [one for one in review(CATALOGUE) if one.gravity is Gravity.ERROR] == []


def test_a_cell_that_cannot_be_read_is_an_error_and_nothing_else_is_asked(tmp_path: Path) -> None:
    finding = the_one(tmp_path, rates=[{**VOICE, "price": "dear"}])
    assert (finding.gravity, finding.subject, finding.file, finding.line) == (Gravity.ERROR, "refused", "rates.csv", 2)
    assert finding.problem == 'price "dear" is no plain number'
    assert finding.advice.startswith("write digits")


def test_refused_rows_stand_beside_everything_else_that_is_found(tmp_path: Path) -> None:
    twice = [VOICE, VOICE, {**VOICE, "zone": "NOWHERE"}]
    findings = found(tmp_path, rates=[*twice, DATA, *ROAMING])
    assert [(one.gravity, one.subject, one.file, one.line) for one in findings] == [
        (Gravity.ERROR, "unpriced product", "products.csv", 3),
        (Gravity.ERROR, "refused", "rates.csv", 3),
        (Gravity.ERROR, "refused", "rates.csv", 4),
    ]


def test_what_rating_refuses_is_an_error_too(tmp_path: Path) -> None:
    dear = {**VOICE, "price": "999999999"}
    rates = [dear, {**VOICE, "zone": "MA", "unit_size": "1000000"}, SMS, DATA, *ROAMING]
    finding = the_one(tmp_path, rates=rates, destinations=TWO_ZONES)
    assert (finding.gravity, finding.subject, finding.file) == (Gravity.ERROR, "cannot be rated exactly", "rates.csv")
    assert "a price too great for its unit size beside the other unit sizes" in finding.problem
    assert "(plan_code=P1 product_code=VOICE" in finding.problem


YEARS = (
    {"valid_from": "2025-01-01", "valid_to": "2026-01-01"},
    {"valid_from": "2026-02-01"},
)


@pytest.mark.parametrize(
    ("others", "first_day"),
    [
        ([], "2026-01-01"),
        ([{**VOICE, "zone": "MA"}], "2026-01-01"),
        ([{**VOICE, "zone": "MA", "valid_from": "2020-01-01", "valid_to": "2026-01-10"}], "2026-01-01"),
    ],
)
def test_days_between_two_rates_of_one_kind_are_an_error(tmp_path: Path, others: Rows, first_day: str) -> None:
    rates = [*({**VOICE, **year} for year in YEARS), SMS, DATA, *ROAMING, *others]
    (gap,) = [one for one in found(tmp_path, rates=rates, destinations=TWO_ZONES) if one.subject == "gap"]
    assert (gap.gravity, gap.file, gap.line) == (Gravity.ERROR, "rates.csv", 3)
    assert gap.problem.startswith(f"P1 VOICE has no rate from {first_day} until 2026-02-01: line 2 ends")


def test_a_gap_begins_where_the_rate_that_stood_in_ends(tmp_path: Path) -> None:
    zoned = [{**VOICE, "zone": "MA", **year} for year in YEARS]
    general = {**VOICE, "valid_from": "2020-01-01", "valid_to": "2026-01-10"}
    gaps = [one for one in found(tmp_path, rates=[*zoned, general, SMS, DATA, *ROAMING]) if one.subject == "gap"]
    assert [gap.problem.split(":")[0] for gap in gaps] == [
        "P1 VOICE, zone MA has no rate from 2026-01-10 until 2026-02-01"
    ]


@pytest.mark.parametrize(
    ("general", "bands"), [({}, []), ({"time_band": "ALWAYS"}, [ALWAYS])], ids=["any zone", "a band of all hours"]
)
def test_a_more_general_rate_fills_a_gap(tmp_path: Path, general: Mapping[str, str], bands: Rows) -> None:
    zoned = [{**VOICE, "zone": "MA", **year} for year in YEARS]
    rates = [*zoned, {**VOICE, **general}, SMS, DATA, *ROAMING]
    assert found(tmp_path, rates=rates, destinations=TWO_ZONES, time_bands=bands) == []


def test_a_rate_that_ends_while_its_plan_goes_on_is_a_warning(tmp_path: Path) -> None:
    finding = the_one(tmp_path, rates=[{**VOICE, "valid_to": "2027-01-01"}, SMS, DATA, *ROAMING])
    assert (finding.gravity, finding.subject, finding.line) == (Gravity.WARNING, "rate that ends", 2)
    assert "ends on 2027-01-01" in finding.problem


def test_a_product_that_no_plan_prices_is_an_error(tmp_path: Path) -> None:
    finding = the_one(tmp_path, rates=[VOICE, DATA, *ROAMING])
    assert (finding.gravity, finding.file, finding.line) == (Gravity.ERROR, "products.csv", 3)
    assert finding.problem == "SMS is priced in no plan"


def test_what_a_plan_lacks_is_a_warning(tmp_path: Path) -> None:
    plans = [{}, {"plan_code": "P2"}, {"plan_code": "P3"}, {"plan_code": "P4"}]
    numbers = [{"msisdn": f"21266100000{n}", "plan_code": f"P{n}"} for n in (1, 2, 3)]
    second = [{"plan_code": "P2", **rate} for rate in (VOICE, *ROAMING)]
    findings = found(tmp_path, rate_plans=plans, subscriptions=numbers, rates=[*ALL_RATES, *second])
    assert {one.gravity for one in findings} == {Gravity.WARNING}
    assert [(one.line, one.subject, one.problem) for one in findings] == [
        (3, "plan without data rates", "P2 has rates, and none for a data product"),
        (3, "unpriced product", "P2 has no rate for SMS"),
        (4, "plan without rates", "P3 has no rate at all"),
        (5, "plan without rates", "P4 has no rate at all"),
        (5, "plan without subscriptions", "P4 has no active subscription"),
    ]


def test_traffic_that_no_product_serves_is_a_warning(tmp_path: Path) -> None:
    products = [{"product_code": "VOICE", "service_type": "voice", "traffic_class": "onnet"}, *ALL_PRODUCTS[1:]]
    findings = found(tmp_path, products=products)
    assert [one.problem for one in findings] == [
        f"voice of class {name} has no product" for name in ("fixed", "international", "offnet", "special")
    ]


@pytest.mark.parametrize(
    ("product", "zone", "is_reached"),
    [
        ("onnet", "MOBILE", True),
        ("onnet", "FIXED", False),
        ("onnet", "FRANCE", False),
        ("onnet", "HOME", True),
        ("fixed", "FIXED", True),
        ("special", "SHORT", True),
        ("special", "TOLL_FREE", True),
        ("special", "MOBILE", False),
        ("international", "FRANCE", True),
        ("international", "HOME", False),
        ("international", "SHORT", False),
        ("roaming", "FRANCE", True),
        ("roaming", "NETWORK", True),
        ("roaming", "SHORT", False),
    ],
)
def test_a_rate_for_a_zone_that_its_product_never_meets_is_shadowed(
    tmp_path: Path, product: str, zone: str, is_reached: bool
) -> None:
    destinations = [
        {"prefix": "212", "zone": "HOME"},
        {"prefix": "2126", "zone": "MOBILE"},
        {"prefix": "2125", "zone": "FIXED"},
        {"prefix": "21280", "zone": "TOLL_FREE"},
        {"prefix": "150", "zone": "SHORT", "country_code": "SHORT"},
        {"prefix": "33", "zone": "FRANCE", "country_code": "33"},
        {"prefix": "20801", "zone": "NETWORK", "country_code": "PLMN"},
    ]
    products = [*ALL_PRODUCTS, {"product_code": "ONE", "service_type": "sms", "traffic_class": product}]
    products = [row for row in products if not (product == "roaming" and row["product_code"] == "SMS_ROAMING")]
    rates = [row for row in ALL_RATES if row["product_code"] in {one["product_code"] for one in products}]
    rates = [*rates, {"product_code": "ONE"}, {"product_code": "ONE", "zone": zone}]
    findings = found(tmp_path, products=products, rates=rates, destinations=destinations)
    shadowed = [one for one in findings if one.line == len(rates) + 1]
    assert [one.subject for one in shadowed] == ([] if is_reached else ["shadowed rate"])


def test_a_rate_of_any_zone_is_shadowed_by_rates_of_every_zone(tmp_path: Path) -> None:
    rates = [*ALL_RATES, {**VOICE, "zone": "MA"}, {**VOICE, "zone": "FR"}]
    finding = the_one(tmp_path, rates=rates, destinations=TWO_ZONES)
    assert (finding.gravity, finding.subject, finding.line) == (Gravity.WARNING, "shadowed rate", 2)
    later = [*ALL_RATES, {**VOICE, "zone": "MA"}, {**VOICE, "zone": "FR", "valid_from": "2024-01-01"}]
    assert found(tmp_path, rates=later, destinations=TWO_ZONES) == []


def _banded(*bands: str, general: bool = False) -> Rows:
    return [*([VOICE] if general else []), *({**VOICE, "time_band": band} for band in bands), SMS, DATA, *ROAMING]


def test_a_band_that_another_always_outranks_is_shadowed(tmp_path: Path) -> None:
    bands = [{**WEEKDAYS, "priority": "9"}, ALWAYS]
    finding = the_one(tmp_path, rates=_banded("PEAK", "ALWAYS"), time_bands=bands)
    assert (finding.subject, finding.file, finding.line) == ("shadowed rate", "rates.csv", 2)
    assert "another band comes first" in finding.problem
    assert found(tmp_path, rates=_banded("PEAK", "ALWAYS"), time_bands=[WEEKDAYS, ALWAYS]) == []


def test_a_rate_without_a_band_is_shadowed_by_bands_of_all_hours(tmp_path: Path) -> None:
    finding = the_one(tmp_path, rates=_banded("ALWAYS", general=True), time_bands=[ALWAYS])
    assert (finding.subject, finding.line) == ("shadowed rate", 2)
    assert "at every hour a rate of a band comes first" in finding.problem


NIGHT = {"time_band": "NIGHT", "start_time": "20:00", "end_time": "08:00", "priority": "1"}
DAY = {"time_band": "DAY", "start_time": "08:00", "end_time": "20:00", "priority": "1"}
HOLIDAY = [{"date": "2026-01-11"}]


@pytest.mark.parametrize(
    ("bands", "holidays", "first"),
    [
        ([WEEKDAYS], [], "Monday 00:00"),
        ([DAY, NIGHT], HOLIDAY, None),
        ([DAY, {**NIGHT, "end_time": "07:30"}], [], "Monday 07:30"),
        ([DAY, {**NIGHT, "on_holidays": "false"}], [], None),
        ([DAY, {**NIGHT, "on_holidays": "false"}], HOLIDAY, "Monday 00:00, after a holiday"),
        ([{**DAY, "on_holidays": "false"}, NIGHT], HOLIDAY, "Monday 08:00, a holiday"),
        ([DAY, {**NIGHT, "weekdays": "123456"}], [], "Monday 00:00"),
        ([DAY, {**NIGHT, "weekdays": "1234567", "on_holidays": "true"}], HOLIDAY, None),
    ],
)
def test_hours_without_a_rate_are_a_warning(tmp_path: Path, bands: Rows, holidays: Rows, first: str | None) -> None:
    rates = _banded(*(band["time_band"] for band in bands))
    findings = found(tmp_path, rates=rates, time_bands=bands, holidays=holidays)
    assert [(one.subject, one.line, one.problem.rpartition(" is ")[2]) for one in findings] == (
        [("hours without a rate", 2, first)] if first else []
    )


def test_a_band_in_no_rate_is_unused(tmp_path: Path) -> None:
    finding = the_one(tmp_path, time_bands=[ALWAYS])
    assert (finding.subject, finding.file, finding.line) == ("unused time band", "time_bands.csv", 2)


def test_a_zone_without_a_rate_is_unused(tmp_path: Path) -> None:
    rates = [*({**rate, "zone": "MA"} for rate in (VOICE, SMS, *ROAMING)), DATA]
    more = [{"prefix": f"33{digit}", "zone": "FR", "country_code": "33"} for digit in range(6)]
    finding = the_one(tmp_path, rates=rates, destinations=[*TWO_ZONES, *more])
    assert (finding.gravity, finding.subject, finding.file) == (
        Gravity.WARNING,
        "unused destination",
        "destinations.csv",
    )
    assert finding.line == 3
    assert finding.problem == "zone FR has no rate in any plan; its prefixes: 33, 330, 331, 332, 333 and 2 more"


def test_a_network_at_home_is_an_unused_destination(tmp_path: Path) -> None:
    finding = the_one(tmp_path, destinations=[{}, {"prefix": "60401", "zone": "MA", "country_code": "PLMN"}])
    assert (finding.subject, finding.line) == ("unused destination", 3)


@pytest.mark.parametrize(
    ("covered", "is_useless"),
    [
        ({"product_code": "VOICE"}, False),
        ({"product_code": "VOICE", "zone": "FR"}, True),
        ({"product_code": "VOICE", "zone": "MA"}, False),
        ({"zone": "FR"}, False),
        ({"product_code": "VIDEO"}, True),
        ({"product_code": "DATA", "zone": "FR"}, True),
        ({"product_code": "DATA", "zone": "MA"}, False),
    ],
)
def test_an_allowance_that_covers_nothing_priced_is_a_warning(
    tmp_path: Path, covered: Mapping[str, str], is_useless: bool
) -> None:
    products = [*ALL_PRODUCTS, {"product_code": "VIDEO", "service_type": "data"}]
    rates = [{**VOICE, "zone": "MA"}, SMS, DATA, {**DATA, "zone": "MA"}, *ROAMING]
    second = [{"plan_code": "P2", **rate} for rate in [*ALL_RATES, {"product_code": "VIDEO"}]]
    findings = found(
        tmp_path,
        rate_plans=[{}, {"plan_code": "P2"}],
        products=products,
        rates=[*rates, *second],
        destinations=TWO_ZONES,
        allowances=[covered],
    )
    useless = [(one.gravity, one.line) for one in findings if one.subject == "allowance for nothing"]
    assert useless == ([(Gravity.WARNING, 2)] if is_useless else [])


def test_a_file_that_is_none_of_the_reference_data_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "rate.csv").write_text("plan_code\n", encoding="utf-8")
    finding = the_one(tmp_path)
    assert (finding.gravity, finding.file, finding.line) == (Gravity.WARNING, "rate.csv", 0)


def test_the_command_reports_and_fails_only_for_errors(fresh: Product, tmp_path: Path) -> None:
    odd = write_reference(tmp_path / "odd", a_reference(products=ALL_PRODUCTS, rates=ALL_RATES, time_bands=[ALWAYS]))
    result = fresh.done("reference", "check", str(odd))
    assert result.exit_code == 0
    wrong = write_reference(tmp_path / "wrong", a_reference(products=ALL_PRODUCTS, rates=[VOICE, DATA, *ROAMING]))
    result = fresh.run("reference", "check", str(wrong), "--format", "csv")
    assert result.exit_code == 1
    (row,) = result.rows
    assert (row["severity"], row["file"], row["line"]) == ("error", "products.csv", "3")
    (told,) = json.loads(fresh.run("reference", "check", str(wrong), "--format", "json").output)
    assert told["problem"] == row["problem"]
    assert not fresh.lake.exists()


def test_the_report_names_file_line_and_what_to_do(fresh: Product, tmp_path: Path) -> None:
    odd = write_reference(tmp_path, a_reference(products=ALL_PRODUCTS, rates=ALL_RATES, time_bands=[ALWAYS]))
    with fresh.start("reference", "check", str(odd)) as process:
        output, errors = process.communicate()
    assert output.splitlines() == [
        "warning  time_bands.csv, line 2: unused time band: ALWAYS stands in no rate",
        "         use it in rates.csv, or take it out",
    ]
    assert errors == f"{odd}: 0 error(s), 1 warning(s)\n"


def test_a_directory_that_is_none_is_told_in_one_line(fresh: Product, tmp_path: Path) -> None:
    assert "is no directory" in refused(fresh, "reference", "check", str(tmp_path / "nowhere"))
