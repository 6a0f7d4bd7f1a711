"""Settings: typed, from environment variables `TELECOM_CDR_…` and a `.env` file in the working directory.

Reading them does no I/O beyond that file, and only when `Settings()` is called.
"""

import os
import re
from datetime import date
from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_MONTH = re.compile(r"\A[0-9]{4}-(0[1-9]|1[0-2])\Z")
_BROKER = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\s:,/@\[\]]+):[0-9]{1,5}")
_PROTOCOLS = ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")
_MECHANISMS = ("SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN")


class Settings(BaseSettings):
    """What an installation decides. Every field is an environment variable with the prefix `TELECOM_CDR_`."""

    model_config = SettingsConfigDict(
        env_prefix="TELECOM_CDR_",
        env_file=".env",
        extra="ignore",
        env_ignore_empty=True,
        # What is refused may stand beside a password.
        hide_input_in_errors=True,
    )

    lake: Path = Field(default=Path("lake"), description="Directory of the Delta tables.")
    database_url: str = Field(
        default="",
        # It may hold a password.
        repr=False,
        description="Operational database, SQLAlchemy URL; SQLite inside the lake by default.",
    )
    database_wait_seconds: float = Field(
        default=30,
        ge=0,
        description="Seconds for which work goes on trying when PostgreSQL is down or is lost; 0: fails at once.",
    )
    engine: str = Field(default="embedded", description="embedded, spark or sc://host:port.")
    embedded_memory: str = Field(
        default="",
        description="Memory for sorts and joins of the embedded engine; beyond it, it uses the disk. Such as 4g.",
    )
    spark_state: Path = Field(
        default_factory=lambda: Path(os.environ.get("XDG_STATE_HOME") or "~/.local/state") / "telecom_cdr" / "spark",
        description="Directory of the local Spark server: its state, token, log and temporary files.",
    )
    spark_driver_memory: str = Field(default="", description="Heap of the local Spark server, such as 4g.")
    spark_idle_minutes: float = Field(
        default=15, ge=0, description="Minutes without use after which the local Spark server stops; 0: never."
    )
    source: str = Field(default="", description="Directory that `ingest` and the ingest job read, or kafka.")
    timezone: str = Field(default="Africa/Casablanca", description="The operator's zone, an IANA name.")
    first_month: str = Field(default="2024-01", description="First billing month, YYYY-MM.")
    home_operator: str = Field(default="Maroc Telecom", description="Operator whose numbers are on-net.")
    pseudonym_key: SecretStr = Field(default=SecretStr(""), description="Key of pseudonyms in reports.")

    kafka_bootstrap_servers: str = Field(default="", description="Kafka brokers, host:port, comma-separated.")
    kafka_topic: str = Field(default="telecom", description="Topic of the CDRs.")
    kafka_group: str = Field(default="telecom_cdr", description="Consumer group whose offsets lag monitors read.")
    kafka_partitions: int = Field(default=3, ge=1, description="Partitions that `topic create` gives a topic.")
    kafka_replication: int = Field(default=1, ge=1, description="Brokers that hold each record; 3 in production.")
    kafka_min_insync_replicas: int = Field(
        default=0,
        ge=0,
        description="Of them, how many must have a record before it counts as sent; 0: one less, at least 1.",
    )
    kafka_retention_days: int = Field(default=7, ge=1, description="Days that the topic keeps a record.")
    kafka_delivery_seconds: float = Field(
        default=120, ge=1, description="Time for a record to be acknowledged before it counts as failed."
    )
    kafka_security_protocol: str = Field(default="PLAINTEXT", description="PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL.")
    kafka_sasl_mechanism: str = Field(default="SCRAM-SHA-512", description="SCRAM-SHA-512, SCRAM-SHA-256 or PLAIN.")
    kafka_sasl_username: str = Field(default="", description="User that the brokers know.")
    kafka_sasl_password: SecretStr = Field(default=SecretStr(""), description="The user's password.")
    kafka_ssl_ca_location: str = Field(
        default="",
        description="PEM file of the authorities that sign the brokers' certificates; the system's if empty.",
    )
    kafka_ssl_certificate_location: str = Field(default="", description="PEM file of the client's own certificate.")
    kafka_ssl_key_location: str = Field(default="", description="PEM file of its private key.")
    kafka_ssl_key_password: SecretStr = Field(default=SecretStr(""), description="Password of that key.")

    @field_validator("first_month")
    @classmethod
    def _is_a_month(cls, value: str) -> str:
        if not _MONTH.match(value):
            raise ValueError(f"{value!r} is not a month; write YYYY-MM, for example 2024-01")
        return value

    @field_validator("engine")
    @classmethod
    def _is_an_engine(cls, value: str) -> str:
        if value not in {"embedded", "spark"} and not value.startswith("sc://"):
            # What follows may be a token.
            raise ValueError(f"{value.partition(';')[0]!r} is not an engine; use embedded, spark or sc://host:port")
        return value

    @field_validator("spark_driver_memory", "embedded_memory")
    @classmethod
    def _is_memory(cls, value: str) -> str:
        if value and not re.fullmatch(r"[1-9][0-9]*[mg]", value):
            raise ValueError(f"{value!r} is not an amount of memory; write 4g or 1500m")
        return value

    @field_validator("timezone")
    @classmethod
    def _is_a_zone(cls, value: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9_+\-]+(/[A-Za-z0-9_+\-]+)*", value):
            raise ValueError(f"{value!r} is not a zone; use an IANA name such as Africa/Casablanca")
        return value

    @field_validator("kafka_bootstrap_servers")
    @classmethod
    def _are_brokers(cls, value: str) -> str:
        brokers = [broker.strip() for broker in value.split(",")] if value else []
        if not all(_BROKER.fullmatch(broker) for broker in brokers):
            raise ValueError("is not a list of brokers; write host:port, such as kafka-1:9092,kafka-2:9092")
        return ",".join(brokers)

    @field_validator("kafka_topic")
    @classmethod
    def _is_a_topic(cls, value: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9._-]{1,249}", value) or value in {".", ".."}:
            raise ValueError(f"{value!r} is not a name of a topic; use letters, digits, dots, dashes, underscores")
        return value

    @field_validator("kafka_security_protocol", "kafka_sasl_mechanism")
    @classmethod
    def _is_known_to_kafka(cls, value: str, info: ValidationInfo) -> str:
        known = _PROTOCOLS if info.field_name == "kafka_security_protocol" else _MECHANISMS
        if value.upper() not in known:
            raise ValueError(f"{value!r} is not one of {', '.join(known)}")
        return value.upper()

    @model_validator(mode="after")
    def _resolve(self) -> Self:
        self.lake = self.lake.expanduser().absolute()
        self.spark_state = self.spark_state.expanduser().absolute()
        if not self.database_url:
            self.database_url = f"sqlite:///{self.lake / '_operational' / 'reference.sqlite'}"
        if not self.kafka_min_insync_replicas:
            self.kafka_min_insync_replicas = max(1, self.kafka_replication - 1)
        return self

    @property
    def first_day(self) -> date:
        """First day of the first billing month."""
        year, month = self.first_month.split("-")
        return date(int(year), int(month), 1)

    @property
    def dagster_home(self) -> Path:
        """Where Dagster keeps its runs, unless DAGSTER_HOME says otherwise."""
        return self.lake / "_dagster"
