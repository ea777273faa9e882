"""`meterdeck themes`, and a theme that is named wrongly."""

from pathlib import Path

from cli.commands import run_process


def test_all_themes_are_listed_and_the_one_in_use_is_marked(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[screen]\ntheme = "mine"\n', encoding="utf-8")
    themes = tmp_path / "themes"
    themes.mkdir()
    (themes / "mine.toml").write_text('primary = "red"\ndark = false', encoding="utf-8")
    ended = run_process("--config", str(config), "themes", home=tmp_path)
    assert (ended.code, ended.err) == (0, "")
    rows = [
        line.split(maxsplit=1)[0] if line.startswith(" ") else line.split()[:2]
        for line in ended.out.splitlines()
    ]
    assert {"auto", "meterdeck-dark", "meterdeck-light", "nord", "ansi-dark"} < {
        r for r in rows if isinstance(r, str)
    }
    assert ["▶", "mine"] in rows
    assert str(themes / "mine.toml") in ended.out
    (themes / "bad.toml").write_text("primary = 1", encoding="utf-8")
    ended = run_process("--config", str(config), "--theme", "nord", "themes", home=tmp_path)
    assert ended.code == 1
    assert "▶ nord" in ended.out
    assert f"{themes / 'bad.toml'}:1: primary must be text in quotes, not a number." in ended.err
