"""`produce` with a real broker: what is in the files is in the topic, and what is said of it is true."""

import gzip
import json
import signal
import subprocess
import time
from collections import defaultdict
from pathlib import Path

import pytest

from telecom_cdr.sources.kafka import client
from telecom_cdr_tests.builders import Record, a_data_cdr, a_voice_cdr, an_sms_cdr, cdr_bytes, write_cdrs
from telecom_cdr_tests.certificates import Certificates
from telecom_cdr_tests.cli.refusals import FAILED, refused
from telecom_cdr_tests.cli.small_lake import MONTH, a_reference_directory
from telecom_cdr_tests.conftest import KAFKA_USERS
from telecom_cdr_tests.kafka_server import Broker
from telecom_cdr_tests.kafka_topics import count_offsets, make_topic, read_all
from telecom_cdr_tests.product import Product, Result

((USER, PASSWORD),) = KAFKA_USERS.items()
WRONG = "not-the-password"
SUBSCRIBERS = [f"2126610000{number:02d}" for number in range(40)]


def sender(root: Path, kafka: str, topic: str, **settings: str) -> Product:
    """The product with settings of Kafka, written without their prefix."""
    given = {"BOOTSTRAP_SERVERS": kafka, "TOPIC": topic, **settings}
    return Product.at(root, **{f"TELECOM_CDR_KAFKA_{name}": value for name, value in given.items()})


def values(kafka: str, topic: str) -> list[bytes | None]:
    return [message.value() for message in read_all(kafka, topic)]


def told(result: Result) -> dict[str, int]:
    (row,) = json.loads(result.output)
    return dict(row)


def test_every_line_arrives_as_it_stands_in_name_order(tmp_path: Path, kafka: str) -> None:
    topic = make_topic(kafka, partitions=1)
    records: list[Record] = [
        a_voice_cdr(record_ID="A"),
        b'{"record_ID": "B", "caller_id": "\xff\x00"}',
        b'{"record_ID": "C"',
        b'  {"record_ID" :\t"D"}  \r',
        b"[" * 5_000,
        b"9" * 100_000,
    ]
    source = tmp_path / "in"
    write_cdrs(source, "1.jsonl", records)
    (source / "2.jsonl").write_bytes(b"\xef\xbb\xbf{}\n\n   \n{ }")
    (source / "sub").mkdir()
    (source / "sub" / "3.jsonl.gz").write_bytes(gzip.compress(b'{"packed": 1}\n'))
    (source / "other.csv").write_text("not sent\n")
    result = sender(tmp_path, kafka, topic).done("produce", "--from", str(source), "--format", "json")
    # A byte order mark is the file's; blank lines are no records.
    sent = [*(cdr_bytes(record) for record in records), b"{}", b"{ }", b'{"packed": 1}']
    assert values(kafka, topic) == sent
    assert told(result) == {"acknowledged": len(sent), "failed": 0, "bytes": sum(len(value) for value in sent)}
    assert f"{len(sent)} records acknowledged in the topic {topic}" in result.errors
    assert "records/s" in result.errors


def test_a_subscribers_records_keep_their_order(tmp_path: Path, kafka: str) -> None:
    topic = make_topic(kafka)
    kinds = ((a_voice_cdr, "caller_id"), (an_sms_cdr, "sender_id"), (a_data_cdr, "user_id"))
    records: list[Record] = []
    for number, subscriber in enumerate(SUBSCRIBERS * 50):
        make, served = kinds[number % 3]
        records.append(make(**{"record_ID": str(number), served: subscriber}))
    write_cdrs(tmp_path / "in", "day.jsonl", [*records, '{"record_ID": "-1"}'])
    sender(tmp_path, kafka, topic).done("produce", "--from", str(tmp_path / "in"))
    places = defaultdict(set)
    numbers = defaultdict(list)
    for message in read_all(kafka, topic):
        places[message.key()].add(message.partition())
        numbers[message.key()].append(int(json.loads(message.value() or b"")["record_ID"]))
    assert numbers.pop(None) == [-1]
    assert {key.decode() for key in numbers if key} == set(SUBSCRIBERS)
    for key, received in numbers.items():
        assert len(places[key]) == 1
        assert received == sorted(received)
        assert len(received) == 50
    assert len(set.union(*places.values())) == 3


