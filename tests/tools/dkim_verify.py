"""Verifies DKIM signatures with dkimpy. One process for many messages.

Standard input: one JSON object {"records": {name: text}, "messages": [base64, ...]}.
Standard output: one JSON list; for each message a list with one entry for each of its
DKIM-Signature fields, top first: true, false, or the error as text. Asks no DNS.
"""

import base64
import json
import re
import sys

try:
    import dkim
except ImportError:
    sys.exit("python3-dkim is missing: run tests/run, or apt-get install python3-dkim")


def main():
    asked = json.load(sys.stdin)
    records = {name.rstrip(".") + ".": text.encode() for name, text in asked["records"].items()}

    def dnsfunc(name, timeout=5):
        if isinstance(name, bytes):
            name = name.decode()
        return records.get(name)

    answers = []
    for encoded in asked["messages"]:
        message = base64.b64decode(encoded)
        header = message.split(b"\r\n\r\n", 1)[0]
        count = len(re.findall(rb"(?im)^dkim-signature[ \t]*:", header))
        found = []
        for index in range(count):
            try:
                found.append(bool(dkim.DKIM(message, minkey=1024).verify(idx=index, dnsfunc=dnsfunc)))
            except Exception as error:  # what it raises is an answer too
                found.append(f"{type(error).__name__}: {error}")
        answers.append(found)
    json.dump(answers, sys.stdout)


main()
