"""What both hand-written pipelines share: the work order, reading files as lines, Delta commits, phase times."""
