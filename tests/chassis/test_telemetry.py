from __future__ import annotations

import json
import logging

import pytest
import structlog
from google.protobuf import descriptor_pool

from services.chassis import telemetry
from tests.support.echo import message

_TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def person(text: str) -> object:
    inner = message("SayRequest", text="inner", school="Acacia School")
    return message("SayRequest", text=text, school="Acacia School", parts=[inner])


def test_a_logged_message_loses_its_personal_fields_at_every_depth(
    capsys: pytest.CaptureFixture[str],
) -> None:
    telemetry.configure_logging()

    structlog.get_logger().info("said", request=person("hello"))

    line = json.loads(capsys.readouterr().err)
    assert line["request"] == {"text": "hello", "parts": [{"text": "inner"}]}
    assert (line["level"], line["event"]) == ("info", "said")


def test_redacting_leaves_the_message_itself_alone() -> None:
    request = message("SayRequest", text="a", school="Acacia School")

    telemetry.redacted(request)

    assert request == message("SayRequest", text="a", school="Acacia School")


def test_an_exception_is_logged_without_any_text(capsys: pytest.CaptureFixture[str]) -> None:
    telemetry.configure_logging()
    try:
        try:
            int("Ada Lovelace")
        except ValueError as error:
            raise RuntimeError("for Ada Lovelace") from error
    except RuntimeError:
        structlog.get_logger().exception("failed")

    said = capsys.readouterr().err

    assert "Lovelace" not in said
    assert {"builtins.RuntimeError", "builtins.ValueError"} <= set(json.loads(said)["exception"])


def test_libraries_are_heard_as_json_from_warnings_up(capsys: pytest.CaptureFixture[str]) -> None:
    telemetry.configure_logging()

    logging.getLogger("library").info("chatter")
    logging.getLogger("library").warning("trouble")

    assert json.loads(capsys.readouterr().err)["event"] == "trouble"


def test_the_level_is_obeyed(capsys: pytest.CaptureFixture[str]) -> None:
    telemetry.configure_logging("error")
    structlog.get_logger().warning("quiet")
    telemetry.configure_logging()

    assert capsys.readouterr().err == ""


def test_a_trace_goes_on_in_a_span_of_its_own() -> None:
    current = telemetry.continue_trace(_TRACE)

    assert telemetry.traceparent() == current != _TRACE
    assert telemetry.trace_id() == _TRACE[3:35] == current[3:35]
    assert current[53:] == "01"


@pytest.mark.parametrize(
    "incoming", ["", "x", _TRACE + "\n", _TRACE.upper(), "00-" + "0" * 32 + _TRACE[35:]]
)
def test_what_is_no_traceparent_begins_a_new_trace(incoming: str) -> None:
    first, second = telemetry.continue_trace(incoming), telemetry.continue_trace(incoming)

    assert len(first) == 55
    assert first[3:35] != second[3:35]


@pytest.mark.parametrize(("name", "personal"), [("SayRequest", True), ("Said", False)])
def test_the_contract_says_what_can_hold_personal_data(name: str, *, personal: bool) -> None:
    pool = descriptor_pool.Default()
    descriptor = pool.FindMessageTypeByName(f"localresponse.echo.v1.{name}")

    assert telemetry.holds_personal(descriptor) is personal
