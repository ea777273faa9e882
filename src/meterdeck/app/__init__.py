"""The screen: Textual and nothing else. Data comes as frozen snapshots, keys leave as commands."""
