"""What goes wrong between a client and its brokers, as one line for people.

Here: which error means what, and what to do about it. Not here: connecting (`client`).
"""

import re
from typing import Final

from confluent_kafka import KafkaError

from telecom_cdr.settings import Settings

# No later attempt of the same client can succeed.
_FINAL: Final = (KafkaError._AUTHENTICATION, KafkaError._SSL, KafkaError.SASL_AUTHENTICATION_FAILED)
_NAME: Final = re.compile(r"^(?:(?:ssl|sasl_ssl|sasl_plaintext|plaintext)://)?\S+?/[^:\s]+: ", re.IGNORECASE)
_AFTER: Final = re.compile(r"\s*\(after \d+ms in state [A-Z_]+[^)]*\)")
_CERTIFICATES: Final = "check TELECOM_CDR_KAFKA_SECURITY_PROTOCOL and the certificates of TELECOM_CDR_KAFKA_SSL_…"
_ADVICE: Final = {
    KafkaError._AUTHENTICATION: "check TELECOM_CDR_KAFKA_SASL_USERNAME, _PASSWORD and _MECHANISM",
    KafkaError.SASL_AUTHENTICATION_FAILED: "check TELECOM_CDR_KAFKA_SASL_USERNAME, _PASSWORD and _MECHANISM",
    KafkaError._SSL: _CERTIFICATES,
    KafkaError._RESOLVE: "correct TELECOM_CDR_KAFKA_BOOTSTRAP_SERVERS",
}
_USUAL_ADVICE: Final = "start it, or correct TELECOM_CDR_KAFKA_BOOTSTRAP_SERVERS and _SECURITY_PROTOCOL"


class Failures:
    """What a client reports of its connections: the last error, and the last one that says why.

    Give it as `error_cb`; it is called while the client is polled.
    """

    def __init__(self, settings: Settings) -> None:
        self._brokers = settings.kafka_bootstrap_servers
        self._secrets = [
            secret.get_secret_value() for secret in (settings.kafka_sasl_password, settings.kafka_ssl_key_password)
        ]
        self._cause: KafkaError | None = None
        self.are_final = False
        self.count = 0

    def __call__(self, error: KafkaError) -> None:
        """Take note of an error."""
        self.count += 1
        is_final = error.code() in _FINAL or error.fatal()
        # That all brokers are down says less than why one of them is.
        if error.code() != KafkaError._ALL_BROKERS_DOWN and (is_final or not self.are_final):
            self._cause = error
        self.are_final = self.are_final or is_final

    @property
    def reason(self) -> str:
        """Why a connection failed last, in the library's words; empty when none did."""
        return self.words(self._cause) if self._cause else ""

    def explained(self, seconds: float) -> str:
        """Which broker did not answer, why, and what to do."""
        if self._cause is None:
            # A broker that expects TLS or SASL ends the connection without a word.
            what = f"no Kafka broker at {self._brokers} understands this client, or none answers within {seconds:.0f} s"
            return f"{what}: {_USUAL_ADVICE}"
        words, code = self.words(self._cause), self._cause.code()
        advice = _CERTIFICATES if "SSL" in words else _ADVICE.get(code, _USUAL_ADVICE)
        if code == KafkaError._SSL:
            return f"no TLS connection to the Kafka broker {self._brokers} can be made ({words}): {advice}"
        if self.are_final:
            return f"the Kafka broker {self._brokers} refuses this client ({words}): {advice}"
        return f"no Kafka broker answers at {self._brokers} within {seconds:.0f} s ({words}): {advice}"

    def refused(self, error: KafkaError) -> str:
        """Why no client could be made of the settings."""
        return f"no Kafka client can be made of the settings TELECOM_CDR_KAFKA_… ({self.words(error)}): correct them"

    def words(self, error: KafkaError) -> str:
        """An error's own text, without secrets, addresses that stand elsewhere, and times."""
        text = _AFTER.sub("", _NAME.sub("", error.str()))
        for secret in self._secrets:
            if secret:
                text = text.replace(secret, "***")
        return " ".join(text.split())
