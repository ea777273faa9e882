"""A key that is refused: its command is run once more, and the same request is sent once more."""

from __future__ import annotations

import asyncio
import sys
import traceback
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from answers import ADMIN_KEY, BASE_URL
from meterdeck import credentials
from meterdeck.api import AdminClient, KeyRefused, NotAllowed
from meterdeck.credentials import Key, KeyCommand, KeyFile, obtain
from meterdeck.domain.secret import Secret

ORGANIZATION = {"id": "org-1", "name": "Acme", "type": "organization"}
OLD, NEW = "eyJ-an-expired-token-of-some-length", "eyJ-a-new-token-of-some-length"


class Server:
    """Knows one good token, and notes what was sent."""

    def __init__(self, good: str = NEW, organization: str | None = None) -> None:
        self.good = good
        self.headers = {} if organization is None else {"anthropic-organization-id": organization}
        self.sent: list[httpx.Request] = []
        self.tokens: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        self.tokens.append(request.headers.get("authorization") or request.headers["x-api-key"])
        if self.good in self.tokens[-1]:
            return httpx.Response(200, json=ORGANIZATION, headers=self.headers)
        said = {"error": {"type": "authentication_error", "message": f"invalid x-api-key {self.tokens[-1]}"}}
        return httpx.Response(401, json=said, headers=self.headers)


class Vault:
    """A key command that prints what a file holds, and notes each run."""

    def __init__(self, folder: Path) -> None:
        self.token, self.notes = folder / "token", folder / "runs"
        self.notes.touch()
        code = "import sys; open(sys.argv[2], 'a').write('x'); print(open(sys.argv[1]).read())"
        self.command = KeyCommand((sys.executable, "-c", code, str(self.token), str(self.notes)))

    def hold(self, token: str) -> None:
        self.token.write_text(token, encoding="utf-8")

    @property
    def runs(self) -> int:
        return len(self.notes.read_text(encoding="utf-8"))

    def key(self, organization: str | None = None) -> Key:
        key = obtain(self.command, organization)
        assert key is not None
        return key


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    vault = Vault(tmp_path)
    vault.hold(OLD)
    return vault


def client(server: Server, key: Secret) -> AdminClient:
    return AdminClient(BASE_URL, key, via=httpx.MockTransport(server))


async def refused(admin: AdminClient) -> str:
    with pytest.raises(KeyRefused) as caught:
        await admin.organization()
    shown = "".join(traceback.format_exception(caught.value)) + repr(vars(caught.value))
    assert not [key for key in (OLD, NEW, ADMIN_KEY) if key in shown + str(caught.value)]
    return str(caught.value)


async def test_an_expired_token_is_replaced_and_the_same_request_sent_again(vault: Vault) -> None:
    server, key = Server(), vault.key()
    vault.hold(NEW)
    async with client(server, key) as admin:
        assert (await admin.organization()).name == "Acme"
        assert (await admin.organization()).name == "Acme"
    assert server.tokens == [f"Bearer {OLD}", f"Bearer {NEW}", f"Bearer {NEW}"]
    assert {(request.method, str(request.url)) for request in server.sent} == {
        ("GET", f"{BASE_URL}/v1/organizations/me")
    }
    assert vault.runs == 2


async def test_a_second_refusal_is_final(vault: Vault) -> None:
    server, key = Server(good="another"), vault.key()
    vault.hold(NEW)
    async with client(server, key) as admin:
        assert "The key was refused (401" in await refused(admin)
    assert len(server.sent) == 2
    assert vault.runs == 2


async def test_the_same_key_is_not_sent_again(vault: Vault) -> None:
    server = Server()
    async with client(server, vault.key()) as admin:
        assert "The key was refused (401" in await refused(admin)
    assert len(server.sent) == 1
    assert vault.runs == 2


async def test_requests_that_are_refused_at_once_run_the_command_once(vault: Vault) -> None:
    server, key = Server(), vault.key()
    vault.hold(NEW)
    async with client(server, key) as admin:
        await asyncio.gather(*(admin.organization() for _ in range(5)))
    assert vault.runs == 2


