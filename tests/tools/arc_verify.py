"""Verifies ARC chains with dkimpy. One process for many messages.

Standard input: one JSON object {"records": {name: text}, "messages": [base64, ...]}.
Standard output: one JSON list with the status of each chain: "pass", "fail", "none", "ended" where an
earlier seal says "fail", or the error as text. Asks no DNS.
"""

import base64
import json
import sys

try:
    import dkim
except ImportError:
    sys.exit("python3-dkim is missing: run tests/run, or apt-get install python3-dkim")


def main():
    asked = json.load(sys.stdin)
    records = {name.rstrip(".") + ".": text.encode() for name, text in asked["records"].items()}

    def dnsfunc(name, timeout=5):
        return records.get(name.decode() if isinstance(name, bytes) else name)

    def status(message):
        try:
            found = dkim.ARC(message, minkey=1024).verify(dnsfunc=dnsfunc)[0]
            return found.decode() if found else "ended"
        except Exception as error:  # what it raises is an answer too
            return f"{type(error).__name__}: {error}"

    json.dump([status(base64.b64decode(message)) for message in asked["messages"]], sys.stdout)


main()
