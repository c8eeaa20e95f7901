"""python -m gateway, and the command gateway."""

import gc

gc.set_threshold(50_000, 10, 10)  # a fifth of the start went into walking modules that stay (gateway.app.collector)

from gateway.cli.root import cli  # noqa: E402


def main() -> None:
    """Run the command line."""
    cli(prog_name="gateway")


if __name__ == "__main__":
    main()
