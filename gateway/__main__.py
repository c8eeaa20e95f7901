"""python -m gateway, and the command gateway."""

from gateway.cli.root import cli


def main() -> None:
    """Run the command line."""
    cli(prog_name="gateway")


if __name__ == "__main__":
    main()
