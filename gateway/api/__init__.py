"""JSON handlers that yield OpenAPI."""
