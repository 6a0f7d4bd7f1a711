"""PostgreSQL that refuses: a wrong password, an unknown database, a certificate. Told at once, and without secrets."""

from pathlib import Path

import pytest
from dagster import DagsterInstance, materialize

from telecom_cdr.defs.reference.assets import reference as snapshot_reference
from telecom_cdr.defs.resources import LakeResource
from telecom_cdr.settings import Settings
from telecom_cdr_tests.certificates import Certificates
from telecom_cdr_tests.faults.databases import assert_told, product_on
from telecom_cdr_tests.reference.catalogue import Catalogue
from telecom_cdr_tests.reference.postgres import PASSWORD, PostgresServer
from telecom_cdr_tests.reference.tls import tls_before

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        (PASSWORD, "guessed-wrong", "password authentication failed"),
        ("of_one_test", "of_nobody", 'database "of_nobody" does not exist'),
    ],
)
def test_a_mistake_in_the_url_is_told_at_once_and_without_the_password(
    postgres_url: str, catalogue: Catalogue, right: str, wrong: str, said: str
) -> None:
    product = product_on(postgres_url.replace(right, wrong), catalogue.directory.parent, 60)
    result = product.run("reference", "load", str(catalogue.directory))
    assert_told(result, said)
    assert "trying again" not in result.errors
    assert "guessed-wrong" not in result.errors + result.output
    assert not product.catalog.exists


def test_a_certificate_of_another_authority_is_told_at_once(
    postgres_server: PostgresServer, postgres_url: str, catalogue: Catalogue, certificates: Certificates, tmp_path: Path
) -> None:
    with tls_before(postgres_server.port, certificates) as port:
        secured = postgres_url.replace(f":{postgres_server.port}/", f":{port}/") + "?sslmode=verify-full&sslrootcert="
        refused = product_on(f"{secured}{certificates.another_authority}", tmp_path / "refused", 60)
        result = refused.run("reference", "load", str(catalogue.directory))
        assert_told(result, "certificate verify failed", "check sslmode, sslrootcert")
        assert "trying again" not in result.errors
        assert not refused.catalog.exists
        trusting = product_on(f"{secured}{certificates.authority}", tmp_path / "trusting", 60)
        trusting.done("reference", "load", str(catalogue.directory))


def test_a_wrong_password_stands_in_no_event_of_a_run(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    product = product_on(postgres_url.replace(PASSWORD, "guessed-wrong"), tmp_path, 60)
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
