"""What passes is tried again, with pauses; what does not is told at once."""

import psycopg2
import pytest
import sqlalchemy as sa

from telecom_cdr.reference.errors import DatabaseError, DatabaseOutageError
from telecom_cdr.reference.outage import told, with_patience

URL = sa.make_url("postgresql://u:s3cret@db.example.com/x")
AT = 'connection to server at "db.example.com" (10.0.0.7), port 5432 failed:'


def kind_of(said: str) -> type[DatabaseError]:
    with pytest.raises(DatabaseError) as caught, told(URL):
        raise psycopg2.OperationalError(said)
    assert "s3cret" not in str(caught.value)
    assert "\n" not in str(caught.value)
    return type(caught.value)


@pytest.mark.parametrize(
    "said",
    [
        f"{AT} Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?\n",
        f"{AT} timeout expired",
        f"{AT} FATAL:  the database system is starting up",
        f"{AT} FATAL:  the database system is in recovery mode",
        f"{AT} FATAL:  sorry, too many clients already",
        f"{AT} server closed the connection unexpectedly\n\tThis probably means the server terminated abnormally",
        'could not translate host name "db" to address: Temporary failure in name resolution',
        "server closed the connection unexpectedly",
        "SSL SYSCALL error: EOF detected",
    ],
)
def test_a_server_that_is_down_starts_or_is_lost_may_come_back(said: str) -> None:
    assert kind_of(said) is DatabaseOutageError


@pytest.mark.parametrize(
    "said",
    [
        f'{AT} FATAL:  password authentication failed for user "u"',
        f'{AT} FATAL:  database "x" does not exist',
        f"{AT} SSL error: certificate verify failed",
        f"{AT} server does not support SSL, but SSL was required",
        f'{AT} FATAL:  no pg_hba.conf entry for host "10.0.0.1", user "u", database "x", no encryption',
        'could not translate host name "db" to address: Name or service not known',
        "fe_sendauth: no password supplied",
        "something that nobody has heard of",
    ],
)
def test_a_mistake_does_not_pass(said: str) -> None:
    assert kind_of(said) is DatabaseError


def test_of_several_addresses_the_one_that_answers_counts() -> None:
    said = (
        'connection to server at "localhost" (::1), port 5432 failed: Connection refused\n'
        "\tIs the server running on that host and accepting TCP/IP connections?\n"
        'connection to server at "localhost" (127.0.0.1), port 5432 failed: FATAL:  password authentication failed\n'
    )
    expected = "password authentication failed; check user and password"
    with pytest.raises(DatabaseError, match=expected) as caught, told(URL):
        raise psycopg2.OperationalError(said)
    assert not isinstance(caught.value, DatabaseOutageError)


def test_work_is_done_again_until_the_outage_is_over_and_that_is_told_once() -> None:
    attempts: list[int] = []
    heard: list[str] = []

    def work() -> str:
        attempts.append(1)
        if len(attempts) < 3:
            raise DatabaseOutageError("it is down")
        return "done"

    assert with_patience(work, 60, heard.append) == "done"
    assert heard == ["it is down; trying again for 60 s"]


@pytest.mark.parametrize(("error", "seconds"), [(DatabaseError("a mistake"), 60), (DatabaseOutageError("down"), 0)])
def test_a_mistake_and_an_outage_nobody_waits_for_end_work_at_once(error: DatabaseError, seconds: float) -> None:
    attempts = []

    def work() -> None:
        attempts.append(1)
        raise error

    with pytest.raises(type(error)):
        with_patience(work, seconds)
    assert len(attempts) == 1


def test_an_outage_that_lasts_is_told_with_how_long_it_was_tried() -> None:
    def work() -> None:
        raise DatabaseOutageError("it is down")

    with pytest.raises(DatabaseOutageError, match=r"it is down; tried [0-9]+ times in 0.3 s; nothing is half done"):
        with_patience(work, 0.3)
