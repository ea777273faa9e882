"""No binary float touches money: where one stands in a layer that money passes through, it is in this list."""

import ast
from collections.abc import Iterator
from pathlib import Path

import meterdeck

SOURCE = Path(meterdeck.__file__).parent
LAYERS_OF_MONEY = ("domain", "queries", "present", "service/simulated")
"""Layers of which every file counts; of others those that know money or `Decimal`."""
ALLOWED = {
    ("queries/breakdown.py", "token_share"): "a share of tokens; in JSON as `token_share`",
    ("queries/breakdown.py", "share_of"): "the same",
    ("queries/figures.py", "cache_hit_ratio"): "a share of tokens, shown as a percentage",
    ("queries/figures.py", "_cache_hit_ratio"): "the same",
    ("queries/back_test.py", "permyriad"): "a Decimal divided by a Decimal: hundredths of a percent, rounded",
    ("present/costs.py", "_growth"): "a Fraction divided by a Fraction, to sort by",
    ("present/comparison.py", "_shares"): "a Decimal divided by a whole number: percent, rounded",
    ("present/prices.py", "_permyriad"): "the same, of a price change",
    ("present/store_info.py", "_bytes"): "the size of a file",
    ("present/ticks.py", "_steps"): "where a tick stands, in columns",
    ("service/simulated/organization.py", "<module>"): "shares of a limit on tokens a minute",
    ("service/simulated/prices.py", "<module>"): "a Decimal divided by a Decimal, without a remainder",
    ("config/budgets.py", "usd"): "there it is refused",
}


def knows_money(path: Path, tree: ast.Module) -> bool:
    """Whether a file may hold an amount."""
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    in_layer = path.relative_to(SOURCE).as_posix().startswith(LAYERS_OF_MONEY)
    return in_layer or bool(imported & {"decimal", "meterdeck.domain.money"})


def is_float(node: ast.AST) -> bool:
    """A literal with a point, the word `float`, or a division, which makes a float of two whole numbers."""
    match node:
        case ast.Constant(value=float()) | ast.Name(id="float"):
            return True
        case ast.BinOp(op=ast.Div()) | ast.AugAssign(op=ast.Div()):
            return True
        case _:
            return False


def places(node: ast.AST, inside: str = "<module>") -> Iterator[str]:
    """The functions or fields in which a float stands, as deep as they are named."""
    for child in ast.iter_child_nodes(node):
        name = inside
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            name = child.name
        elif (
            isinstance(child, ast.AnnAssign)
            and isinstance(child.target, ast.Name)
            and isinstance(node, ast.ClassDef)
        ):
            name = child.target.id
        if is_float(child):
            yield name
        yield from places(child, name)


def test_no_float_stands_where_money_passes_but_in_the_listed_places() -> None:
    found = {
        (path.relative_to(SOURCE).as_posix(), place)
        for path in SOURCE.rglob("*.py")
        if knows_money(path, tree := ast.parse(path.read_text(encoding="utf-8")))
        for place in places(tree)
    }
    assert found == ALLOWED.keys()


def test_this_search_finds_every_way_to_make_a_float() -> None:
    for source in (
        "def f():\n a = 0.5",
        "def f():\n return 1 / 2",
        "def f():\n a /= 2",
        "def f():\n float('1')",
    ):
        assert set(places(ast.parse(source))) == {"f"}
    assert list(places(ast.parse("class A:\n share: float = 0.0"))) == ["share", "share"]
    assert list(places(ast.parse("def f(a):\n return a // 2 + Decimal('0.5')"))) == []
