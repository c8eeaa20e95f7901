"""Protocols: the ways in and out."""
