"""Whether docs/check_case.py finds every change: python3 change_case.py CASE.zip

Bytes of every file of the archive, and every value that the chains prove in a case.json that
somebody changed and left unsigned. Prints how many changes were tried; a miss ends it.
"""

import copy
import functools
import json
import pathlib
import sys
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "docs"))
import check_case

# Of the same bytes the answer is the same.
check_case.is_signed = functools.lru_cache(None)(check_case.is_signed)
check_case.fingerprint = functools.lru_cache(None)(check_case.fingerprint)
STEPS = 120


def changed(value):
    if isinstance(value, bool) or value is None:
        return "0" * 64
    if isinstance(value, int):
        return value + 1
    if isinstance(value, list):
        return value[:-1] if value else ["0" * 64]
    return ("1" if value[:1] == "0" else "0") + value[1:]


def places(case):
    """Each value that is proved, as the way to it."""
    for at, one in enumerate(case["lines"]):
        yield from (("lines", at, "says", name) for name in one["says"])
        yield from (("lines", at, name) for name in ("chain", "seq", "previous", "hash", "path"))
    for at, one in enumerate(case["statements"]):
        yield from (("statements", at, "event", "says", name) for name in one["event"]["says"])
        yield ("statements", at, "evidence")
    for at, one in enumerate(case["checkpoints"]):
        yield from (("checkpoints", at, name) for name in one)


with zipfile.ZipFile(sys.argv[1]) as archive:
    files = {name: archive.read(name) for name in archive.namelist()}
assert not list(check_case.check(files)), "it is whole before"
tried = 0
for name, whole in files.items():
    for at in range(0, len(whole), max(1, len(whole) // STEPS)):
        other = whole[:at] + bytes([whole[at] ^ 1 << at % 8]) + whole[at + 1 :]
        assert next(check_case.check({**files, name: other}), None), f"{name}, byte {at}"
        tried += 1
case = json.loads(files["case.json"])
for way in places(case):
    other = copy.deepcopy(case)
    inner = other
    for step in way[:-1]:
        inner = inner[step]
    inner[way[-1]] = changed(inner[way[-1]])
    try:
        found = list(check_case.check_json(other, files["key.pem"]))
    except (ValueError, AttributeError, TypeError, OverflowError) as fault:
        found = [fault]
    assert found, way
    tried += 1
print(f"found {tried}")