def test_generated_records_are_those_of_the_files(tmp_path: Path, kafka: str) -> None:
    topic = make_topic(kafka, partitions=1)
    product = sender(tmp_path, kafka, topic)
    product.done("reference", "load", str(a_reference_directory(tmp_path)))
    asked = ("--month", MONTH, "--seed", "7")
    product.done("generate", "--cdrs", "400", *asked, "--out", str(tmp_path / "out"))
    result = product.done("produce", "--generate", "400", *asked, "--format", "json")
    files = sorted((tmp_path / "out").glob("*.jsonl"))
    assert values(kafka, topic) == [line for file in files for line in file.read_bytes().split(b"\n")[:-1]]
    assert told(result)["acknowledged"] == 400


def test_a_record_that_is_too_large_is_counted_and_the_others_are_sent(tmp_path: Path, kafka: str) -> None:
    topic = make_topic(kafka)
    write_cdrs(tmp_path / "in", "day.jsonl", ["{}", b'{"note": "' + b"x" * 2_000_000 + b'"}', "{}"])
    result = sender(tmp_path, kafka, topic).run("produce", "--from", str(tmp_path / "in"), "--format", "json")
    assert result.exit_code == FAILED
    assert told(result) == {"acknowledged": 2, "failed": 1, "bytes": 4}
    assert "error: 1 records were not acknowledged: " in result.errors
    assert values(kafka, topic) == [b"{}", b"{}"]


def test_a_record_that_the_broker_refuses_takes_no_other_with_it(tmp_path: Path, kafka: str) -> None:
    topic = make_topic(kafka, partitions=1, max_message_bytes="20000")
    # No two bytes alike: compression helps nothing.
    large = cdr_bytes(a_voice_cdr(record_ID="LARGE", note="".join(map(chr, range(0x4E00, 0x9E00)))))
    records = [cdr_bytes(a_voice_cdr(record_ID=str(number))) for number in range(300)]
    write_cdrs(tmp_path / "in", "day.jsonl", [*records[:100], large, *records[100:200], large, *records[200:]])
    result = sender(tmp_path, kafka, topic).run("produce", "--from", str(tmp_path / "in"), "--format", "json")
    assert result.exit_code == FAILED
    assert (told(result)["acknowledged"], told(result)["failed"]) == (300, 2)
    assert "error: 2 records were not acknowledged: Broker: Message size too large" in result.errors
    assert values(kafka, topic) == records


def test_files_that_cannot_be_sent_are_told_and_the_others_are_sent(tmp_path: Path, kafka: str) -> None:
    topic = make_topic(kafka)
    for name in ("1.jsonl", "2.jsonl"):
        write_cdrs(tmp_path / "in", name, ["{}"])
    (tmp_path / "in" / "3.jsonl.gz").write_bytes(b"not packed")
    result = sender(tmp_path, kafka, topic).run("produce", "--from", str(tmp_path / "in"))
    assert result.exit_code == FAILED
    assert "2.jsonl: has the content of another file, and was not sent again" in result.errors
    assert "error: 3.jsonl.gz: is no whole gzip file" in result.errors
    assert values(kafka, topic) == [b"{}"]


def test_a_rate_is_not_exceeded(tmp_path: Path, kafka: str) -> None:
    topic = make_topic(kafka)
    write_cdrs(tmp_path / "in", "day.jsonl", ["{}"] * 60)
    started = time.monotonic()
    sender(tmp_path, kafka, topic).done("produce", "--from", str(tmp_path / "in"), "--rate", "100")
    assert time.monotonic() - started >= 0.6
    assert len(values(kafka, topic)) == 60


@pytest.mark.parametrize(("number", "exit_code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_what_is_reported_as_sent_when_stopped_is_in_the_topic(
    tmp_path: Path, kafka: str, number: signal.Signals, exit_code: int
) -> None:
    topic = make_topic(kafka, partitions=1)
    records = [a_voice_cdr(record_ID=str(each)) for each in range(20_000)]
    write_cdrs(tmp_path / "in", "day.jsonl", records)
    product = sender(tmp_path, kafka, topic)
    process = product.start("produce", "--from", str(tmp_path / "in"), "--rate", "2000", "--format", "json")
    try:
        while process.poll() is None and not count_offsets(kafka, topic):
            time.sleep(0.1)
        process.send_signal(number)
        output, errors = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == exit_code, errors
    assert "Traceback" not in errors
    assert "stopping: waiting for the records on their way" in errors
    found = values(kafka, topic)
    assert 0 < len(found) < len(records)
    # The first ones, in order, each once.
    assert found == [cdr_bytes(record) for record in records[: len(found)]]
    assert told(Result(exit_code, output, errors))["acknowledged"] == len(found)
    assert f"{len(found):,} records acknowledged" in errors


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "give --from DIR, or --generate N --month YYYY-MM"),
        (("--from", ".", "--generate", "1"), "give --from DIR, or --generate N --month YYYY-MM"),
        (("--generate", "1"), "give --month YYYY-MM"),
        (("--generate", "1", "--month", "May"), "'May' is not a month"),
        (("--from", "nowhere"), "nowhere does not exist"),
    ],
)
def test_what_is_to_be_sent_must_be_clear(fresh: Product, arguments: tuple[str, ...], words: str) -> None:
    assert words in refused(fresh, "produce", *arguments)


