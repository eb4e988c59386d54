from __future__ import annotations

import pytest

from gateway.api.templates import TemplateError, parse


@pytest.mark.parametrize(
    ("template", "path", "expected"),
    [
        pytest.param("/v1/books", "/v1/books", {}, id="literals"),
        pytest.param("/v1/books", "/v1/book", None, id="another literal"),
        pytest.param("/v1/books", "/v1/books/", None, id="a slash at the end"),
        pytest.param("/v1/{book_id}", "/v1/7", {"book_id": "7"}, id="a variable"),
        pytest.param("/v1/{book_id}", "/v1/", None, id="an empty variable"),
        pytest.param("/v1/{book_id}", "/v1/a/b", None, id="one segment is one segment"),
        pytest.param("/v1/{book.id=*}", "/v1/7", {"book.id": "7"}, id="a nested field"),
        pytest.param("/v1/{b}/x", "/v1/a%2Fb/x", {"b": "a/b"}, id="an encoded slash in one"),
        pytest.param("/v1/{b}", "/v1/%C3%A9%20%3A", {"b": "é :"}, id="encoded text"),
        pytest.param("/v1/*/x", "/v1/any/x", {}, id="a star without a name"),
        pytest.param("/v1/{n=a/*/b/*}", "/v1/a/1/b/2", {"n": "a/1/b/2"}, id="segments"),
        pytest.param("/v1/{n=a/*}", "/v1/b/1", None, id="another literal in a variable"),
        pytest.param("/v1/{n=a/**}", "/v1/a/1/2/3", {"n": "a/1/2/3"}, id="any number"),
        pytest.param("/v1/{n=a/**}", "/v1/a", {"n": "a"}, id="any number is also none"),
        pytest.param("/v1/{n=**}", "/v1/a%2Fb/c%20d", {"n": "a%2Fb/c d"}, id="%2F stays in many"),
        pytest.param("/v1/a.b/{c}", "/v1/a.b/1", {"c": "1"}, id="a dot in a literal"),
    ],
)
def test_a_template_matches_as_http_proto_says(
    template: str, path: str, expected: dict[str, str] | None
) -> None:
    assert parse(template).match(path.removeprefix("/").split("/")) == expected


@pytest.mark.parametrize(
    "template",
    [
        "",
        "v1",
        "/",
        "/v1//x",
        "/v1/",
        "/{a",
        "/a}",
        "/{a={b}}",
        "/{1a}",
        "/{a.}",
        "/{a=}",
        "/**/x",
        "/{a=**}/x",
        "/{a}/{a}",
        "/a:b:c",
        "/a:",
        "/a:b/c",
    ],
)
def test_a_template_outside_the_grammar_is_refused(template: str) -> None:
    with pytest.raises(TemplateError):
        parse(template)


def test_a_verb_follows_the_last_segment() -> None:
    template = parse("/v1/{name=books/**}:buy")

    assert template.verb == "buy"
    assert template.match(["v1", "books", "1"]) == {"name": "books/1"}
