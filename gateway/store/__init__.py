"""The journal in SQL, blobs, keys and read-only views. The only place with SQL."""
