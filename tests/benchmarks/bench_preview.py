"""What a key stroke in the mapping editor costs: a partner's layer on the ORDERS mapping, 300 rules together, on an
order of 500 lines, in a warm child process, as the editor asks for it: of what changes no rule (a comment), and of what
changes a field of every line; and a whole preview of the mapping as a draft;
against pydifact's bare parse of the same text. CPU time of the child, and the way there and back by the clock.

    python tests/benchmarks/bench_preview.py
"""

import sys
import time
import warnings
from pathlib import Path
from statistics import median

from pydifact.segmentcollection import Interchange

from gateway.app.preview import PreviewPool, TimedLook
from gateway.config.definitions import Definitions, read_shipped, shipped_root
from gateway.config.editing import targets
from gateway.config.editor_view import Look, LookTask
from gateway.config.grammars import Grammars
from gateway.config.mappings import MappingFiles
from gateway.config.preview import Draft
from gateway.config.schemas import load_directories

NAME = "eancom-1997/ORDERS"
LINES = 500
ROUNDS = 40
RULES = 300
PARTNER = """name: Acme
role: customer
gln: "4099990000011"
channels: {box: {kind: folder, folder: acme}}
agreements:
  - {receive: eancom-1997/ORDERS, over: box}
"""


def layer(definitions: Definitions) -> str:
    """A partner's layer that brings the mapping to RULES rules: texts by qualifier, three for each free field."""
    schemas = shipped_root() / "schemas"
    files = MappingFiles(definitions, load_directories(schemas), Grammars(schemas).of)
    effective = files.mapping(NAME).effective
    assert effective is not None
    codes = sorted(files.directories["d96a"].codes("4451"))
    free = [each.key for each in targets("Order") if each.key not in effective.entries and each.kind == "text"]
    usable = [key for key in free if "[]" not in key or (key.startswith("lines[].") and key.count("[]") == 1)]
    have = sum(len(entry) if isinstance(entry, tuple) else 1 for entry in effective.entries.values())
    lines = []
    for number, key in enumerate(usable):
        if have + 3 * number >= RULES:
            break
        chosen = codes[3 * number : 3 * number + 3] or codes[:3]
        rules = ", ".join(f"{{path: FTX/C108.4440, where: {{4451: '{code}'}}, as: text}}" for code in chosen)
        lines.append(f"  {key}: [{rules}]")
    return f"extends: {NAME}\nfields:\n" + "\n".join(lines) + "\n"


def key_strokes(
    pool: PreviewPool, text: str, sample: bytes, *, changing: bool = False
) -> tuple[list[float], list[float], Look]:
    """Return milliseconds of the child's CPU, and by the clock, of each round but the first, and the last answer.

    changing: each round writes another rule for the line's description, so that every line of the document differs
    """
    cpu, clock = [], []
    for number in range(ROUNDS + 1):
        rule = f"  lines[].item.description: {{path: LIN/C212.7143, direction: in, default: '{number}'}}"
        typed = f"{rule}\n" if changing else f"# {number}\n"
        draft = Draft(name=NAME, partner="acme", text=f"{text}{typed}", sample=sample, output=False, quick=True)
        begun = time.perf_counter()
        found = pool.run(TimedLook(LookTask(draft=draft, proposals=False, rules=number == ROUNDS)))
        clock.append((time.perf_counter() - begun) * 1000)
        cpu.append(found.preview.microseconds / 1000)
    return cpu[1:-1], clock[1:-1], found


def main() -> None:
    sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[2])]
    from bench_mapping import cpu_us, edifact

    from tests.benchmarks.figures import figure

    warnings.simplefilter("ignore")
    shipped = read_shipped()
    definitions = Definitions.of({**shipped.files, "partners/acme/partner.yaml": PARTNER})
    text = (shipped_root() / "mappings" / "standard" / f"{NAME}.yaml").read_text(encoding="utf-8")
    sample = edifact(1, LINES)
    pool = PreviewPool(definitions=lambda: definitions, schemas=shipped_root() / "schemas", limit_s=10)
    found: dict[str, list[float]] = {"without the output": [], "with the output": []}
    try:
        for what, times in found.items():
            for number in range(ROUNDS):
                draft = Draft(name=NAME, text=f"{text}\n# {number}\n", sample=sample, output=what.startswith("with "))
                times.append(pool.preview(draft).microseconds / 1000)
        strokes = {
            "a comment": key_strokes(pool, layer(definitions), sample),
            "a field of every line": key_strokes(pool, layer(definitions), sample, changing=True),
        }
    finally:
        pool.close()
    for _, _, answer in strokes.values():
        errors = [each for each in answer.preview.findings if each.severity == "error"]
        assert not errors, errors[0]
    assert strokes["a field of every line"][2].preview.messages[0].differences
    parse = min(cpu_us(lambda: Interchange.from_str(sample.decode()), 1) for _ in range(3)) / 1000
    print(f"pydifact's bare parse of {LINES} lines: {parse:.0f} ms CPU")
    for what, times in found.items():
        warm = times[1:]  # the first one takes the sample apart
        figures = f"best {min(warm):.0f} ms, median {median(warm):.0f} ms, {median(warm) / parse:.2f} x the parse"
        figure(f"preview {what}", median(warm), "ms of CPU", peer=("pydifact's bare parse", parse))
        print(f"preview {what}: {figures}; the first one {times[0]:.0f} ms")
    for what, (cpu, clock, answer) in strokes.items():
        told = f"best {min(cpu):.0f} ms, median {median(cpu):.0f} ms CPU, {median(cpu) / parse:.2f} x the parse"
        p95 = sorted(clock)[len(clock) * 95 // 100]
        by_clock = f"by the clock best {min(clock):.0f}, median {median(clock):.0f}, p95 {p95:.0f}"
        figure(f"key stroke that changes {what}, p95 by the clock", p95, "ms", at_most=100)
        print(f"key stroke that changes {what}, {len(answer.rules)} rules: {told}; {by_clock}")


if __name__ == "__main__":
    main()
