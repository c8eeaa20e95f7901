"""Bytes to tree and back, one syntax per file. No I/O."""
