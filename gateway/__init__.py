"""Self-hosted EDI/B2B gateway."""
