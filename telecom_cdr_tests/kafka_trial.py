"""A program (`make broker`): a Kafka broker for trials on this machine, until it is told to stop."""

import signal
import sys
from contextlib import suppress

from telecom_cdr_tests.kafka_server import running_broker

if __name__ == "__main__":
    # Ignored in the background of a shell script, and inherited.
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, signal.default_int_handler)
    with running_broker() as broker, suppress(KeyboardInterrupt):
        print(f"export TELECOM_CDR_KAFKA_BOOTSTRAP_SERVERS={broker.bootstrap}", flush=True)
        print("a broker for trials runs until Ctrl-C; its records are removed then", file=sys.stderr)
        signal.pause()
