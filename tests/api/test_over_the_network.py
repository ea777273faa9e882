"""Real sockets, real TLS: whose certificates are believed, the way through a proxy, gzip, a connection that is kept."""

import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from answers import ADMIN_KEY
from api.tls import HOST, Authority, organization_server, tunnelling_proxy
from meterdeck import config
from meterdeck.api import AdminClient, NotAllowed, Unreachable
from meterdeck.domain.errors import UsageError
from meterdeck.domain.secret import Secret

KEY = Secret(ADMIN_KEY)


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "ssl_cert_file", "ssl_cert_dir"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


async def ask(url: str, *, ca_bundle: Path | None = None) -> str:
    async with AdminClient(url, KEY, ca_bundle=ca_bundle) as client:
        return (await client.organization()).name


async def test_a_server_whose_authority_nobody_knows_gets_no_request_and_the_way_out_is_told(
    authority: Authority,
) -> None:
    async with organization_server(authority.context("localhost")) as server:
        with pytest.raises(Unreachable, match=r"(?i)certificate verify failed") as caught:
            await ask(f"https://localhost:{server.port}")
        assert "ca_bundle" in caught.value.next
        assert server.heads == []


async def test_the_bundle_that_is_named_is_believed(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with organization_server(authority.context("localhost", HOST)) as server:
        url = f"https://localhost:{server.port}"
        assert await ask(url, ca_bundle=authority.bundle) == "Acme"
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.bundle))
        assert await ask(url) == "Acme"


async def test_a_folder_of_authorities_is_believed(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("only openssl can tell under which name it looks for an authority")
    hashed = subprocess.check_output(  # noqa: ASYNC221 - nobody else waits
        [openssl, "x509", "-hash", "-noout", "-in", authority.bundle], text=True
    )
    folder = tmp_path / "authorities"
    folder.mkdir()
    shutil.copy(authority.bundle, folder / f"{hashed.strip()}.0")
    async with organization_server(authority.context("localhost")) as server:
        url = f"https://localhost:{server.port}"
        assert await ask(url, ca_bundle=folder) == "Acme"
        monkeypatch.setenv("SSL_CERT_DIR", str(folder))
        assert await ask(url) == "Acme"


async def test_a_certificate_for_another_name_is_refused(authority: Authority) -> None:
    async with organization_server(authority.context("elsewhere.example")) as server:
        with pytest.raises(Unreachable, match=r"(?i)certificate verify failed"):
            await ask(f"https://localhost:{server.port}", ca_bundle=authority.bundle)
        assert server.heads == []


@pytest.mark.parametrize("content", [None, "", "no certificate", "-----BEGIN CERTIFICATE-----\nx"])
def test_a_bundle_that_is_none_is_a_sentence(
    tmp_path: Path, content: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = tmp_path / "bundle.pem"
    if content is not None:
        bundle.write_text(content, encoding="utf-8")
    with pytest.raises(NotAllowed, match=r"authorities in .*bundle.pem can't be used"):
        AdminClient("https://localhost:1", KEY, ca_bundle=bundle)
    if content is None:
        monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
        with pytest.raises(NotAllowed, match="SSL_CERT_FILE"):
            AdminClient("https://localhost:1", KEY)


async def test_no_setting_of_the_environment_turns_the_check_off(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "PYTHONHTTPSVERIFY": "0",
        "HTTPX_VERIFY": "0",
        "SSL_NO_VERIFY": "1",
        "REQUESTS_CA_BUNDLE": "",
        "CURL_CA_BUNDLE": "",
        "NODE_TLS_REJECT_UNAUTHORIZED": "0",
        "METERDECK_INSECURE": "1",
        "SSL_CERT_FILE": "",
        "SSL_CERT_DIR": "",
    }.items():
        monkeypatch.setenv(name, value)
    async with organization_server(authority.context("localhost")) as server:
        with pytest.raises(Unreachable, match=r"(?i)certificate verify failed"):
            await ask(f"https://localhost:{server.port}")


@pytest.mark.parametrize(
    "line", ["verify = false", "insecure = true", "ssl_verify = false", "ca_bundle = false", 'ca_bundle = ""']
)
def test_no_setting_of_the_file_turns_the_check_off(tmp_path: Path, line: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(line, encoding="utf-8")
    with pytest.raises(UsageError, match=r"there is no setting|must be text"):
        config.load(file, required=True)


async def test_the_way_through_a_proxy_is_a_tunnel_that_shows_it_neither_key_nor_answer(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        organization_server(authority.context(HOST)) as server,
        tunnelling_proxy(server.port) as proxy,
    ):
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        assert await ask(f"https://{HOST}", ca_bundle=authority.bundle) == "Acme"
        assert proxy.heads[0].startswith(f"CONNECT {HOST}:443 ".encode())
        assert ADMIN_KEY.encode() in server.heads[0]
        everything = proxy.heads[0] + proxy.received
        assert ADMIN_KEY.encode() not in everything
        assert b"/v1/organizations" not in everything


async def test_a_proxy_can_not_vouch_for_the_server(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        organization_server(authority.context(HOST)) as server,
        tunnelling_proxy(server.port) as proxy,
    ):
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        with pytest.raises(Unreachable, match=r"(?i)certificate verify failed"):
            await ask(f"https://{HOST}")
        assert server.heads == []


async def test_hosts_of_no_proxy_are_asked_directly(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve = socket.getaddrinfo
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *rest, **more: resolve(
            "127.0.0.1" if host in {HOST, HOST.encode()} else host, *rest, **more
        ),
    )
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")  # nobody is there
    async with organization_server(authority.context(HOST)) as server:
        url = f"https://{HOST}:{server.port}"
        with pytest.raises(Unreachable):
            await ask(url, ca_bundle=authority.bundle)
        monkeypatch.setenv("NO_PROXY", HOST)
        assert await ask(url, ca_bundle=authority.bundle) == "Acme"


async def test_what_goes_to_this_machine_takes_no_proxy(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    async with organization_server(authority.context("localhost")) as server:
        assert await ask(f"https://localhost:{server.port}", ca_bundle=authority.bundle) == "Acme"


@pytest.mark.parametrize("proxy", ["socks5://user:pass-word@127.0.0.1:1", "gopher://pass-word:1"])
def test_a_proxy_of_a_kind_that_we_cannot_use_is_a_sentence_without_its_password(
    proxy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)
    with pytest.raises(NotAllowed, match="The proxy that the environment names can't be used") as caught:
        AdminClient("https://relay.example", KEY)
    assert "pass-word" not in str(caught.value)


async def test_answers_are_asked_for_compressed_over_one_connection_that_is_kept(
    authority: Authority,
) -> None:
    async with organization_server(authority.context("localhost")) as server:
        url = f"https://localhost:{server.port}"
        async with AdminClient(url, KEY, ca_bundle=authority.bundle) as client:
            for _ in range(3):
                assert (await client.organization()).name == "Acme"
        assert server.connections == 1
        assert len(server.heads) == 3
        assert all(b"gzip" in head.lower() for head in server.heads)
