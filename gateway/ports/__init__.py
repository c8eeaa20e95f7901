"""What the pipeline needs from outside, as protocols. Every implementation passes tests/contracts."""
