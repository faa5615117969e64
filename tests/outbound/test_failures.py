from __future__ import annotations

import pickle

import pytest

from advocacy.outbound.failures import SENTENCES, FailureKind, FetchFailed, retell


@pytest.mark.parametrize("kind", list(FailureKind))
def test_every_failure_says_what_to_do_in_a_sentence(kind: FailureKind) -> None:
    """Comms read it, not a programmer."""
    failure = FetchFailed(kind, host="www.example.com", status=404, limit_mib=5)

    assert str(failure).endswith(".")
    assert len(SENTENCES) == len(FailureKind)


@pytest.mark.parametrize("kind", list(FailureKind))
def test_a_failure_that_was_noted_is_told_again_in_another_language(
    kind: FailureKind,
) -> None:
    """The database keeps English; whoever looks may read Dutch."""
    failure = FetchFailed(kind, host="www.example.com", status=404, limit_mib=5)

    told = retell(kind.value, str(failure), lambda text: f"NL {text}")

    assert told == f"NL {failure}"


def test_a_failure_keeps_its_kind_between_processes() -> None:
    """It may be raised in a worker and handled elsewhere."""
    failure = FetchFailed(FailureKind.BUSY, headers={"retry-after": "9"}, host="h")

    again = pickle.loads(pickle.dumps(failure))  # noqa: S301 - our own

    assert (again.kind, again.headers, str(again)) == (
        failure.kind,
        failure.headers,
        str(failure),
    )
