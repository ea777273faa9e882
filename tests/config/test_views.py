"""Saved views: whatever can be shown is read back as it was written, and what is wrong is named by its line."""

import errno
import os
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meterdeck import config
from meterdeck.app.desk import SavedViews, keep_last, last_view
from meterdeck.config.document import Document
from meterdeck.config.views import PANES, SETTING, View, checked, words_of, written
from meterdeck.domain.buckets import Window
from meterdeck.domain.dimensions import ON_DEMAND_DIMENSIONS, SERIES_DIMENSIONS, Dimension
from meterdeck.domain.errors import UsageError
from meterdeck.domain.measure import Measure
from meterdeck.domain.scope import Scope, Since, Span
from meterdeck.store import private

LAUNCH = View(
    ((Dimension.WORKSPACE, ("default", "wrkspc_1")), (Dimension.MODEL, ("claude-opus-5",))),
    Span.WEEK,
    Since(datetime(2026, 11, 20, 13, 5, tzinfo=UTC)),
    Dimension.API_KEY,
    Dimension.DESCRIPTION,
    Measure.USD,
    "costs",
    local_time=True,
)

MINUTES = st.integers(0, 60 * 24 * 400).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
TIMES = (
    st.none()
    | MINUTES.map(Since)
    | st.tuples(MINUTES, MINUTES).filter(lambda t: t[0] < t[1]).map(lambda t: Window(*t))
)
IDS = st.text(min_size=1, max_size=12).filter(lambda text: text.isprintable() and text.strip() != "")
VIEWS = st.builds(
    View,
    st.dictionaries(st.sampled_from(SERIES_DIMENSIONS), st.lists(IDS, min_size=1, max_size=3).map(tuple)).map(
        lambda filters: tuple((d, filters[d]) for d in SERIES_DIMENSIONS if d in filters)
    ),
    st.sampled_from(Span),
    TIMES,
    st.sampled_from([*SERIES_DIMENSIONS, Dimension.TOKEN_TYPE, *ON_DEMAND_DIMENSIONS]),
    st.sampled_from([None, Dimension.MODEL, Dimension.COST_TYPE]),
    st.sampled_from(Measure),
    st.sampled_from(PANES),
    st.booleans(),
)


def read(text: str) -> dict[str, View]:
    document = Document(Path("v.toml"), text)
    return {name: view for name, (view, _) in checked(document, document.content.get(SETTING, {})).items()}


@given(VIEWS, st.text(max_size=20))
def test_any_view_is_read_back_as_it_was_written_whatever_names_stand_beside_its_ids(
    view: View, name: str
) -> None:
    labels = {(dimension, of): name for dimension, members in view.filters for of in members}
    text = written(view, "a.b", labels)
    assert read(text) == {"a.b": view}
    assert read(text + "\n" + written(LAUNCH, "launch", {})) == {"a.b": view, "launch": LAUNCH}


def test_the_name_of_an_id_stands_beside_it_for_a_reader() -> None:
    text = written(LAUNCH, "launch", {(Dimension.WORKSPACE, "wrkspc_1"): "prod-chat"})
    assert 'workspace = ["default", "wrkspc_1"]  # prod-chat\n' in text
    assert tomllib.loads(text)["views"]["launch"]["since"] == "2026-11-20T13:05:00Z"


def test_a_scope_comes_back_from_its_view_members_without_an_id_too() -> None:
    scope = Scope(by=Dimension.MODEL)
    for dimension in SERIES_DIMENSIONS:
        scope = scope.filtered(dimension, {None, f"some_{dimension.word}"})
    assert View(words_of(scope), by=Dimension.MODEL).scope(lambda _, word: frozenset({word})) == scope


@pytest.mark.parametrize(
    ("names", "dimension"),
    [
        (("geo", "inference_geo", "Inference-Geo"), Dimension.INFERENCE_GEO),
        (("api_key", "api_key_id", "API key"), Dimension.API_KEY),
        (("account", "account_id"), Dimension.ACCOUNT),
        (("service_account", "service_account_id"), Dimension.SERVICE_ACCOUNT),
    ],
)
def test_a_view_is_read_with_any_name_of_a_dimension_and_written_with_its_word(
    names: tuple[str, ...], dimension: Dimension
) -> None:
    for name in names:
        view = read(f'[views.a]\nby = "{name}"\n')["a"]
        assert view == View(by=dimension)
        assert f'by = "{dimension.word}"\n' in written(view, "a", {})


def test_filters_of_a_view_may_have_the_api_s_names() -> None:
    text = '[views.a]\nworkspace_id = "default"\nmodel = "opus"\napi_key_id = ["apikey_1"]\ncosts_by = "workspace_id"\n'
    view = read(text)["a"]
    assert view.filters == (
        (Dimension.WORKSPACE, ("default",)),
        (Dimension.MODEL, ("opus",)),
        (Dimension.API_KEY, ("apikey_1",)),
    )
    assert view.costs_by is Dimension.WORKSPACE


