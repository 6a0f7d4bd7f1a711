"""Kafka: the topic that CDRs stream through.

Here: connecting (`client`), the topic (`topic`), sending records (`producer`, `keys`).
Not here: what a record says (`sources.decode`), commits (`lakehouse`).
"""
