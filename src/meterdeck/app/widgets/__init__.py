"""Widgets that repaint only the cells that changed."""
