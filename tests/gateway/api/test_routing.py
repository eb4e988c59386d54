from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.api.contract import Binding, Contract
from gateway.api.routing import Routes
from gateway.api.templates import TemplateError, parse


def routes(contract: Contract, *paths: str) -> Routes:
    bindings = [Binding("GET", parse(path), "", "") for path in paths]
    rpcs = [replace(contract.rpcs[0], bindings=(binding,)) for binding in bindings]
    return Routes(rpcs)


@pytest.mark.parametrize(
    ("path", "template"),
    [
        pytest.param("/a/b", "/a/b", id="a literal before a variable"),
        pytest.param("/a/c", "/a/{x}", id="a variable"),
        pytest.param("/a/c:go", "/a/{x}:go", id="a verb"),
        pytest.param("/a/c%3Ago", "/a/{x}", id="an encoded colon is no verb"),
        pytest.param("/a/c:stop", "/a/{x}", id="an unknown verb belongs to the value"),
        pytest.param("/a/c/d", "/a/{x=**}", id="the open end last"),
        pytest.param("/b", "", id="nothing"),
    ],
)
def test_the_most_literal_route_is_found(
    library_contract: Contract, path: str, template: str
) -> None:
    table = routes(library_contract, "/a/{x=**}", "/a/{x}", "/a/{x}:go", "/a/b")

    match = table.find("GET", path)

    assert (match.binding.template.text if match else "") == template


def test_two_rpcs_for_one_path_are_refused(library_contract: Contract) -> None:
    with pytest.raises(TemplateError, match="means both"):
        routes(library_contract, "/a/{x}", "/a/{y}")


def test_a_verb_of_another_method_is_no_part_of_an_id(library_contract: Contract) -> None:
    table = Routes(library_contract.rpcs)

    assert table.find("GET", "/api/v1/books/1:buy") is None
    assert table.allowed("/api/v1/books/1:buy") == ["POST"]


def test_the_methods_that_a_path_knows_are_listed(library_contract: Contract) -> None:
    table = Routes(library_contract.rpcs)

    assert table.allowed("/api/v1/books/1") == ["DELETE", "GET", "PUT"]