def test_a_name_in_a_view_may_stand_for_several_models() -> None:
    opus = frozenset({"claude-opus-5", "claude-opus-5-5"})
    view = View(((Dimension.MODEL, ("opus", "haiku", "null")),))
    scope = view.scope(lambda _, word: opus if word == "opus" else frozenset({"claude-haiku-5"}))
    assert scope.members(Dimension.MODEL) == frozenset({*opus, "claude-haiku-5", None})


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('colour = "red"', "there is no setting 'colour'"),
        ('window = "25h"', "window must be one of 1h, 6h, 24h, 7d, 31d, month"),
        ('by = "description"', "by must be one of"),
        ('by = "colour"', "by must be one of workspace, model, api_key,"),
        ('costs_by = "api_key_id"', "costs_by must be one of workspace, model, service_tier,"),
        ('geo = "us"', "there is no setting 'geo'"),
        ('since = "2026-11-20"', "since must be a time with its zone"),
        ("since = 2026-11-20", "since must be text in quotes"),
        ('until = "2026-11-20T13:05Z"', "until must come after a since"),
        ("workspace = []", "workspace must name at least one"),
        ("workspace = [7]", "workspace must be text in quotes, not a number"),
        ('workspace = "sk-ant-admin01-abcdefghijklmnop"', "workspace holds what looks like a key itself"),
        ("local_time = 1", "local_time must be true or false"),
        ('pane = "cost"', "(did you mean costs?)"),
    ],
)
def test_a_wrong_view_is_refused_with_its_line_and_reason(tmp_path: Path, line: str, reason: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f"requests_per_hour = 7\n[views.launch]\n{line}\n", encoding="utf-8")
    with pytest.raises(UsageError) as refused:
        config.load(path, required=True)
    assert str(refused.value).startswith(f"{path}:3: ")
    assert reason in str(refused.value)
    assert "admin01" not in str(refused.value)


def saved(tmp_path: Path, configured: str = "") -> SavedViews:
    path = tmp_path / "config.toml"
    path.write_text(configured, encoding="utf-8")
    return SavedViews(tmp_path / "views.toml", config.load(path, required=True).views)


def test_a_filter_that_is_set_under_two_names_is_refused() -> None:
    with pytest.raises(UsageError, match=r"v\.toml:3: workspace_id is one too many: workspace is the same"):
        read('[views.a]\nworkspace = "prod-chat"\nworkspace_id = "evals"\n')


def test_saving_keeps_the_other_views_and_never_touches_the_configuration(tmp_path: Path) -> None:
    mine = "# my notes\n[views.night]\nwindow = '6h'\n"
    views = saved(tmp_path, mine)
    views.save("launch", LAUNCH, {})
    views.save("launch", LAUNCH, {})
    with pytest.raises(
        UsageError, match=r"There is another view launch already\..*:save! launch takes its place"
    ):
        views.save("launch", View(by=Dimension.MODEL), {})
    assert views.find("launch") == LAUNCH
    views.save("after", View(), {})
    views.save("launch", View(by=Dimension.MODEL), {}, over=True)
    assert (tmp_path / "config.toml").read_text(encoding="utf-8") == mine
    assert views.names() == ["after", "launch", "night"]
    assert views.find("launch") == View(by=Dimension.MODEL)
    assert views.find("night") == View(span=Span.SIX_HOURS)
    assert (tmp_path / "views.toml").stat().st_mode & 0o777 == 0o600


def test_a_name_of_the_configuration_or_one_that_is_no_name_is_not_taken(tmp_path: Path) -> None:
    views = saved(tmp_path, "[views.night]\nwindow = '6h'\n")
    with pytest.raises(UsageError, match=r"config\.toml:1\. Take another name"):
        views.save("night", View(), {})
    for name in ("", "../x", "a b", "-a", "é", "a" * 65, "a\n"):
        with pytest.raises(UsageError, match="can't be called"):
            views.save(name, View(), {})
    assert not (tmp_path / "views.toml").exists()


def test_an_unknown_view_is_told_with_the_known_ones(tmp_path: Path) -> None:
    views = saved(tmp_path, "[views.night]\n")
    views.save("launch", LAUNCH, {})
    with pytest.raises(UsageError, match=r"There is no view 'lunch'\. Known: launch, night\."):
        views.find("lunch")


def test_a_damaged_file_of_views_is_told_and_not_written_over(tmp_path: Path) -> None:
    views = saved(tmp_path)
    views.file.write_text("[views.x]\nby = 7\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"views\.toml:2: by must be text"):
        views.save("launch", LAUNCH, {})
    assert views.file.read_text(encoding="utf-8") == "[views.x]\nby = 7\n"


def test_a_disk_that_takes_nothing_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(private, "replace_file", full)
    with pytest.raises(UsageError, match=r"was not saved: .*views\.toml can't be written: No space left"):
        SavedViews(tmp_path / "views.toml").save("launch", LAUNCH, {})


def test_the_last_view_comes_back_and_a_damaged_one_is_as_none(tmp_path: Path) -> None:
    file = tmp_path / "store.last.toml"
    assert last_view(file) is None
    keep_last(file, LAUNCH, {})
    assert last_view(file) == LAUNCH
    assert file.stat().st_mode & 0o777 == 0o600
    file.write_bytes(b"[views\xff")
    assert last_view(file) is None
    keep_last(tmp_path / "nowhere" / "x.toml", LAUNCH, {})
