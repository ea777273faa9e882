"""The three panes: each shows one frozen result, and says in words when there is nothing to show."""

from meterdeck.app.widgets.panes.breakdown import BreakdownPane
from meterdeck.app.widgets.panes.costs import CostsPane
from meterdeck.app.widgets.panes.pane import Pane
from meterdeck.app.widgets.panes.rates import RatesPane
from meterdeck.app.widgets.panes.rows import TablePane

__all__ = ["BreakdownPane", "CostsPane", "Pane", "RatesPane", "TablePane"]
