"""How long a stranger waits: from a clone in an empty folder with an empty home until the first message is on screen.

    python tests/benchmarks/first_message.py [FIRST_PORT]

Needs git, make, Python and a package registry, as the README says; ports FIRST_PORT and those behind it are used in
place of the usual ones. Prints seconds after the start: packages installed, the link to the console, the first message.
"""

import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
from http.cookiejar import CookieJar
from pathlib import Path
from time import monotonic, sleep
from urllib.request import HTTPCookieProcessor, build_opener

ROOT = Path(__file__).parents[2]
PATIENCE_S = 1800
MESSAGE = re.compile(r'href="/messages/[0-9a-f-]{36}"')
LINK = re.compile(r"http://\S+/login\?token=\S+")


def other_ports(folder: Path, first: int) -> None:
    """Shift 8080 to 8099 and 18100 to 18199 in the settings of the clone."""
    for path in (folder / "config.yaml", *folder.glob("partners/*/partner.yaml")):
        text = re.sub(r"\b80([89]\d)\b", lambda found: str(first + int(found[1]) - 80), path.read_text("utf-8"))
        path.write_text(re.sub(r"\b181(\d\d)\b", lambda found: str(first + 100 + int(found[1])), text), "utf-8")


def first_message(link: str, until: float) -> None:
    """Sign in with the link and look at the messages until there is one. Raises TimeoutError."""
    screen = build_opener(HTTPCookieProcessor(CookieJar()))
    screen.open(link, timeout=30).read()
    page = link.partition("/login")[0] + "/messages"
    while not MESSAGE.search(screen.open(page, timeout=30).read().decode()):
        if monotonic() > until:
            raise TimeoutError(page)
        sleep(0.2)


def main() -> None:
    first = int(sys.argv[1]) if len(sys.argv) > 1 else 8080
    with tempfile.TemporaryDirectory() as name:
        folder, home = Path(name) / "clone", Path(name) / "home"
        home.mkdir()
        began = monotonic()
        subprocess.run(["git", "clone", "-q", str(ROOT), str(folder)], check=True)
        other_ports(folder, first)
        environment = {
            key: each for key, each in os.environ.items() if key in ("PATH", "LANG") or key.startswith("PIP_")
        }
        process = subprocess.Popen(
            ["make", "run"], cwd=folder, env={**environment, "HOME": str(home), "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
        )  # fmt: skip
        watchdog = threading.Timer(PATIENCE_S, os.killpg, (process.pid, signal.SIGKILL))
        watchdog.start()
        try:
            assert process.stdout is not None
            installed = False
            for line in process.stdout:
                seconds = monotonic() - began
                if not installed and "gateway demo" in line:
                    installed = True
                    print(f"{seconds:6.1f} s  packages and schemas are installed", flush=True)
                if found := LINK.search(line):
                    print(f"{seconds:6.1f} s  the link to the console is printed", flush=True)
                    first_message(found[0], began + PATIENCE_S)
                    break
            print(f"{monotonic() - began:6.1f} s  the first message is on the screen; load {os.getloadavg()[0]:.1f}")
        finally:
            watchdog.cancel()
            os.killpg(process.pid, signal.SIGINT)
            process.wait(60)


if __name__ == "__main__":
    main()
