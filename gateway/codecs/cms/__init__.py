"""Cryptographic Message Syntax, streaming: SignedData, EnvelopedData, CompressedData. The only codec that uses
cryptography, and only its primitives: a partner's CMS is never given to a parser written in C."""
