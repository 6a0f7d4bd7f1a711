"""The Dagster UI as a user starts it: the graph by layer, and what the page of an asset shows."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from telecom_cdr import tables
from telecom_cdr.lakehouse.month_checks import CHECKED, blocking_checks, warning_checks
from telecom_cdr.tables.rated import USAGE
from telecom_cdr_tests import browser
from telecom_cdr_tests.defs.conftest import LAST, MONTHS
from telecom_cdr_tests.defs.servers import Ui, running_ui
from telecom_cdr_tests.product import Product

pytestmark = pytest.mark.slow

LAYERS: Final = ("raw", "mediated", "rated", "invoices", "reports", "assurance", "reference")
_NODES: Final = """{ assetNodes {
  assetKey { path } groupName kinds description
  owners { ... on TeamAssetOwner { team } }
  partitionStats { numMaterialized numFailed }
  assetMaterializations(limit: 1) { partition metadataEntries { label ... on IntMetadataEntry { intValue } } }
  assetChecksOrError { ... on AssetChecks { checks {
    name blocking executionForLatestMaterialization { status } } } }
} }"""
_AUTOMATION: Final = """{
  schedulesOrError(repositorySelector: {repositoryName: "__repository__", repositoryLocationName: "telecom_cdr"}) {
    ... on Schedules { results { name description scheduleState { status } } } }
  sensorsOrError(repositorySelector: {repositoryName: "__repository__", repositoryLocationName: "telecom_cdr"}) {
    ... on Sensors { results { name description sensorState { status } } } }
}"""
_PNG: Final = b"\x89PNG"


@pytest.fixture(scope="module")
def ui(billed: Product) -> Iterator[Ui]:
    """The UI on the billed lake."""
    with running_ui(billed) as started:
        yield started


@pytest.fixture(scope="module")
def nodes(ui: Ui) -> dict[str, dict[str, Any]]:
    """Every asset as the UI gets it, by its path."""
    return {"/".join(node["assetKey"]["path"]): node for node in ui.ask(_NODES)["assetNodes"]}


def test_the_graph_has_every_table_in_the_group_of_its_layer(nodes: dict[str, dict[str, Any]]) -> None:
    assert {path: node["groupName"] for path, node in nodes.items()} == {
        table.path: table.layer for table in tables.ALL
    }
    for node in nodes.values():
        assert node["owners"][0]["team"]
        assert "deltalake" in node["kinds"]
        assert node["description"]


def test_months_made_on_the_command_line_are_materialised_in_the_ui(nodes: dict[str, dict[str, Any]]) -> None:
    for table in CHECKED:
        if table.layer != "raw":
            assert nodes[table.path]["partitionStats"] == {"numMaterialized": len(MONTHS), "numFailed": 0}


def test_row_counts_and_checks_of_the_newest_month_are_shown(billed: Product, nodes: dict[str, dict[str, Any]]) -> None:
    for table in (table for table in CHECKED if table.layer != "raw"):
        (newest,) = nodes[table.path]["assetMaterializations"]
        assert newest["partition"] == LAST
        counts = {entry["label"]: entry.get("intValue") for entry in newest["metadataEntries"]}
        assert counts["dagster/row_count"] == billed.catalog.read(table, LAST).num_rows
        checks = nodes[table.path]["assetChecksOrError"]["checks"]
        assert {check["name"] for check in checks} == {*blocking_checks(table), *warning_checks(table)}
        for check in checks:
            is_blocking = check["name"] in blocking_checks(table)
            assert check["blocking"] == is_blocking
            # What blocks has passed; a warning stands where there is something to warn of.
            assert not is_blocking or check["executionForLatestMaterialization"]["status"] == "SUCCEEDED"


def test_schedule_and_sensors_are_there_and_off(ui: Ui) -> None:
    found = ui.ask(_AUTOMATION)
    (schedule,) = found["schedulesOrError"]["results"]
    assert (schedule["scheduleState"]["status"], bool(schedule["description"])) == ("STOPPED", True)
    sensors = found["sensorsOrError"]["results"]
    assert {sensor["name"] for sensor in sensors} == {"new_files", "new_messages"}
    assert all(sensor["sensorState"]["status"] == "STOPPED" and sensor["description"] for sensor in sensors)


def test_the_ui_starts_without_a_warning(ui: Ui) -> None:
    assert "Warning" not in ui.log.read_text()


def test_the_page_of_the_graph_shows_every_layer(ui: Ui, chromium: str, tmp_path: Path) -> None:
    page = browser.text_of(chromium, f"{ui.url}/asset-groups", tmp_path)
    for layer in LAYERS:
        assert f">{layer}<" in page
    assert "Join the Dagster community" not in page
    browser.screenshot(chromium, f"{ui.url}/asset-groups", tmp_path / "graph.png")
    assert (tmp_path / "graph.png").read_bytes().startswith(_PNG)


def test_the_page_of_an_asset_shows_its_columns_with_descriptions_and_its_row_count(
    billed: Product, ui: Ui, chromium: str, tmp_path: Path
) -> None:
    page = browser.text_of(chromium, f"{ui.url}/assets/rated/usage?view=overview", tmp_path)
    assert USAGE.grain in page
    for column in USAGE.columns:
        assert column.name in page
    for words in ("Charged subscriber, E.164 digits.", "Row count", "non-nullable", "decimal(18,9)", "personal"):
        assert words in page
    assert f">{billed.catalog.read(USAGE, LAST).num_rows}<" in page


def test_the_page_of_an_asset_shows_its_checks(ui: Ui, chromium: str, tmp_path: Path) -> None:
    page = browser.text_of(chromium, f"{ui.url}/assets/rated/usage?view=checks", tmp_path)
    for name in blocking_checks(USAGE):
        assert name in page
    assert "Passed" in page
