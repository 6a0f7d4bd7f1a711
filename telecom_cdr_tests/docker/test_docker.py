"""The compose file, the image and the Dagster instance agree with each other and hold no secret."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from dagster import DagsterInstance

from telecom_cdr.settings import Settings
from telecom_cdr_tests.kafka_jars import KAFKA

ROOT = Path(__file__).parents[2]
DOCKER = ROOT / "docker"
_TOP_LEVEL = {"name", "services", "volumes"}
_OF_SERVICE = {
    "build", "command", "depends_on", "environment", "healthcheck", "image", "ports", "profiles", "restart", "volumes",
}  # fmt: skip
_SECRET = re.compile(r"PASSWORD|SECRET|TOKEN|KEY")


def _load(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


COMPOSE = _load(DOCKER / "docker-compose.yaml")
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
INSTANCE = _load(DOCKER / "dagster" / "dagster.yaml")
_DAGSTER = ("code", "web", "daemon")


def _environment_names(value: object) -> Iterator[str]:
    """Every `env: NAME` of a Dagster configuration."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "env":
                yield inner
            else:
                yield from _environment_names(inner)


def test_only_known_keys_are_used() -> None:
    assert {key for key in COMPOSE if not key.startswith("x-")} == _TOP_LEVEL
    assert {key for service in SERVICES.values() for key in service} <= _OF_SERVICE


def test_every_named_volume_is_declared_and_every_bind_exists() -> None:
    named = set()
    for service in SERVICES.values():
        for volume in service.get("volumes", []):
            source = re.sub(r"\$\{[^}]*\}", "$", volume).split(":")[0]
            if source.startswith("."):
                assert (DOCKER / source).is_dir(), volume
            elif source != "$":
                named.add(source)
    assert named == set(COMPOSE["volumes"])


def test_services_wait_for_services_that_say_when_they_are_healthy() -> None:
    for service in SERVICES.values():
        for name, wait in service.get("depends_on", {}).items():
            assert wait == {"condition": "service_healthy"}
            assert "test" in SERVICES[name]["healthcheck"]


def test_secrets_come_from_the_environment_and_are_required() -> None:
    for service in SERVICES.values():
        for name, value in service["environment"].items():
            if _SECRET.search(name):
                assert re.fullmatch(r"\$\{[A-Z_]+:\?[^}]+\}", str(value)), name
            elif "://" in str(value) and "@" in str(value):
                assert re.search(r":\$\{[A-Z_]+:\?[^}]+\}@", value), name


def test_published_ports_are_on_loopback() -> None:
    published = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert published
    assert all(port.startswith("127.0.0.1:") for port in published)


def test_every_setting_is_one_of_the_programs() -> None:
    known = {f"TELECOM_CDR_{name.upper()}" for name in Settings.model_fields}
    used = {name for service in SERVICES.values() for name in service["environment"] if name.startswith("TELECOM_CDR_")}
    assert used <= known


def test_the_broker_is_where_its_listener_says_and_its_topics_are_made_by_us() -> None:
    broker = SERVICES["kafka"]["environment"]
    assert broker["KAFKA_ADVERTISED_LISTENERS"] == "PLAINTEXT://kafka:9092"
    assert "KAFKA_BOOTSTRAP_SERVERS=kafka:9092" in (DOCKER / "docker-compose.yaml").read_text(encoding="utf-8")
    assert broker["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false"
    assert SERVICES["kafka"]["image"] == f"apache/kafka:{KAFKA[2]}"


@pytest.mark.parametrize("service", _DAGSTER)
@pytest.mark.parametrize("name", ["BOOTSTRAP_SERVERS", "TOPIC"])
def test_a_dagster_service_passes_the_settings_of_kafka_on(service: str, name: str) -> None:
    assert f"${{KAFKA_{name}:-" in SERVICES[service]["environment"][f"TELECOM_CDR_KAFKA_{name}"]


@pytest.mark.parametrize("service", _DAGSTER)
def test_a_dagster_service_has_what_the_instance_reads(service: str) -> None:
    assert set(_environment_names(INSTANCE)) <= set(SERVICES[service]["environment"])


def test_dagster_accepts_the_instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All but the storage, which would ask for a running PostgreSQL."""
    monkeypatch.setenv("DAGSTER_COMPUTE_LOGS", str(tmp_path / "compute_logs"))
    settings = {name: value for name, value in INSTANCE.items() if name != "storage"}
    (tmp_path / "dagster.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    with DagsterInstance.from_config(str(tmp_path)) as instance:
        assert instance.get_concurrency_config().run_queue_config is not None
        assert not instance.telemetry_enabled


def test_the_workspace_points_at_the_code_server() -> None:
    (location,) = _load(DOCKER / "dagster" / "workspace.yaml")["load_from"]
    (local,) = _load(ROOT / "workspace.yaml")["load_from"]
    server = location["grpc_server"]
    assert server["host"] in SERVICES
    assert str(server["port"]) in SERVICES[server["host"]]["healthcheck"]["test"]
    assert server["location_name"] == local["python_module"]["location_name"]
    assert f'"--module-name", "{local["python_module"]["module_name"]}"' in _dockerfile()


def _dockerfile() -> str:
    return (DOCKER / "Dockerfile").read_text(encoding="utf-8")


def test_the_image_copies_what_exists_and_does_not_run_as_root() -> None:
    copied = [line.split()[1:-1] for line in _dockerfile().splitlines() if line.startswith("COPY ")]
    assert [name for names in copied for name in names if not (ROOT / name).exists()] == []
    assert re.search(r"^USER (?!root)", _dockerfile(), re.MULTILINE)


def test_the_image_pins_the_storage_of_the_same_dagster_release() -> None:
    pins = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    beside = (DOCKER / "requirements.txt").read_text(encoding="utf-8")
    (library,) = re.findall(r"^dagster-pyspark==(\S+)", pins, re.MULTILINE)
    assert re.search(
        rf"^dagster-postgres=={re.escape(library)} \\\n +--hash=sha256:[0-9a-f]{{64}}$", beside, re.MULTILINE
    )
    assert re.search(r"^psycopg2-binary==", pins, re.MULTILINE)


def test_compose_itself_accepts_the_file() -> None:
    """Where docker compose is installed; the tests above hold everywhere."""
    docker = shutil.which("docker")
    if not docker or subprocess.run([docker, "compose", "version"], capture_output=True).returncode:
        pytest.skip("docker compose is not installed")
    environment = {"POSTGRES_PASSWORD": "x", "CDR_DIRECTORY": "/tmp", "PATH": str(Path(docker).parent)}
    command = [docker, "compose", "--file", str(DOCKER / "docker-compose.yaml"), "config", "--quiet"]
    checked = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
