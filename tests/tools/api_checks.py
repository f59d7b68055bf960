"""A right request is never answered as a malformed one.

What no schema can say (a moment in the future, two values that do not go together) is a 422, too,
so that the status alone proves nothing: the problem's code does.
"""

import schemathesis
from schemathesis.generation import GenerationMode


@schemathesis.check
def right_requests_are_not_malformed(ctx, response, case):
    if response.status_code not in (400, 422) or case.meta is None:
        return
    if case.meta.generation.mode != GenerationMode.POSITIVE:
        return
    code = response.json().get("code")
    malformed = ("not-json", "field-unknown", "field-missing", "value-wrong", "parameter-wrong")
    assert code not in malformed, f"a right request is called {code}: {response.text}"
