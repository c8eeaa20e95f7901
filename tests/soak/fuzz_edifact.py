"""Coverage-guided fuzzing of everything that EDIFACT bytes pass through. Needs atheris (extra `soak`).

    python tests/soak/fuzz_edifact.py -max_total_time=60 -rss_limit_mb=2048

Only a Fault may come out; atheris stops at anything else and writes the input beside it.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import atheris

with atheris.instrument_imports(include=["gateway.codecs", "gateway.schema", "gateway.model"]):
    from gateway.codecs.edifact import rewrite
    from gateway.config.schemas import load_directories
    from gateway.model.faults import Fault
    from gateway.schema.acknowledge import contrl
    from gateway.schema.judge import judge

DIRECTORIES = load_directories(Path(__file__).parents[2] / "schemas")


def read_all(data: bytes) -> None:
    """Read, judge, acknowledge and rewrite; what is not a Fault comes out."""
    try:
        for judged in judge([data], DIRECTORIES):
            contrl(judged.interchange, judged.findings, judged.verdicts, list_accepted=True)
        if rewrite(data, lambda segment: segment) != data:
            raise AssertionError("rewriting changed bytes")
    except Fault:
        pass


if __name__ == "__main__":
    seeds = Path(__file__).parents[1] / "conformance" / "edifact"
    with TemporaryDirectory() as found:  # the first folder is written to
        corpus = [found, *(str(each) for each in seeds.iterdir() if each.is_dir())]
        atheris.Setup([*sys.argv, *corpus], read_all)
        atheris.Fuzz()
