"""What a key stroke in the mapping editor costs: a draft of the ORDERS mapping (about 180 rules) on an order of 500
lines, in a warm child process; against pydifact's bare parse of the same text. CPU time of the child.

    python tests/benchmarks/bench_preview.py
"""

import sys
import warnings
from pathlib import Path
from statistics import median

from pydifact.segmentcollection import Interchange

from gateway.app.preview import PreviewPool
from gateway.config.definitions import read_shipped, shipped_root
from gateway.config.preview import Draft

NAME = "eancom-1997/ORDERS"
LINES = 500
ROUNDS = 15


def main() -> None:
    sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[2])]
    from bench_mapping import cpu_us, edifact

    warnings.simplefilter("ignore")
    definitions = read_shipped()
    text = (shipped_root() / "mappings" / "standard" / f"{NAME}.yaml").read_text(encoding="utf-8")
    sample = edifact(1, LINES)
    pool = PreviewPool(definitions=lambda: definitions, schemas=shipped_root() / "schemas", limit_s=10)
    found: dict[str, list[float]] = {"without the output": [], "with the output": []}
    try:
        for what, times in found.items():
            for number in range(ROUNDS):
                draft = Draft(name=NAME, text=f"{text}\n# {number}\n", sample=sample, output=what.startswith("with "))
                times.append(pool.preview(draft).microseconds / 1000)
    finally:
        pool.close()
    parse = min(cpu_us(lambda: Interchange.from_str(sample.decode()), 1) for _ in range(3)) / 1000
    print(f"pydifact's bare parse of {LINES} lines: {parse:.0f} ms CPU")
    for what, times in found.items():
        warm = times[1:]  # the first one takes the sample apart
        figures = f"best {min(warm):.0f} ms, median {median(warm):.0f} ms, {median(warm) / parse:.2f} x the parse"
        print(f"preview {what}: {figures}; the first one {times[0]:.0f} ms")


if __name__ == "__main__":
    main()
