"""No secret lies in the repository: private keys with a body, tokens of well-known services, passwords in addresses."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SECRETS = {
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/=]{40}",
    "a key of a cloud": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bAIza[0-9A-Za-z_-]{35}\b",
    "a token of a forge": r"\b(?:ghp|gho|ghs|ghr)_[A-Za-z0-9]{36}\b|\bglpat-[A-Za-z0-9_-]{20}\b",
    "a token of a registry": r"\bpypi-[A-Za-z0-9_-]{50}|\bnpm_[A-Za-z0-9]{36}",
    "a chat or payment token": r"\bxox[abprs]-[0-9A-Za-z-]{20,}|\bsk_live_[0-9A-Za-z]{20,}",
    "a password in an address": r"\b(?:postgresql|https?|smtp|amqp)://[^\s/:@{}$<>'\"]+:[^\s/@{}$<>'\"]{6,}@[a-z0-9]",
}
EXAMPLES = {
    "a private key": "-----BEGIN RSA PRIVATE KEY-----\n" + "A" * 64,
    "a key of a cloud": "AKIA" + "A" * 16,
    "a token of a forge": "ghp_" + "a" * 36,
    "a token of a registry": "npm_" + "a" * 36,
    "a chat or payment token": "xoxb-" + "1" * 24,
    "a password in an address": "postgresql://gateway:" + "hunter22" + "@db1/edi",
}


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    found = [ROOT / each for each in listed.split("\0") if each]
    return found or [path for path in ROOT.rglob("*") if not str(path.relative_to(ROOT)).startswith((".venv", ".git"))]


@pytest.mark.parametrize("name", sorted(SECRETS))
def test_no_file_of_the_repository_holds_a_secret(name: str) -> None:
    pattern = re.compile(SECRETS[name])
    assert pattern.search(EXAMPLES[name])
    found = [
        str(path.relative_to(ROOT))
        for path in tracked()
        if path.is_file() and path.stat().st_size < 5_000_000 and pattern.search(path.read_bytes().decode("latin-1"))
    ]
    assert found == []
