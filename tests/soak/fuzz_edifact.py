"""Coverage-guided fuzzing of everything that EDIFACT bytes pass through. Needs atheris (extra `soak`).

    python tests/soak/fuzz_edifact.py -max_total_time=60 -rss_limit_mb=2048

Only a Fault may come out; atheris stops at anything else and writes the input beside it.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import atheris

with atheris.instrument_imports(include=["gateway.codecs", "gateway.schema", "gateway.model", "gateway.mapping"]):
    from gateway.codecs.edifact import rewrite
    from gateway.codecs.envelope import read_interchanges
    from gateway.config.book import build_book
    from gateway.config.definitions import read_definitions
    from gateway.config.schemas import load_directories
    from gateway.config.settings import load_settings
    from gateway.model.faults import Fault
    from gateway.schema.acknowledge import contrl
    from gateway.schema.judge import directory_of, judge
    from gateway.schema.validate import validate

ROOT = Path(__file__).parents[2]
DIRECTORIES = load_directories(ROOT / "schemas")
SETTINGS = load_settings(ROOT)
MAPPING = build_book(read_definitions(SETTINGS), SETTINGS.schemas).mappings["nordmarkt", "eancom-1997/ORDERS"]


def read_all(data: bytes) -> None:
    """Read, judge, acknowledge, map and rewrite; what is not a Fault comes out."""
    try:
        for judged in judge([data], DIRECTORIES):
            contrl(judged.interchange, judged.findings, judged.verdicts, list_accepted=True)
        for interchange in read_interchanges([data]):
            for message in interchange.messages:
                if message.type == "ORDERS":  # whatever its findings: a partner may have them all as warnings
                    directory = directory_of(message, DIRECTORIES, interchange.header.syntax_version)
                    MAPPING.read(validate(message, directory).tree)
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
