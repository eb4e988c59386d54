from __future__ import annotations

import os
from pathlib import Path

import pytest
from pydantic import SecretStr

from services.chassis.settings import Settings, load

SECRET = "LOCALRESPONSE_OIDC_CLIENT_SECRET"


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("LOCALRESPONSE_")]:
        monkeypatch.delenv(name)


def refused(capsys: pytest.CaptureFixture[str], **values: object) -> str:
    with pytest.raises(SystemExit) as ended:
        load(**values)
    assert ended.value.code == 2
    return capsys.readouterr().err


def secret_file(folder: Path, mode: int = 0o600) -> Path:
    path = folder / "secret"
    path.write_text("hush\n", encoding="utf-8")
    path.chmod(mode)
    return path


def test_the_defaults_are_loopback_and_under_the_data_folder(tmp_path: Path) -> None:
    settings = load(data_dir=tmp_path)

    assert settings.database_url("fund") == f"sqlite:///{tmp_path}/fund.sqlite3"
    assert settings.listen("fund") == settings.target("fund") == f"unix:{tmp_path}/run/fund.sock"
    assert (settings.gateway_host, settings.gateway_port) == ("127.0.0.1", 8080)


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCALRESPONSE_GATEWAY_PORT", "9000")
    monkeypatch.setenv("LOCALRESPONSE_NOTIFY_LISTEN", "127.0.0.1:7003")

    assert load().gateway_port == 9000
    assert load().target("notify") == "127.0.0.1:7003"


def test_settings_do_not_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        setattr(Settings(), "gateway_port", 1)  # noqa: B010  (a plain assignment is a type error)


def test_a_long_data_folder_has_its_sockets_elsewhere(tmp_path: Path) -> None:
    settings = load(data_dir=tmp_path / ("x" * 100))

    assert len(settings.listen("outcomes").removeprefix("unix:")) < 100
    assert settings.runtime_dir == load(data_dir=tmp_path / ("x" * 100)).runtime_dir
    assert settings.runtime_dir != load(data_dir=tmp_path / ("y" * 100)).runtime_dir


def test_a_secret_comes_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{SECRET}_FILE", str(secret_file(tmp_path)))

    settings = load()

    assert settings.oidc_client_secret is not None
    assert settings.oidc_client_secret.get_secret_value() == "hush"
    assert "hush" not in repr(settings)


def test_a_secret_that_others_can_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(f"{SECRET}_FILE", str(secret_file(tmp_path, 0o644)))

    assert "mode 0644" in refused(capsys)


def test_a_secret_in_the_environment_is_refused_without_being_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(SECRET, "hush")

    said = refused(capsys)

    assert f"{SECRET}_FILE" in said
    assert "hush" not in said


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("LOCALRESPONSE_GATEWAY_PROT", "1", "there is no such setting"),
        ("LOCALRESPONSE_GATEWAY_PORT", "eighty", "LOCALRESPONSE_GATEWAY_PORT"),
        ("LOCALRESPONSE_GATEWAY_PORT", "65536", "LOCALRESPONSE_GATEWAY_PORT"),
        ("LOCALRESPONSE_SIGN_IN", "none", "LOCALRESPONSE_SIGN_IN"),
        ("LOCALRESPONSE_SIGN_IN", "oidc", "LOCALRESPONSE_OIDC_ISSUER"),
        ("LOCALRESPONSE_SIGN_IN", "oidc", "LOCALRESPONSE_OIDC_TENANTS, LOCALRESPONSE_PUBLIC_URL"),
        ("LOCALRESPONSE_TLS_KEY_FILE", "/k", "go together"),
        ("LOCALRESPONSE_GATEWAY_HOST", "0.0.0.0", "LOCALRESPONSE_SIGN_IN=oidc"),
        ("LOCALRESPONSE_GATEWAY_HOST", "council.example", "reachable from other machines"),
        ("LOCALRESPONSE_GATEWAY_HOST", "::", "reachable from other machines"),
        ("LOCALRESPONSE_OPERATIONS_HOST", "10.0.0.7", "reachable from other machines"),
        ("LOCALRESPONSE_FUND_LISTEN", "0.0.0.0:7001", "LOCALRESPONSE_GRPC_CERTIFICATE_FILE"),
        ("LOCALRESPONSE_FUND_LISTEN", "[::]:7001", "LOCALRESPONSE_GRPC_CERTIFICATE_FILE"),
    ],
)
def test_a_wrong_setting_ends_the_process_with_2_and_says_why(
    name: str,
    value: str,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(name, value)

    assert said in refused(capsys)


def test_tls_and_oidc_together_may_be_reached_from_outside(tmp_path: Path) -> None:
    settings = Settings(
        gateway_host="0.0.0.0",
        sign_in="oidc",
        oidc_issuer="https://idp.example",
        oidc_client_id="us",
        oidc_client_secret=SecretStr("hush"),
        oidc_tenants={"E06000050": "Demonstration Borough"},
        public_url="https://fund.example",
        tls_certificate_file=tmp_path / "c.pem",
        tls_key_file=tmp_path / "k.pem",
    )

    assert settings.gateway_host == "0.0.0.0"
