"""Faults from outside: runs at once, killed processes, changed rows, other clocks, full disks."""
