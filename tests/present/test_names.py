import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from meterdeck.present.ascii import to_ascii
from meterdeck.present.names import cell_width, clean, cut_middle, model_short, pad


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("checkout", "checkout"),
        ("[red]bold[/]", "[red]bold[/]"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;owned\x07title", "title"),
        ("\x1b]52;c;ZXZpbA==\x1b\\copy", "copy"),
        ("\x9b31mred", "red"),
        ("two\nlines\t and tabs", "two lines and tabs"),
        ("safe\u202etxt.exe", "safetxt.exe"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("bell\x07", "bell"),
        ("lone \ud800 surrogate", "lone surrogate"),
        ("e\u0301té", "été"),
        ("👩\u200d🚀 👍🏽 ❤\ufe0f", "👩🚀 👍 ❤"),
        ("\U000e0fff", "\ufffd"),
    ],
)
def test_names_from_outside_are_made_harmless(name: str, shown: str) -> None:
    assert clean(name) == shown


@given(st.text())
def test_a_clean_name_has_nothing_unprintable_and_cleaning_it_again_changes_nothing(name: str) -> None:
    assert clean(name).isprintable()
    assert clean(clean(name)) == clean(name)


@pytest.mark.parametrize(
    "name", ["prod-ü", "日本語", "한국어", "हिन्दी", "ไทย", "עברית", "👩🚀 ✅", "½ € … — −", "e\u0301"]
)
def test_widths_are_those_by_which_textual_crops(name: str) -> None:
    assert cell_width(clean(name)) == cell_len(clean(name))


@given(st.text(), st.integers(0, 30))
def test_a_cut_name_never_exceeds_its_width_and_pads_to_it_exactly(name: str, width: int) -> None:
    cut = cut_middle(clean(name), width)
    assert cell_width(cut) <= width
    assert cell_width(pad(cut, width)) == width


def test_names_are_cut_in_the_middle_and_keep_their_end() -> None:
    assert cut_middle("checkout-production-eu", 15) == "checkout-p…n-eu"
    assert cut_middle("short", 15) == "short"
    assert cut_middle("日本語の名前です", 9) == "日本語…す"
    assert cut_middle("anything", 1) == "…"


def test_a_name_that_is_shortened_already_is_cut_at_that_place() -> None:
    assert cut_middle("prod-backend …14AA", 16) == "prod-backen…14AA"
    assert cut_middle("prod-backend …14AA", 14) == "prod-back…14AA"
    assert cut_middle("prod-backend …14AA", 18) == "prod-backend …14AA"
    assert cut_middle("prod-backend …14AA", 6) == "prod…A"


@given(st.text("ab …"), st.integers(1, 30))
def test_no_two_ellipses_stand_beside_each_other_but_in_the_name_itself(name: str, width: int) -> None:
    name = clean(name)
    assert "……" in name or "……" not in cut_middle(name, width)


def test_padding_counts_cells_and_not_characters() -> None:
    assert pad("日本", 6) == "日本  "
    assert pad("7", 3, "right") == "  7"


@pytest.mark.parametrize(
    ("model", "short"),
    [
        ("claude-opus-5", "opus-5"),
        ("claude-haiku-4-5-20251001", "haiku-4-5"),
        ("claude-3-5-sonnet-20241022", "3-5-sonnet"),
        ("other-model", "other-model"),
        ("", ""),
    ],
)
def test_models_lose_their_prefix_and_date(model: str, short: str) -> None:
    assert model_short(model) == short


@given(st.text())
def test_ascii_keeps_every_cell_where_it_was(name: str) -> None:
    shown = to_ascii(clean(name))
    assert shown.isascii()
    assert cell_width(shown) == cell_width(clean(name))


def test_every_glyph_of_the_deck_has_an_ascii_stand_in() -> None:
    drawn = "▁▂▃▄▅▆▇█░▒·│┤▏━▸▶▷▼▲●◌✕⏸◇⏎…—−×"
    assert "?" not in to_ascii(drawn)
