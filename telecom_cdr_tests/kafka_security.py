"""Who may use the secure listeners of a test broker, as the properties that the broker is told."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from telecom_cdr_tests.certificates import Certificates


@dataclass(frozen=True)
class Security:
    """Who may use the secure listeners: `users` by SCRAM with these passwords, and what TLS shows and trusts."""

    users: Mapping[str, str] = field(default_factory=dict)
    certificates: Certificates | None = None

    @property
    def protocols(self) -> tuple[str, ...]:
        """Of the secure listeners."""
        return ("SASL_PLAINTEXT", "SSL", "SASL_SSL") if self.certificates else ("SASL_PLAINTEXT",)

    def properties(self, folder: Path) -> dict[str, str]:
        """What a broker is told; the files that it reads are put into its folder."""
        scram = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
        properties = {"sasl.enabled.mechanisms": "SCRAM-SHA-256,SCRAM-SHA-512"}
        for protocol in self.protocols:
            for mechanism in ("scram-sha-256", "scram-sha-512") if "SASL" in protocol else ():
                properties[f"listener.name.{protocol.lower()}.{mechanism}.sasl.jaas.config"] = scram
        if self.certificates:
            pair = self.certificates.server_key.read_text() + self.certificates.server.read_text()
            (folder / "server.pem").write_text(pair, encoding="utf-8")
            properties |= {
                "ssl.keystore.type": "PEM",
                "ssl.keystore.location": str(folder / "server.pem"),
                "ssl.truststore.type": "PEM",
                "ssl.truststore.location": str(self.certificates.authority),
                # A client that shows a certificate is checked; by SSL alone one must.
                "listener.name.ssl.ssl.client.auth": "required",
            }
        return properties
