"""Takes messages apart with Python's email package. One process for many messages.

Standard input: one JSON list of messages in base64.
Standard output: one JSON list; for each message {"subject", "parts"}, where a part is
{"type", "text"} for text that is no attachment and {"type", "digest"} for all else, in order.
Containers are not listed; a message inside a message is one part.
"""

import base64
import email
import email.header
import hashlib
import json
import sys


def leaves(part):
    if part.is_multipart() and part.get_content_maintype() == "multipart":
        for child in part.get_payload():
            yield from leaves(child)
    else:
        yield part


def described(part):
    kind = part.get_content_type()
    if part.get_content_maintype() == "message" and part.is_multipart():
        inner = b"".join(child.as_bytes() for child in part.get_payload())
        return {"type": kind, "digest": hashlib.sha256(inner).hexdigest()}
    data = part.get_payload(decode=True) or b""
    if kind in ("text/plain", "text/html") and part.get_content_disposition() != "attachment":
        charset = part.get_content_charset("us-ascii")
        try:
            return {"type": kind, "text": data.decode(charset)}
        except (LookupError, UnicodeDecodeError):
            pass
    return {"type": kind, "digest": hashlib.sha256(data).hexdigest()}


def subject(message):
    try:
        return str(email.header.make_header(email.header.decode_header(message.get("Subject", ""))))
    except Exception:  # a charset it does not know
        return None


def main():
    outlines = []
    for encoded in json.load(sys.stdin):
        message = email.message_from_bytes(base64.b64decode(encoded))
        outlines.append({"subject": subject(message), "parts": [described(p) for p in leaves(message)]})
    json.dump(outlines, sys.stdout)


main()