def test_a_broker_must_be_configured(fresh: Product, tmp_path: Path) -> None:
    write_cdrs(tmp_path / "in", "day.jsonl", ["{}"])
    error = refused(fresh, "produce", "--from", str(tmp_path / "in"))
    assert "set TELECOM_CDR_KAFKA_BOOTSTRAP_SERVERS" in error


def test_a_broker_that_is_not_there_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "REACH_SECONDS", 1.0)
    write_cdrs(tmp_path / "in", "day.jsonl", ["{}"])
    error = refused(sender(tmp_path, "127.0.0.1:1", "telecom"), "produce", "--from", str(tmp_path / "in"))
    assert "no Kafka broker answers at 127.0.0.1:1 within 1 s" in error


def test_a_topic_that_is_not_there_is_told_and_not_made(tmp_path: Path, kafka: str) -> None:
    write_cdrs(tmp_path / "in", "day.jsonl", ["{}"])
    product = sender(tmp_path, kafka, "telecom-of-nobody")
    for command in (("produce", "--from", str(tmp_path / "in")), ("topic", "describe")):
        assert "there is no topic telecom-of-nobody" in refused(product, *command)


@pytest.mark.parametrize("password", [PASSWORD, WRONG])
def test_a_password_opens_the_topic_and_is_never_shown(
    tmp_path: Path, kafka_broker: Broker, certificates: Certificates, password: str
) -> None:
    topic = make_topic(kafka_broker.bootstrap)
    write_cdrs(tmp_path / "in", "day.jsonl", ["{}"])
    product = sender(
        tmp_path,
        kafka_broker.secure("SASL_SSL"),
        topic,
        SECURITY_PROTOCOL="SASL_SSL",
        SSL_CA_LOCATION=str(certificates.authority),
        SASL_USERNAME=USER,
        SASL_PASSWORD=password,
    )
    results = [product.run(*command) for command in (("produce", "--from", str(tmp_path / "in")), ("doctor",))]
    for result in results:
        assert password not in result.output + result.errors
    assert ("refuses this client" in results[0].errors) is (password == WRONG)
    assert ("refuses this client" in results[1].errors) is (password == WRONG)
    assert len(values(kafka_broker.bootstrap, topic)) == (password == PASSWORD)


def test_a_process_that_is_told_to_stop_twice_gives_up_what_is_on_its_way(tmp_path: Path, kafka_broker: Broker) -> None:
    """The broker hangs: nothing is acknowledged, and nobody waits for the time-out of the records."""
    topic = make_topic(kafka_broker.bootstrap)
    write_cdrs(tmp_path / "in", "day.jsonl", ["{}"] * 1_000)
    product = sender(tmp_path, kafka_broker.bootstrap, topic)
    process = product.start("produce", "--from", str(tmp_path / "in"), "--rate", "50", "--format", "json")
    try:
        while process.poll() is None and not count_offsets(kafka_broker.bootstrap, topic):
            time.sleep(0.1)
        kafka_broker.freeze()
        time.sleep(0.5)
        output, errors = _interrupted_twice(process)
    finally:
        kafka_broker.thaw()
        process.kill()
    assert process.returncode == 130, errors
    counts = told(Result(130, output, errors))
    assert counts["failed"] > 0
    assert "records were not acknowledged" in errors
    assert len(values(kafka_broker.bootstrap, topic)) >= counts["acknowledged"]


def _interrupted_twice(process: "subprocess.Popen[str]") -> tuple[str, str]:
    process.send_signal(signal.SIGINT)
    time.sleep(1)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    return process.communicate(timeout=30)
