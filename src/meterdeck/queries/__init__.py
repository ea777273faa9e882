"""Pure reads: a transaction, a scope and a moment in, one frozen result a pane out. No query asks the time."""
