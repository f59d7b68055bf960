#!/usr/bin/env python3
"""Checks a case file of Souhlas without Souhlas: python3 check_case.py CASE.zip [FINGERPRINT]

It is written from docs/evidence.md alone, needs Python 3.8 and the openssl command, and asks
nothing else. Exit code: 0 whole, 1 something is wrong; each fault is one line.
"""

import hashlib
import json
import subprocess
import sys
import tempfile
import uuid
import zipfile

MISSING = b"\xff" * 8


def sha256(data):
    return hashlib.sha256(data).digest()


def number(value):
    return value.to_bytes(8, "big", signed=True)


def field(data):
    """One field of a line: its length and its bytes; a missing one is not an empty one."""
    return MISSING if data is None else len(data).to_bytes(8, "big") + data


def text(value):
    return None if value is None else value.encode()


def identity(value):
    return None if value is None else uuid.UUID(value).bytes


def line(says):
    """What the hash of a line of the journal is made over."""
    recipient = says["recipient"]
    return (
        field(identity(says["id"]))
        + field(number(says["at"]))
        + field(text(says["kind"]))
        + field(identity(says["message"]))
        + field(identity(says["delivery"]))
        + field(None if recipient is None else bytes.fromhex(recipient))
        + field(text(says["detail"]))
    )


def event(says):
    """What the hash of an event of the consent store is made over."""
    return (
        field(identity(says["contact"]))
        + field(text(says["kind"]))
        + field(text(says["controller"]))
        + field(text(says["purpose"]))
        + field(number(says["at"]))
        + field(number(says["recorded_at"]))
        + field(text(says["actor"]))
        + field(text(says["detail"]))
        + field(bytes.fromhex(says["commitment"]))
    )


def commitment(salt, evidence):
    if evidence is None:
        return sha256(b"")
    return sha256(len(salt).to_bytes(8, "big") + salt + evidence.encode())


def root(leaf, index, size, path):
    """RFC 9162, 2.1.3.2: where the path leads from a leaf; None where it is no path of the tree."""
    if not 0 <= index < size:
        return None
    at, last, found = index, size - 1, sha256(b"\0" + leaf)
    for step in path:
        if last == 0:
            return None
        if at % 2 or at == last:
            found = sha256(b"\1" + step + found)
            while at and at % 2 == 0:
                at, last = at // 2, last // 2
        else:
            found = sha256(b"\1" + found + step)
        at, last = at // 2, last // 2
    return found if last == 0 else None


def signed_text(one):
    """What the signature of a checkpoint is over."""
    chain = json.dumps(one["chain"], ensure_ascii=False)
    return (
        f"souhlas checkpoint 1\nchain {chain}\nlines {one['from']} {one['upto']}\n"
        f"head {one['head']}\nroot {one['root']}\nprevious {one['previous']}\n"
        f"at {one['at']}\nkey {one['key']}\n"
    ).encode()


def openssl(*arguments):
    return subprocess.run(["openssl", *arguments], capture_output=True)


def is_signed(pem, data, signature):
    with tempfile.TemporaryDirectory() as folder:
        for name, content in (("key", pem), ("data", data), ("signature", signature)):
            with open(f"{folder}/{name}", "wb") as file:
                file.write(content)
        verify = ["pkeyutl", "-verify", "-pubin", "-inkey", f"{folder}/key", "-rawin"]
        files = ["-in", f"{folder}/data", "-sigfile", f"{folder}/signature"]
        return openssl(*verify, *files).returncode == 0


def fingerprint(pem):
    with tempfile.NamedTemporaryFile() as file:
        file.write(pem)
        file.flush()
        return sha256(openssl("pkey", "-pubin", "-in", file.name, "-outform", "DER").stdout).hex()


def proven(one, hashed, checkpoints):
    """The faults of one line or event: its hash, its place, its way to a signature."""
    where = f"chain {one['chain']}, line {one['seq']}"
    previous, own = bytes.fromhex(one["previous"]), bytes.fromhex(one["hash"])
    if one["seq"] == 1 and previous != sha256(f"souhlas chain {one['chain']}".encode()):
        yield f"{where}: it does not begin the chain"
    if sha256(previous + number(one["seq"]) + hashed) != own:
        yield f"{where}: it was changed, its hash is another"
    by = checkpoints[one["checkpoint"]]
    size, path = by["upto"] - by["from"] + 1, [bytes.fromhex(step) for step in one["path"]]
    found = root(own, one["seq"] - by["from"], size, path)
    if by["chain"] != one["chain"] or found is None or found.hex() != by["root"]:
        yield f"{where}: its checkpoint does not cover it"


def check_json(case, pem):
    """All that case.json proves by itself, with the key."""
    print_of_key = fingerprint(pem)
    if case["format"] != "souhlas case 1" or case["key"] != print_of_key:
        yield "case.json: another format or another key"
    for one in case["checkpoints"]:
        signature = bytes.fromhex(one["signature"])
        if one["key"] != print_of_key or not is_signed(pem, signed_text(one), signature):
            yield f"checkpoint of chain {one['chain']}, line {one['from']}: not signed so"
    for one in case["lines"]:
        yield from proven(one, line(one["says"]), case["checkpoints"])
    salts = {one["contact"]: one["salt"] for one in case["contacts"]}
    for one in case["statements"]:
        says, evidence = one["event"]["says"], one["evidence"]
        yield from proven(one["event"], event(says), case["checkpoints"])
        if one["evidence_is"] == "erased":
            continue
        salt = bytes.fromhex(salts.get(says["contact"]) or "")
        if commitment(salt, evidence).hex() != says["commitment"]:
            yield f"chain {one['event']['chain']}, line {one['event']['seq']}: other evidence"


def check(files, deposited=None):
    """The faults of the files of an archive, each by its name."""
    pem, sums = files.get("key.pem", b""), files.get("SHA256SUMS", b"")
    if deposited is not None and fingerprint(pem) != deposited.lower():
        yield f"the key is another than the one named: {fingerprint(pem)}"
    if not is_signed(pem, sums, files.get("SHA256SUMS.sig", b"")):
        yield "SHA256SUMS is not signed by key.pem"
    rest = {name for name in files if name not in ("SHA256SUMS", "SHA256SUMS.sig")}
    for entry in sums.decode(errors="replace").splitlines():
        wanted, _, name = entry.partition("  ")
        if name not in rest or sha256(files[name]).hex() != wanted:
            yield f"{name}: not what was signed"
        rest.discard(name)
    yield from (f"{name}: added" for name in sorted(rest))
    try:
        yield from check_json(json.loads(files["case.json"]), pem)
    except (KeyError, IndexError, TypeError, ValueError, OverflowError, AttributeError) as fault:
        yield f"case.json cannot be read: {fault!r}"


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    with zipfile.ZipFile(sys.argv[1]) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    faults = list(check(files, *sys.argv[2:]))
    for fault in faults:
        print(fault)
    print(f"fingerprint {fingerprint(files.get('key.pem', b''))}")
    print("the case file is NOT whole" if faults else "the case file is whole")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
