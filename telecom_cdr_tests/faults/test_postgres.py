"""PostgreSQL that is down, is killed in the middle, or refuses: a clear error or a run that goes on; nothing mixed."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import psycopg2
import pytest
from dagster import DagsterInstance, materialize

from telecom_cdr.defs.reference.assets import reference as snapshot_reference
from telecom_cdr.defs.resources import LakeResource
from telecom_cdr.reference import database
from telecom_cdr.reference.database import LoadResult, Snapshot, load, read_snapshot
from telecom_cdr.reference.errors import DatabaseOutageError
from telecom_cdr.reference.validation import ReferenceData, read_reference
from telecom_cdr.settings import Settings
from telecom_cdr.tables import reference
from telecom_cdr_tests.faults.lakes import finish, finished, wait_for
from telecom_cdr_tests.product import Product, Result
from telecom_cdr_tests.reference import postgres
from telecom_cdr_tests.reference.catalogue import Catalogue
from telecom_cdr_tests.reference.postgres import PASSWORD, PostgresServer
from telecom_cdr_tests.reference.tls import Authority, tls_before

pytestmark = pytest.mark.slow

MOMENTS = 4
LONGEST_WAIT_SECONDS = 30
SPAIN = "34,SPAIN,34,,,"
# The key of a row that the load copies near its end: whoever holds it makes the load wait there.
HOLD_A_LOAD = "INSERT INTO destinations (row_id, prefix, zone, country_code) VALUES (999999, '34', 'SPAIN', '34')"
HOLD_A_SNAPSHOT = "LOCK TABLE rates IN ACCESS EXCLUSIVE MODE"
WAITING = "SELECT 1 FROM pg_stat_activity WHERE application_name = 'telecom_cdr' AND wait_event_type = 'Lock'"


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


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    return Catalogue(tmp_path / "csv")


def product_on(url: str, root: Path, patience_seconds: int) -> Product:
    settings = {"TELECOM_CDR_DATABASE_URL": url, "TELECOM_CDR_DATABASE_WAIT_SECONDS": str(patience_seconds)}
    return Product.at(root, **settings)


@contextmanager
def held(url: str, statement: str) -> Iterator[None]:
    """A session that has run a statement and does not end its transaction, until the server is killed."""
    connection = psycopg2.connect(url)
    with connection.cursor() as cursor:
        cursor.execute(statement)
    yield
    connection.close()


def wait_until_held(server: PostgresServer) -> None:
    deadline = time.monotonic() + LONGEST_WAIT_SECONDS
    while not server.execute(WAITING):
        assert time.monotonic() < deadline, "nothing waits for the lock"
        time.sleep(0.05)


def assert_told(result: Result, *words: str) -> None:
    """One error line, and no secret."""
    assert result.exit_code == 1, result.errors
    lines = [line for line in result.errors.splitlines() if line.startswith("error: ")]
    assert len(lines) == 1, result.errors
    assert all(word in lines[0] for word in words), lines
    assert "Traceback" not in result.errors
    assert PASSWORD not in result.errors + result.output


def rows_in_the_lake(product: Product) -> dict[str, list[dict[str, object]]]:
    return {table.name: product.rows(table.path).to_pylist() for table in reference.TABLES}


def test_a_server_that_is_down_is_told_and_nothing_is_made(server: PostgresServer, catalogue: Catalogue) -> None:
    product = product_on(server.url, catalogue.directory.parent, 1)
    server.kill()
    try:
        result = product.run("reference", "load", str(catalogue.directory))
    finally:
        server.start()
    assert_told(result, "Connection refused", "in 1 s: see that it runs")
    assert "trying again (attempt 2)" in result.errors
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


def in_background(work: Callable[[], object]) -> Callable[[], object]:
    """Start work; what is given waits for it, and gives its result or its outage."""
    results: list[object] = []

    def run() -> None:
        try:
            results.append(work())
        except DatabaseOutageError as error:
            results.append(error)

    thread = threading.Thread(target=run)
    thread.start()

    def wait() -> object:
        thread.join()
        return results[0]

    return wait


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

    def land_and_lose(*arguments: object) -> tuple[int, bool]:
        attempts.append(arguments)
        landed = load_once(*arguments)  # type: ignore[arg-type]
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
    return load(Path(), url)


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


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        (PASSWORD, "guessed-wrong", "password authentication failed"),
        ("of_one_fault", "of_nobody", 'database "of_nobody" does not exist'),
    ],
)
def test_a_mistake_in_the_url_is_told_at_once_and_without_the_password(
    url: str, catalogue: Catalogue, right: str, wrong: str, said: str
) -> None:
    product = product_on(url.replace(right, wrong), catalogue.directory.parent, 60)
    result = product.run("reference", "load", str(catalogue.directory))
    assert_told(result, said)
    assert "trying again" not in result.errors
    assert "guessed-wrong" not in result.errors + result.output
    assert not product.catalog.exists


def test_a_certificate_of_another_authority_is_told_at_once(
    server: PostgresServer, url: str, catalogue: Catalogue, tmp_path: Path
) -> None:
    own, other = Authority.make(tmp_path / "own"), Authority.make(tmp_path / "other")
    with tls_before(server.port, own.sign("127.0.0.1")) as port:
        secured = url.replace(f":{server.port}/", f":{port}/") + "?sslmode=verify-full&sslrootcert="
        refused = product_on(f"{secured}{other.certificate}", tmp_path / "refused", 60)
        result = refused.run("reference", "load", str(catalogue.directory))
        assert_told(result, "certificate verify failed", "check sslmode, sslrootcert")
        assert "trying again" not in result.errors
        assert not refused.catalog.exists
        trusting = product_on(f"{secured}{own.certificate}", tmp_path / "trusting", 60)
        trusting.done("reference", "load", str(catalogue.directory))


def test_a_wrong_password_stands_in_no_event_of_a_run(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    product = product_on(url.replace(PASSWORD, "guessed-wrong"), tmp_path, 60)
    for name, value in product.settings.items():
        monkeypatch.setenv(name, value)
    with DagsterInstance.ephemeral() as instance:
        result = materialize(
            [snapshot_reference], resources={"lake": LakeResource()}, instance=instance, raise_on_error=False
        )
        told = "".join(repr(event) for event in instance.all_logs(result.run_id))
    assert not result.success
    assert "password authentication failed" in told
    assert "guessed-wrong" not in told + repr(Settings())
