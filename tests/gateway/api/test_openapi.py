"""The OpenAPI document: valid, complete, and true to the contract's rules."""

from __future__ import annotations

from typing import Any

import pytest
from openapi_spec_validator import validate

from gateway.api.contract import Contract, load
from gateway.api.openapi import document


@pytest.fixture(scope="module")
def library(library_contract: Contract) -> dict[str, Any]:
    return document(library_contract, cookie="localresponse")


@pytest.fixture(scope="module")
def product() -> dict[str, Any]:
    return document(load(), cookie="localresponse")


def test_the_documents_are_valid(library: dict[str, Any], product: dict[str, Any]) -> None:
    validate(library)
    validate(product)


def test_every_binding_of_the_product_is_an_operation(product: dict[str, Any]) -> None:
    declared = sum(len(rpc.bindings) + len(rpc.files) for rpc in load().rpcs)
    operations = [
        operation
        for item in product["paths"].values()
        for operation in item.values()
        if not operation["operationId"].endswith("_csv")
    ]

    assert len(operations) == declared
    assert all(operation["summary"] for operation in operations)
    assert len({operation["operationId"] for operation in operations}) == declared


def test_paths_that_differ_in_names_only_are_one(product: dict[str, Any]) -> None:
    shapes = ["/".join(_without_names(path)) for path in product["paths"]]

    assert len(set(shapes)) == len(shapes)


def _without_names(path: str) -> list[str]:
    return ["{}" + part.partition("}")[2] if part[:1] == "{" else part for part in path.split("/")]


def test_an_operation_says_who_may_and_with_what(library: dict[str, Any]) -> None:
    operation = library["paths"]["/api/v1/books/{id}"]["put"]

    assert operation["security"] == [{"bearer": ["book.change"]}, {"session": ["book.change"]}]
    assert {"$ref": "#/components/parameters/IdempotencyKey"} in operation["parameters"]
    assert {"$ref": "#/components/parameters/IfMatchRequired"} in operation["parameters"]
    assert {"412", "428", "422", "413"} <= set(operation["responses"])


def test_rules_are_keywords(library: dict[str, Any]) -> None:
    book = library["components"]["schemas"]["library.Book"]
    listing = library["paths"]["/api/v1/books"]["get"]
    sizes = next(one for one in listing["parameters"] if one["name"] == "pageSize")

    title = book["properties"]["title"]
    assert (title["minLength"], title["maxLength"]) == (1, 200)
    assert (sizes["schema"]["minimum"], sizes["schema"]["maximum"]) == (0, 200)
    assert book["properties"]["copies"]["type"] == "string"
    assert book["properties"]["createTime"]["format"] == "date-time"
    assert book["properties"]["sequelOf"]["$ref"] == "#/components/schemas/library.Book"


def test_messages_of_requests_are_closed_and_others_open(library: dict[str, Any]) -> None:
    schemas = library["components"]["schemas"]

    assert schemas["library.Book"]["additionalProperties"] is False
    assert "additionalProperties" not in schemas["library.ListBooksResponse"]


def test_query_parameters_are_the_leaves(library: dict[str, Any]) -> None:
    names = [one.get("name") for one in library["paths"]["/api/v1/books"]["get"]["parameters"]]

    assert names == [
        *("pageSize", "pageToken", "genres", "printed.first", "printed.last"),
        *("addedBeforeTime", "inPrint", "copiesMin", "tags"),
    ]


def test_personal_fields_are_marked(product: dict[str, Any]) -> None:
    marked = [
        name
        for schema in product["components"]["schemas"].values()
        for name, member in schema.get("properties", {}).items()
        if member.get("x-personal-data")
    ]

    assert "need" in marked
