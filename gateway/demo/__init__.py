"""Simulated partners and the scene of make run."""
