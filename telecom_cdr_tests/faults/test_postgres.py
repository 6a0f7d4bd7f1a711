"""PostgreSQL that is down, is killed in the middle, or refuses: a clear error or a run that goes on; nothing mixed."""

import random
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from telecom_cdr.reference import database
from telecom_cdr.reference.database import LoadResult, Snapshot, load, read_snapshot
from telecom_cdr.reference.errors import DatabaseOutageError
from telecom_cdr.reference.validation import ReferenceData, read_reference
from telecom_cdr.tables import reference
from telecom_cdr_tests.faults.databases import assert_told, held, in_background, product_on, wait_until_held
from telecom_cdr_tests.faults.lakes import finish, finished, wait_for
from telecom_cdr_tests.product import Product
from telecom_cdr_tests.reference import postgres
from telecom_cdr_tests.reference.catalogue import Catalogue
from telecom_cdr_tests.reference.postgres import PostgresServer

pytestmark = pytest.mark.slow

MOMENTS = 4
SPAIN = "34,SPAIN,34,,,"
# The key of a row that the load copies near its end: whoever holds it makes the load wait there.
HOLD_A_LOAD = "INSERT INTO destinations (row_id, prefix, zone, country_code) VALUES (999999, '34', 'SPAIN', '34')"
HOLD_A_SNAPSHOT = "LOCK TABLE rates IN ACCESS EXCLUSIVE MODE"


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """A server that these tests may kill."""
    with postgres.server(postgres.require_binaries()) as running:
        yield running


@pytest.fixture
def url(server: PostgresServer) -> Iterator[str]:
    """URL of an empty database."""
    with server.database("of_one_fault") as url:
        yield url


def rows_in_the_lake(product: Product) -> dict[str, list[dict[str, object]]]:
    return {table.name: product.rows(table.path).to_pylist() for table in reference.TABLES}


def test_a_server_that_is_down_is_told_and_nothing_is_made(server: PostgresServer, catalogue: Catalogue) -> None:
    product = product_on(server.url, catalogue.directory.parent, 1)
    server.kill()
    try:
        result = product.run("reference", "load", str(catalogue.directory))
    finally:
        server.start()
    assert_told(result, "Connection refused", "times in 1 s; nothing is half done")
    assert "trying again for 1 s" in result.errors
    assert not product.catalog.exists


def test_a_command_goes_on_when_the_server_is_started_meanwhile(
    server: PostgresServer, url: str, catalogue: Catalogue
) -> None:
    product = product_on(url, catalogue.directory.parent, 60)
    server.kill()
    try:
        loading = product.start("reference", "load", str(catalogue.directory))
        wait_for(loading, "trying again")
    finally:
        server.start()
    finished(loading)
    assert rows_in_the_lake(product)["destinations"]
    assert read_snapshot(url).version == 1


def test_a_load_whose_server_is_killed_fails_and_leaves_the_old_load(
    server: PostgresServer, url: str, catalogue: Catalogue
) -> None:
    product = product_on(url, catalogue.directory.parent, 0)
    product.done("reference", "load", str(catalogue.directory))
    before, lake_before = read_snapshot(url), rows_in_the_lake(product)
    catalogue.add("destinations", SPAIN)
    with held(url, HOLD_A_LOAD):
        loading = product.start("reference", "load", str(catalogue.directory))
        wait_until_held(server)
        server.kill()
    result = finish(loading)
    server.start()
    assert_told(result, "server closed the connection", "nothing is half done")
    assert read_snapshot(url) == before
    assert rows_in_the_lake(product) == lake_before
    product.done("reference", "load", str(catalogue.directory))
    assert read_snapshot(url).version == 2
    assert SPAIN.split(",")[0] in {row["prefix"] for row in rows_in_the_lake(product)["destinations"]}


def test_a_load_whose_server_comes_back_goes_on_and_lands_once(
    server: PostgresServer, url: str, catalogue: Catalogue
) -> None:
    load(catalogue.directory, url)
    catalogue.add("destinations", SPAIN)
    with held(url, HOLD_A_LOAD):
        result = in_background(lambda: load(catalogue.directory, url, patience_seconds=60))
        wait_until_held(server)
        server.kill()
    server.start()
    loaded = result()
    assert isinstance(loaded, LoadResult)
    assert (loaded.version, loaded.is_new) == (2, True)
    assert SPAIN.split(",")[0] in read_snapshot(url).tables["destinations"]["prefix"].to_pylist()


