"""The file that `meterdeck config init` writes: every setting, explained, and none of them set."""

TEMPLATE = """\
# meterdeck's configuration. Every line that sets something is switched off by a leading #;
# what stands there is the default, or an example. Check with: meterdeck config show
#
# A key never stands in this file. Without one of the key sources below it is read from
# the environment: ANTHROPIC_ADMIN_KEY, or else ANTHROPIC_ADMIN_API_KEY.

# The server to ask. Only https, or plain http on this machine (a relay, `meterdeck serve`).
# base_url = "https://api.anthropic.com"

# Certificate authorities to believe instead of the public ones, for a relay or proxy with one
# of its own: a PEM file, or a folder as OpenSSL keeps it. Certificates are always checked.
# ca_bundle = "~/.config/acme-ca.pem"

# How many requests all sessions together may send in an hour, 1 to 1000. The API seems to
# allow about 90 for the whole organisation, and other tools may need some of them.
# requests_per_hour = 60

# Where the key lies: at most one of these four.
#
# An environment variable of another name:
# key_env = "ACME_ADMIN_KEY"
#
# A file with the key alone in it, readable by you alone (chmod 600). A relative path begins
# at this file's folder.
# key_file = "~/.secrets/anthropic-admin-key"
#
# A command that prints the key, run without a shell and given 30 seconds; words may also be
# a list. It is run again when the key is refused (401), so tokens that expire can be used.
# key_command = "pass show anthropic/admin"
# key_command = ["op", "read", "op://Work/Anthropic Admin/key"]
#
# An entry of the system's keyring, service/username (pip install 'meterdeck[keyring]'):
# keyring = "meterdeck/acme"

# The id of the organisation that the key must belong to. An answer from another one is
# refused, and what was read is kept when the key is replaced.
# organization = "12345678-1234-5678-1234-567812345678"

# The time zone whose hours and weekdays are the rhythm of your use (nights, weekends), for
# projections: an IANA name. Bills, days, months and budgets are UTC all the same.
# timezone = "Europe/Berlin"

# Where `e` on the deck writes its files; a relative path begins at this file's folder. Not set,
# it is the folder in which meterdeck was started.
# export_folder = "~/reports"

# Several organisations: one table each (below), with any of the settings above. What a profile does
# not set, it takes from the top of the file (but no organization beside a key of its own).
# Choose one with --profile NAME; or always this one, by a line above the first table:
# profile = "acme"

# How the deck looks, whatever the profile: the name of a theme. auto is ours, dark, or light where
# the terminal says so (COLORFGBG). `meterdeck themes` lists all; files of your own lie in themes/.
# chart is what charts and lines are drawn with: blocks, or braille, whose dots hold twice as many bars.
# [screen]
# theme = "auto"
# chart = "blocks"

# Budgets in USD: monthly_usd, daily_usd and hourly_usd, of UTC months, days and hours.
# Amounts stand in quotes, or are whole numbers. Without workspace or model, a budget is the
# whole organisation's.
#
# [[budgets]]
# monthly_usd = "200000"
# daily_usd = "9500.50"
#
# A workspace by its name or id (the default one: default), or a model:
# [[budgets]]
# workspace = "prod-chat"
# daily_usd = 1500
#
# [[budgets]]
# model = "claude-opus-5"
# hourly_usd = "80"

# Keys of the deck: a command, and the key or the keys that it should have instead of its own.
# All commands and their keys: meterdeck keys --format json
# [keys]
# "time.longer" = "L"
# "deck.refresh" = ["f5", "ctrl+r"]
# Views, opened by `meterdeck --view launch`: members by name or id, and any of window (1h, 6h, 24h,
# 7d, 31d, month), since, until, by, costs_by, measure, pane and local_time. What meterdeck saves
# itself stands beside this file, in views.toml.
#
# [views.launch]
# workspace = ["prod-chat", "default"]
# model = "opus-5"
# since = "2026-11-20T13:05Z"
# by = "api_key"
# costs_by = "token_type"
# measure = "usd"
# pane = "breakdown"

# [profiles.acme]
# organization = "12345678-1234-5678-1234-567812345678"
# key_command = "pass show anthropic/acme"
# requests_per_hour = 45
# A profile's own budgets replace those at the top, all of them.
# [[profiles.acme.budgets]]
# monthly_usd = "50000"

# [profiles.relay]
# base_url = "https://meterdeck.example.com"
# key_file = "relay-token"
"""
