"""Where a token may go, and whose word counts: the environment's, then the nearest file's."""

from __future__ import annotations

from pathlib import Path

import pytest

from rsp.client import Client, Mode, from_environment
from rsp.client.settings import origin
from rsp.errors import InputError


def test_the_environment_says_everything(tmp_path: Path) -> None:
    """Every name that is documented."""
    told = {
        "RSP_URL": "https://rsp.test/",
        "RSP_TOKEN": "t",
        "RSP_MODE": "offline",
        "RSP_TIMEOUT": "2.5",
        "RSP_MAX_RETRIES": "7",
        "RSP_SPOOL": str(tmp_path),
    }
    found = from_environment(told, tmp_path)
    assert (found.url, found.token, found.mode) == ("https://rsp.test", "t", Mode.OFFLINE)
    assert (found.timeout, found.max_retries, found.spool) == (2.5, 7, tmp_path)


def test_nothing_said_is_online_without_a_server(tmp_path: Path) -> None:
    """The spool lies in the state folder of the account."""
    found = from_environment({"XDG_STATE_HOME": "/state"}, tmp_path)
    assert (found.url, found.mode, found.spool) == (None, Mode.ONLINE, Path("/state/rsp/spool"))


def test_a_file_in_a_parent_is_read_for_our_names_only(tmp_path: Path) -> None:
    """Quotes and comments as people write them."""
    (tmp_path / ".env").write_text("OTHER=x\nexport RSP_URL='https://rsp.test'\nRSP_TOKEN=t # a comment\n")
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    found = from_environment({}, below)
    assert (found.url, found.token) == ("https://rsp.test", "t")


def test_the_environment_outranks_the_file(tmp_path: Path) -> None:
    """Both may name a server."""
    (tmp_path / ".env").write_text("RSP_URL=https://file.test\nRSP_TOKEN=t\n")
    assert from_environment({"RSP_URL": "https://rsp.test"}, tmp_path).url == "https://rsp.test"


def test_a_file_does_not_say_where_a_token_of_the_environment_goes(tmp_path: Path) -> None:
    """Whoever wrote the file would get the token."""
    (tmp_path / ".env").write_text("RSP_URL=https://elsewhere.test\n")
    with pytest.raises(InputError, match="where a token goes"):
        from_environment({"RSP_TOKEN": "t"}, tmp_path)


@pytest.mark.parametrize(
    "url",
    [
        "http://rsp.test",
        "ftp://rsp.test",
        "rsp.test",
        "https://",
        "https://a:b@rsp.test",
        "https://rsp.test?x=1",
        "http://127.0.0.1.rsp.test",
    ],
)
def test_an_address_that_no_token_may_go_to_is_refused(url: str) -> None:
    """Plain http is for this machine."""
    with pytest.raises(InputError):
        Client(url)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8642", "http://localhost:8642", "http://[::1]:8642", "https://rsp.test/below"])
def test_an_address_of_this_machine_or_over_tls_is_taken(url: str) -> None:
    """A path below a host is one too."""
    Client(url).close()


@pytest.mark.parametrize("end", ["", "/", "/api/v1", "/api/v1/"])
def test_an_address_copied_with_the_prefix_of_the_api_is_the_server(end: str) -> None:
    """Which is where the description says that its operations are."""
    assert origin(f"https://rsp.test/below{end}") == "https://rsp.test/below"


@pytest.mark.parametrize("told", [{"RSP_MODE": "maybe"}, {"RSP_TIMEOUT": "soon"}, {"RSP_MAX_RETRIES": "-1"}, {"RSP_TIMEOUT": "nan"}])
def test_a_setting_that_means_nothing_is_named(told: dict[str, str], tmp_path: Path) -> None:
    """Silence would send nothing, or for ever."""
    with pytest.raises(InputError, match=next(iter(told))):
        from_environment(told, tmp_path)


def test_settings_are_shown_without_the_token(tmp_path: Path) -> None:
    """They end in logs."""
    assert "secret" not in repr(from_environment({"RSP_URL": "https://rsp.test", "RSP_TOKEN": "secret"}, tmp_path))