@pytest.mark.parametrize("patience_seconds", [0, 60])
def test_a_snapshot_whose_server_is_killed_fails_or_is_read_anew(
    server: PostgresServer, url: str, catalogue: Catalogue, patience_seconds: int
) -> None:
    load(catalogue.directory, url)
    before = read_snapshot(url)
    with held(url, HOLD_A_SNAPSHOT):
        result = in_background(lambda: read_snapshot(url, patience_seconds=patience_seconds))
        wait_until_held(server)
        server.kill()
    server.start()
    snapshot = result()
    if patience_seconds:
        assert isinstance(snapshot, Snapshot)
        assert snapshot == before
    else:
        assert isinstance(snapshot, DatabaseOutageError)


def test_a_commit_whose_answer_is_lost_is_found_and_not_made_again(
    url: str, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_once, attempts = database._load_once, []

    def land_and_lose(*arguments: Any) -> tuple[int, bool]:
        attempts.append(arguments)
        landed = load_once(*arguments)
        if len(attempts) == 1:
            raise DatabaseOutageError("the answer is lost")
        return landed

    monkeypatch.setattr(database, "_load_once", land_and_lose)
    result = load(catalogue.directory, url, patience_seconds=60)
    assert (result.version, result.is_new, len(attempts)) == (1, True, 2)
    assert load(catalogue.directory, url).is_new is False


def test_a_server_killed_at_any_moment_of_a_load_holds_the_old_load_or_the_new_one(
    server: PostgresServer, url: str, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    chance = random.Random(seed)
    contents = {}
    for name, prefix in (("one", "34"), ("other", "49")):
        catalogue.add("destinations", f"{prefix},EUROPE,{prefix},,,")
        contents[name] = read_reference(catalogue.directory)
    began = time.monotonic()
    _load(url, contents["other"], monkeypatch)
    longest = time.monotonic() - began
    held_now = "other"
    for part in range(MOMENTS):
        wanted = "one" if held_now == "other" else "other"
        result = in_background(partial(_load, url, contents[wanted], monkeypatch))
        time.sleep((part + chance.random()) * longest / MOMENTS)
        server.kill()
        ended = result()
        server.start()
        # It reads only what is, by its digest, one load.
        found = read_snapshot(url).tables["destinations"].num_rows
        sizes = {name: data.tables["destinations"].num_rows for name, data in contents.items()}
        assert found in {sizes[held_now], sizes[wanted]}
        if isinstance(ended, LoadResult):
            assert found == sizes[wanted]
        held_now = next(name for name, size in sizes.items() if size == found)
        print(f"part {part}: {type(ended).__name__}, holds {held_now}, wanted {wanted}")


def _load(url: str, data: ReferenceData, monkeypatch: pytest.MonkeyPatch) -> LoadResult:
    """A load whose files are read already, so that all of its time is the database's."""
    monkeypatch.setattr(database, "read_reference", lambda _: data)
    return load(Path(), url, patience_seconds=0)


def test_whatever_the_moment_a_load_and_its_snapshot_go_on_when_the_server_is_back(
    server: PostgresServer, url: str, catalogue: Catalogue
) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    chance = random.Random(seed)

    def load_and_read() -> Snapshot:
        loaded = load(catalogue.directory, url, patience_seconds=60)
        assert loaded.is_new
        return read_snapshot(url, patience_seconds=60)

    began = time.monotonic()
    load_and_read()
    longest = time.monotonic() - began
    for version in range(2, 2 + MOMENTS // 2):
        catalogue.add("holidays", f"2031-01-{version:02d},Kill")
        result = in_background(load_and_read)
        time.sleep(chance.random() * longest)
        server.kill()
        server.start()
        snapshot = result()
        assert isinstance(snapshot, Snapshot)
        assert snapshot.version == version
        assert snapshot.tables["holidays"].num_rows == version
