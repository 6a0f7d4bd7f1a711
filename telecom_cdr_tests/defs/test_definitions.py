"""The code location as a whole: it loads without a warning, and says everything the declared tables say."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from dagster import AssetKey, AssetSpec, IdentityPartitionMapping, TableSchema

from telecom_cdr import tables
from telecom_cdr.definitions import defs
from telecom_cdr.defs.partitions import BILLING_MONTHS
from telecom_cdr.lakehouse.month_checks import CHECKED, blocking_checks, warning_checks
from telecom_cdr.tables.model import Table

ROOT = Path(__file__).parents[2]
GRAPH = defs.resolve_asset_graph()
SPECS: dict[AssetKey, AssetSpec] = {spec.key: spec for spec in defs.resolve_all_asset_specs()}
MONTHLY = [table for table in tables.ALL if table.is_monthly]
every_table = pytest.mark.parametrize("table", tables.ALL, ids=lambda table: table.path)


def _key(table: Table) -> AssetKey:
    return AssetKey([table.layer, table.name])


def test_the_location_loads_without_a_warning_of_any_kind() -> None:
    command = [sys.executable, "-W", "error", "-c", "import telecom_cdr.definitions as d; d.defs.resolve_asset_graph()"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout + done.stderr == ""


def test_the_location_has_one_name_everywhere() -> None:
    (location,) = yaml.safe_load((ROOT / "workspace.yaml").read_text())["load_from"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["dg"]["project"]
    module = location["python_module"]
    assert module["location_name"] == project["code_location_name"]
    assert module["module_name"] == project["code_location_target_module"]


def test_every_declared_table_is_an_asset_and_every_asset_a_declared_table() -> None:
    assert set(SPECS) == {_key(table) for table in tables.ALL}


@every_table
def test_an_asset_says_what_its_table_is(table: Table) -> None:
    spec = SPECS[_key(table)]
    assert spec.group_name == table.layer
    assert "deltalake" in spec.kinds
    assert spec.owners
    assert all(owner.startswith("team:") for owner in spec.owners)
    assert spec.description is not None
    assert spec.description.splitlines()[0] == table.grain
    assert spec.metadata["dagster/table_name"] == table.path
    retention = f"{table.retention_days} days" if table.retention_days else "for ever"
    assert spec.metadata["retention"] == retention


@every_table
def test_an_asset_shows_every_column_with_its_words(table: Table) -> None:
    schema = SPECS[_key(table)].metadata["dagster/column_schema"]
    assert isinstance(schema, TableSchema)
    assert [column.name for column in schema.columns] == list(table.column_names)
    for shown, declared in zip(schema.columns, table.columns, strict=True):
        assert shown.description
        assert shown.description.startswith(declared.description)
        assert shown.constraints.nullable == declared.nullable
        assert ("personal" in (shown.tags or {})) == declared.personal
        assert not declared.unit or f"Unit: {declared.unit}." in shown.description


def test_every_monthly_table_that_an_asset_writes_has_the_one_partitioning() -> None:
    of_the_system = (tables.assurance.VERDICTS, tables.assurance.VERIFICATIONS, tables.invoices.BILLING_PERIODS)
    written_by_the_system = {_key(table) for table in of_the_system}
    for table in MONTHLY:
        if _key(table) not in written_by_the_system:
            assert SPECS[_key(table)].partitions_def == BILLING_MONTHS, table.path
    for table in tables.reference.TABLES:
        assert SPECS[_key(table)].partitions_def is None


def test_a_month_depends_on_the_same_month_only() -> None:
    for node in GRAPH.asset_nodes:
        if node.partitions_def is None:
            continue
        for parent in node.parent_keys:
            if GRAPH.get(parent).partitions_def is not None:
                mapping = GRAPH.get_partition_mapping(node.key, parent)
                assert isinstance(mapping, IdentityPartitionMapping) or _is_same_month(mapping), (node.key, parent)


def _is_same_month(mapping: object) -> bool:
    offsets = (getattr(mapping, "start_offset", None), getattr(mapping, "end_offset", None))
    return offsets == (0, 0)


def test_lineage_goes_from_layer_to_layer() -> None:
    order = ("reference", "raw", "mediated", "rated", "invoices", "reports", "assurance")
    for key, spec in SPECS.items():
        for dependency in spec.deps:
            assert order.index(dependency.asset_key.path[0]) <= order.index(key.path[0])
    downstream = {key.path[0] for key in GRAPH.get(_key(tables.raw.CDRS)).child_keys}
    assert downstream == {"mediated", "assurance"}


@pytest.mark.parametrize("table", CHECKED, ids=lambda table: table.path)
def test_every_checked_table_has_its_checks_with_descriptions(table: Table) -> None:
    specs = {
        spec.name: spec
        for checks in defs.asset_checks or ()
        for spec in checks.check_specs
        if spec.asset_key == _key(table)
    }
    assert tuple(specs) == (*blocking_checks(table), *warning_checks(table))
    assert {"schema", "key_is_unique", "not_null"} <= set(specs)
    for name, spec in specs.items():
        assert spec.blocking == (name in blocking_checks(table))
        assert spec.description
        assert spec.partitions_def == BILLING_MONTHS


def test_every_monthly_table_that_the_next_layer_reads_is_checked() -> None:
    not_read = {*tables.assurance.TABLES, tables.invoices.BILLING_PERIODS}
    assert set(CHECKED) >= set(MONTHLY) - not_read - {tables.raw.FILES}


def test_the_jobs_are_named_for_the_business_act_and_described() -> None:
    jobs = {job.name: job for job in defs.jobs or ()}
    assert set(jobs) >= {"ingest", "bill_month"}
    for name in ("ingest", "bill_month"):
        assert jobs[name].description
        assert defs.resolve_job_def(name).partitions_def == BILLING_MONTHS


def test_billing_a_month_starts_at_mediation_and_never_ingests() -> None:
    billed = {key.path[0] for key in defs.resolve_job_def("bill_month").asset_layer.selected_asset_keys}
    assert billed == {"mediated", "rated", "invoices", "reports", "assurance"}
    assert defs.resolve_job_def("ingest").asset_layer.selected_asset_keys == {_key(tables.raw.CDRS)}


def test_the_months_go_to_the_current_one() -> None:
    keys = BILLING_MONTHS.get_partition_keys()
    assert keys[0] == "2024-01"
    assert keys == sorted(keys)
    assert all(len(key) == len("2024-01") for key in keys)
