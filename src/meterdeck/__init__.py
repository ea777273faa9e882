"""A keyboard-driven terminal monitor for what an organisation spends on the Claude API."""

__version__ = "0.1.0"
