"""The coverage-guided fuzzer: ``python tests/fuzz/fuzz.py TARGET [libFuzzer options]``, ``make fuzz SECONDS=600`` for all.

It begins with the seeds of ``seeds.py`` and keeps what reaches new code, in memory. A find is written to the working
directory (``crash-…``) with its traceback: mend it, and put it into ``FINDS`` of ``test_targets.py``.
"""

import io
import sys
import tempfile
from importlib import import_module
from pathlib import Path

import atheris

ROOT = Path(__file__).parent.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "fuzz")]

with atheris.instrument_imports(include=["kg", "extractors", "schemas"]):
    from targets import OF_BYTES, OF_TEXT

    for package in ("schemas", "kg/readers", "kg/export"):  # what is imported when it is used would come too late
        for path in sorted((ROOT / package).glob("*.py")):
            import_module(".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"))

from seeds import SEEDS  # noqa: E402

import kg.readers  # noqa: E402

kg.readers.entry_points = lambda group: ()  # to look through all that is installed takes longer than most inputs


def main():
    if sys.argv[1:] == ["--list"]:
        return print(*OF_BYTES, *OF_TEXT)
    if len(sys.argv) < 2 or sys.argv[1] not in OF_BYTES | OF_TEXT:
        sys.exit(f"usage: fuzz.py TARGET [libFuzzer options]; targets: {' '.join(OF_BYTES | OF_TEXT)}")
    name = sys.argv.pop(1)

    def one(data):
        if name in OF_BYTES:
            OF_BYTES[name](data)
        else:
            OF_TEXT[name](
                atheris.FuzzedDataProvider(data).ConsumeUnicode(len(data))
                if data[:1] == b"\xff"
                else io.TextIOWrapper(io.BytesIO(data), "utf-8", "surrogateescape").read()
            )

    with tempfile.TemporaryDirectory() as folder:
        for number, seed in enumerate(SEEDS.get(name, SEEDS["text"])):
            Path(folder, str(number)).write_bytes(seed)
        atheris.Setup([sys.argv[0], folder, "-max_len=2000", "-rss_limit_mb=4000", *sys.argv[1:]], one)
        atheris.Fuzz()
    return None


if __name__ == "__main__":
    main()
