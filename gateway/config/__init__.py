"""The folders partners/, mappings/, schemas/ and config.yaml, read as written."""
