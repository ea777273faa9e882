"""One store for each organisation: a key opens its own, a new key is asked about, and no figures ever meet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from cli.commands import Ended
from cli.conftest import Clock
from cli.servers import Organizations, organization, serving_app
from meterdeck import paths
from meterdeck.domain.secret import Secret
from meterdeck.store import Store, budget, ownership
from meterdeck.store.index import KeyIndex

Meterdeck = Callable[..., Ended]
ACME_ID, BETA_ID = (f"00000000-0000-4000-8000-{seed:012}" for seed in (1, 2))
OLD_KEY, NEW_KEY, BETA_KEY = (
    f"sk-ant-admin01-invented-for-{name}" for name in ("acme-first", "acme-second", "beta")
)
RATES = ("report", "rates", "--format", "json")
ME = "/v1/organizations/me"


@dataclass
class Here:
    """A data folder, and the command line with one key or another."""

    meterdeck: Meterdeck
    data: Path
    server: Organizations
    url: str
    set_key: Callable[[str | None], None]

    def __call__(self, key: str | None, *words: str) -> Ended:
        self.set_key(key)
        self.server.asked.clear()
        return self.meterdeck("--data-dir", self.data, "--base-url", self.url, *words)

    @property
    def stores(self) -> list[Path]:
        return paths.known_live_stores(self.data, self.url)


@pytest.fixture
def here(
    meterdeck: Meterdeck, clock: Clock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Here]:
    acme = organization("Acme", 1, lambda: clock.now)
    beta = organization("Beta", 2, lambda: clock.now)
    server = Organizations({OLD_KEY: acme, NEW_KEY: acme, BETA_KEY: beta})

    def set_key(key: str | None) -> None:
        monkeypatch.delenv("ANTHROPIC_ADMIN_KEY", raising=False)
        if key is not None:
            monkeypatch.setenv("ANTHROPIC_ADMIN_KEY", key)

    with serving_app(server) as url:
        yield Here(meterdeck, tmp_path / "data", server, url, set_key)


def test_a_new_key_is_asked_about_once_and_known_from_then_on(here: Here) -> None:
    assert here(OLD_KEY, *RATES).code == 0
    assert here.server.asked[0] == ME
    assert here(OLD_KEY, *RATES).code == 0
    assert here.server.asked == [], "all was read a moment ago, and the key is known"
    (path,) = here.stores
    assert ownership.owner_of(path) is not None
    assert KeyIndex(here.data, here.url).find(Secret(OLD_KEY)) == ACME_ID


def test_the_request_about_the_key_is_counted_in_the_budget(here: Here, clock: Clock) -> None:
    assert here(OLD_KEY, "query", "usage", "--start", "2026-11-20").code == 0
    assert here.server.asked == [ME, "/v1/organizations/usage_report/messages"]
    store = Store(here.stores[0])
    with store.read() as transaction:
        assert budget.state(transaction, clock.now).used == 2
    store.close()


def test_a_key_that_replaces_another_of_the_same_organisation_continues_its_store(here: Here) -> None:
    before = here(OLD_KEY, *RATES)
    assert before.code == 0
    after = here(NEW_KEY, *RATES)
    assert (after.code, after.document) == (0, before.document)
    assert here.server.asked == [ME], "nothing was due: the old key's figures are the new one's"
    assert len(here.stores) == 1


def test_keys_of_two_organisations_have_two_stores(here: Here) -> None:
    acme = here(OLD_KEY, *RATES).document
    beta = here(BETA_KEY, *RATES).document
    assert acme["total_tokens"] != beta["total_tokens"]
    assert len(here.stores) == 2
    assert here(OLD_KEY, *RATES, "--offline").document == acme
    assert here(BETA_KEY, *RATES, "--offline").document == beta
    assert here.server.asked == []


def test_offline_without_a_key_the_only_organisation_is_shown_and_of_several_the_chosen_one(
    here: Here,
) -> None:
    acme = here(OLD_KEY, *RATES).document
    assert here(None, *RATES, "--offline").document == acme
    beta = here(BETA_KEY, *RATES).document
    ended = here(None, *RATES, "--offline")
    assert (ended.code, ended.out) == (2, "")
    assert f"Choose one with --org. Known: Acme ({ACME_ID}), Beta ({BETA_ID})." in ended.err
    for chosen, document in (("beta", beta), (BETA_ID, beta), ("Acme", acme)):
        assert here(None, "--org", chosen, *RATES, "--offline").document == document
        assert here(None, "--offline", "--org", chosen, *RATES).document == document
    assert here.server.asked == []


def test_an_organisation_that_is_not_known_is_refused_with_those_that_are(here: Here) -> None:
    assert here(OLD_KEY, *RATES).code == 0
    ended = here(None, "--org", "Gamma", *RATES, "--offline")
    assert (ended.code, ended.out) == (2, "")
    assert f"no organisation 'Gamma' is known here. Known: Acme ({ACME_ID})." in ended.err
    ended = here(None, "--org", BETA_ID, *RATES, "--offline")
    assert (ended.code, ended.out) == (2, "")
    assert f"There is no store of the organisation {BETA_ID} to read offline." in ended.err
    assert len(here.stores) == 1


def test_a_key_of_another_organisation_than_the_one_that_was_named_is_refused(here: Here) -> None:
    assert here(OLD_KEY, "--org", ACME_ID, *RATES).code == 0
    assert here.server.asked[0] == ME, "the command line's word is not the API's"
    for words in (RATES, (*RATES, "--refresh"), ("query", "cost", "--start", "2026-11-20")):
        ended = here(BETA_KEY, "--org", "acme", *words)
        assert (ended.code, ended.out, here.server.asked) == (1, "", [ME])
        assert f"belongs to the organisation {BETA_ID}, and these figures to {ACME_ID}" in ended.err
    assert len(here.stores) == 1


def test_a_key_that_is_known_to_be_another_s_is_refused_without_asking(here: Here) -> None:
    assert here(OLD_KEY, *RATES).code == 0
    assert here(BETA_KEY, *RATES).code == 0
    for words in (
        RATES,
        (*RATES, "--offline"),
        ("query", "cost", "--start", "2026-11-20"),
        ("store", "info"),
    ):
        for named in ("acme", ACME_ID):
            ended = here(BETA_KEY, "--org", named, *words)
            assert (ended.code, ended.out, here.server.asked) == (1, "", [])
            assert (
                f"belongs to the organisation {BETA_ID}, and the one that is named is {ACME_ID}" in ended.err
            )
    ended = here(BETA_KEY, "--org", "acme", "doctor", "--json")
    found = {check["name"]: check for check in ended.document["checks"]}
    assert found["store"]["verdict"] == "fail"
    assert f"The key belongs to the organisation {BETA_ID}" in found["store"]["says"]
    assert here.server.asked == []
    assert here(BETA_KEY, "--org", BETA_ID.upper(), *RATES).code == 0


def test_the_organisation_of_the_configuration_is_the_owner_s_own_word_and_opens_without_asking(
    here: Here, tmp_path: Path
) -> None:
    assert here(OLD_KEY, *RATES).code == 0
    file = tmp_path / "mine.toml"
    file.write_text(f'organization = "{ACME_ID}"\n', encoding="utf-8")
    ended = here(NEW_KEY, "--config", str(file), *RATES)
    assert (ended.code, here.server.asked) == (0, [])
    here(BETA_KEY, *RATES)
    ended = here(BETA_KEY, "--config", str(file), *RATES)
    assert (ended.code, ended.out, here.server.asked) == (1, "", []), "but the API's word comes before it"
    assert str(file) in ended.err


def test_what_asks_and_asks_nobody_at_once_makes_no_sense(here: Here) -> None:
    for words in (
        (*RATES, "--refresh"),
        ("query", "cost", "--start", "2026-11-20"),
        ("doctor",),
    ):
        ended = here(OLD_KEY, "--offline", *words)
        assert (ended.code, ended.out, here.server.asked) == (2, "", [])
        assert "--offline" in ended.err
    assert "--demo has one organisation" in here.meterdeck("--demo", "--org", "Acme", *RATES).err


def test_an_unknown_key_offline_shows_nobody_s_figures_and_makes_no_store(here: Here) -> None:
    assert here(OLD_KEY, *RATES).code == 0
    ended = here(BETA_KEY, *RATES, "--offline")
    assert (ended.code, ended.out) == (2, "")
    assert "Nothing was ever read with this key." in ended.err
    assert f"or choose by --org. Known: Acme ({ACME_ID})." in ended.err
    assert here.server.asked == []
    assert len(here.stores) == 1


@pytest.mark.parametrize("words", [RATES, ("query", "cost", "--start", "2026-11-20")], ids=lambda w: w[0])
def test_an_unknown_key_without_an_answer_ends_with_1_and_shows_nothing(
    here: Here, words: tuple[str, ...]
) -> None:
    assert here(OLD_KEY, *RATES).code == 0
    here.server.by_key.clear()
    ended = here(BETA_KEY, *words)
    assert (ended.code, ended.out) == (1, "")
    assert "The API failed" in ended.err
    assert len(here.stores) == 1


def test_a_known_key_whose_answers_are_another_s_writes_nothing_and_says_so(here: Here) -> None:
    before = here(OLD_KEY, *RATES).document
    here.server.by_key[OLD_KEY] = here.server.by_key[BETA_KEY]
    ended = here(OLD_KEY, *RATES, "--refresh")
    assert ended.code == 3
    assert f"belongs to the organisation {BETA_ID}, and these figures to {ACME_ID}" in ended.err
    assert ended.document["rows"] == before["rows"]
    assert here(OLD_KEY, *RATES, "--offline").document["total_tokens"] == before["total_tokens"]
    assert len(here.stores) == 1


def test_the_doctor_opens_the_store_when_it_was_told_whose_key_it_is(here: Here) -> None:
    ended = here(BETA_KEY, "doctor", "--json")
    found = {check["name"]: check for check in ended.document["checks"]}
    assert found["server"]["says"].endswith("organisation Beta")
    assert found["store"]["verdict"] == "ok"
    assert str(here.stores[0].name) in found["store"]["says"]
    assert found["budget"]["says"].startswith("5 of 60")


def test_the_doctor_without_an_answer_knows_no_store_and_asks_no_more(here: Here) -> None:
    here.server.by_key.clear()
    ended = here(BETA_KEY, "doctor", "--json")
    found = {check["name"]: (check["verdict"], check["says"]) for check in ended.document["checks"]}
    assert found["server"][0] == "fail"
    assert found["store"][0] == found["budget"][0] == "skipped"
    assert found["cost report"] == ("skipped", "not asked: whose key this is was not told")
    assert here.server.asked == [ME]
    assert here.stores == []
