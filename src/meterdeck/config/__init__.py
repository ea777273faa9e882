"""The configuration file: TOML, checked, every wrong line named, every value with its origin."""

from meterdeck.config.resolve import COMMAND_LINE, DEFAULT, ENVIRONMENT, Config, Setting, load
from meterdeck.config.template import TEMPLATE

__all__ = ["COMMAND_LINE", "DEFAULT", "ENVIRONMENT", "TEMPLATE", "Config", "Setting", "load"]
