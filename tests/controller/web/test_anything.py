"""Anything that the OpenAPI document allows, and much that it does not: no request makes a server error."""

import os
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.schemas import OpenApiSchema

from controller.rights import Role
from tests.controller.web.conftest import Site, running
from tests.controller.world import TOWN, when_daily

EXAMPLES = int(os.environ.get("LOAXA_API_EXAMPLES", "6"))
"""Requests per operation; `make soak` asks for many more."""


@pytest.fixture(scope="module")
def station(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site in which there is something to find: a speaker, a bulletin, a schedule with its broadcasts."""
    with running(tmp_path_factory.mktemp("anything")) as site:
        site.world.add_speaker("s-1", TOWN)
        site.world.schedule(when_daily(date(2026, 12, 8)))
        yield site


@pytest.fixture(scope="module")
def document(station: Site) -> OpenApiSchema:
    found = schemathesis.openapi.from_dict(station.client.get("/api/v1/openapi.json").json())
    found.config.update(base_url=station.base)
    return found


@pytest.mark.timeout(60 + 60 * EXAMPLES)
def test_no_request_makes_a_server_error(document: OpenApiSchema, station: Site) -> None:
    operations = [found.ok() for found in document.get_all_operations() if isinstance(found, Ok)]
    # The event stream never ends, which is for the tests of live pages to judge.
    operations = [each for each in operations if each.path != "/api/v1/events"]
    assert len(operations) >= 24
    failures: list[str] = []
    for operation in operations:

        @seed(20_261_207)
        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def ask(case: Any) -> None:
            case.call_and_validate(headers=_signed_in(station), checks=[not_a_server_error], timeout=20)

        try:
            ask()
        except (AssertionError, Exception, BaseExceptionGroup) as failure:
            failures.append(f"{operation.label}: {failure}")
    assert failures == []


def _signed_in(station: Site) -> dict[str, str]:
    """Of somebody who may do everything; signed in anew whenever the last request signed them out."""
    visitor = station.as_(Role.ADMINISTRATOR, name="anybody")
    if not visitor.get("/api/v1/session").is_success:
        assert visitor.sign_in(visitor.person.username).is_success
    return {"X-CSRF-Token": visitor.csrf, "Cookie": f"loaxa_session={visitor.cookies['loaxa_session']}"}
