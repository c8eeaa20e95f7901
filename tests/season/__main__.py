"""python -m tests.season FOLDER [--gateway COMMAND] [--seed N] [--days N | --rush MINUTES [--database URL]]: plays, audits, prints JSON."""

import argparse
import importlib.abc
import json
import sys
import threading
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any


class NoGateway(importlib.abc.MetaPathFinder):
    """Whoever audits must not share code with what is audited."""

    def find_spec(self, fullname, path, target=None):  # type: ignore[no-untyped-def]
        if fullname.partition(".")[0] == "gateway":
            raise ImportError("the season shares no code with the gateway")


def main() -> int:
    words = argparse.ArgumentParser(prog="season")
    words.add_argument("folder", type=Path)
    words.add_argument("--gateway", default="gateway")
    words.add_argument("--days", type=int, default=30)
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--rush", type=float, metavar="MINUTES", help="as fast as the machine takes it, with faults")
    words.add_argument(
        "--database", default="", metavar="URL", help="with --rush: two nodes on this PostgreSQL database"
    )
    words.add_argument(
        "--watch", action="store_true", help="tell a link into the console; leave all as it is until Ctrl-C"
    )
    chosen = words.parse_args()
    sys.meta_path.insert(0, NoGateway())
    chosen.folder.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    found = rushed(chosen) if chosen.rush else played(chosen)
    found["seconds"] = round(time.monotonic() - began, 1)
    print(json.dumps(found, indent=1))
    return 1 if found["differences"] else 0


def tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def rushed(chosen: argparse.Namespace) -> dict[str, Any]:
    from tests.season.rush import Rush
    from tests.season.rush_audit import audited

    rush = Rush(chosen.folder.resolve(), chosen.gateway, chosen.seed, chosen.rush, tell, chosen.database)
    try:
        rush.play_all()
        return audited(rush)
    finally:
        rush.close()


def played(chosen: argparse.Namespace) -> dict[str, Any]:
    from tests.season.audit import audit, await_record
    from tests.season.planted import Remembered, planted
    from tests.season.play import FIRST, Season

    season = Season(chosen.folder.resolve(), chosen.gateway, chosen.seed, tell)
    try:
        if chosen.watch:
            tell(f"Watch the season in the console: {season.instance.link()}")
        season.play(chosen.days)
        days = (FIRST, FIRST + timedelta(days=chosen.days - 1))
        await_record(season.instance)
        told = Remembered(season.instance)
        found = audit(season.mailboxes, told, season.house.shelf, days)
        found["planted"] = planted(season.mailboxes, told, season.house.shelf, days)
        found["purchases"] = {name: each.orders for name, each in season.suppliers.items()}
        if chosen.watch:
            tell("The season is over and audited; the console stays open until Ctrl-C.")
            with suppress(KeyboardInterrupt):
                threading.Event().wait()
    finally:
        season.close()
    return found


if __name__ == "__main__":
    sys.exit(main())