async def test_a_command_that_fails_at_the_second_run_is_told(vault: Vault) -> None:
    server, key = Server(), vault.key()
    vault.token.unlink()
    async with client(server, key) as admin:
        said = await refused(admin)
    assert "The key was refused (401), and there is no new one: The key command" in said
    assert "failed with exit code 1" in said
    vault.hold(NEW)
    async with client(server, key) as admin:
        assert (await admin.organization()).name == "Acme"


async def test_a_new_key_that_no_header_can_carry_is_not_sent(vault: Vault) -> None:
    server, key = Server(), vault.key()
    vault.hold(f"{NEW}\r\nx-injected: 1")
    async with client(server, key) as admin:
        assert "characters that no key has" in await refused(admin)
    assert len(server.sent) == 1


async def test_a_token_can_follow_a_static_key_and_only_one_header_goes_out(vault: Vault) -> None:
    vault.hold(ADMIN_KEY)
    server, key = Server(), vault.key()
    vault.hold(NEW)
    async with client(server, key) as admin:
        await admin.organization()
    assert server.tokens == [ADMIN_KEY, f"Bearer {NEW}"]
    assert "x-api-key" not in server.sent[-1].headers


async def test_an_oauth_token_of_any_spelling_goes_as_a_bearer() -> None:
    server = Server(good="sk-ant-oat01-a-token")
    async with client(server, Secret("sk-ant-oat01-a-token")) as admin:
        await admin.organization()
    assert server.tokens == ["Bearer sk-ant-oat01-a-token"]


async def test_a_key_of_a_file_or_of_a_program_that_uses_the_client_is_not_asked_for_again(
    tmp_path: Path,
) -> None:
    for key in (Key(OLD, KeyFile(tmp_path / "gone")), Secret(OLD)):
        server = Server()
        async with client(server, key) as admin:
            await refused(admin)
        assert len(server.sent) == 1


async def test_the_body_of_the_first_refusal_is_not_read(vault: Vault) -> None:
    read = 0

    async def bomb() -> AsyncIterator[bytes]:
        nonlocal read
        while True:
            read += 1
            yield b"\x1f\x8b" * 4096

    def answer(request: httpx.Request) -> httpx.Response:
        if NEW in request.headers["authorization"]:
            return httpx.Response(200, json=ORGANIZATION)
        return httpx.Response(401, content=bomb(), headers={"content-encoding": "gzip"})

    key = vault.key()
    vault.hold(NEW)
    async with AdminClient(BASE_URL, key, via=httpx.MockTransport(answer)) as admin:
        assert (await admin.organization()).name == "Acme"
    assert read == 0


async def test_answers_of_another_organisation_are_not_believed(vault: Vault) -> None:
    async with client(Server(good=OLD, organization="org-2"), vault.key("org-1")) as admin:
        said = await refused(admin)
    assert "belongs to the organisation org-2, and these figures to org-1" in said
    for seen in ("ORG-1", None):
        async with client(Server(good=OLD, organization=seen), vault.key("org-1")) as admin:
            assert (await admin.organization()).id == "org-1"


async def test_where_no_header_tells_the_organisation_its_answer_does_and_nothing_more_is_asked(
    vault: Vault,
) -> None:
    server = Server(good=OLD)
    async with client(server, vault.key("org-2")) as admin:
        assert "belongs to the organisation org-1" in await refused(admin)
        assert "belongs to the organisation org-1" in await refused(admin)
    assert len(server.sent) == 1


async def test_leaving_does_not_wait_for_a_command_and_ends_it(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = credentials._Run(KeyCommand((sys.executable, "-c", "import signal; signal.pause()")), alone=True)
    monkeypatch.setattr(credentials, "_Run", lambda command, alone: run)
    waiting = asyncio.create_task(Key(OLD, vault.command).renew())
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert run._process.wait() == -9


def test_a_key_that_knows_its_source_is_still_checked_before_it_is_used() -> None:
    with pytest.raises(NotAllowed, match="no key has"):
        AdminClient(BASE_URL, Key("two words", KeyCommand(("pass",))))
