"""Realistic CDR files of a month, and the truth about each record. `generate` is the way in.

Here: everything that invents records. Not here: reading files (`sources/files.py`) or where the subscriptions
come from (the caller passes them as a table).
"""

from telecom_cdr.sources.generator.fault_rates import Fault, FaultRates
from telecom_cdr.sources.generator.generate import GenerationResult, generate, stream
from telecom_cdr.sources.generator.mix import TrafficMix

__all__ = ["Fault", "FaultRates", "GenerationResult", "TrafficMix", "generate", "stream"]
