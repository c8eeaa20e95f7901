"""Pure values: what the gateway talks about. Imports nothing of ours, does no I/O, reads no clock."""
