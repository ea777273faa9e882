-- A store of schema 4, written by hand: every kind of row that a later schema must leave as it is.

CREATE TABLE series (
    id             INTEGER PRIMARY KEY,
    workspace_id   TEXT NOT NULL,
    model          TEXT NOT NULL,
    api_key_id     TEXT NOT NULL,
    service_tier   TEXT NOT NULL,
    context_window TEXT NOT NULL,
    UNIQUE (workspace_id, model, api_key_id, service_tier, context_window)
) STRICT;

-- width: the bucket's width in seconds (60 or 3600; 86400 since the second migration)
CREATE TABLE usage (
    width          INTEGER NOT NULL,
    start          INTEGER NOT NULL,
    series         INTEGER NOT NULL REFERENCES series (id),
    uncached_input INTEGER NOT NULL,
    cache_read     INTEGER NOT NULL,
    cache_write_5m INTEGER NOT NULL,
    cache_write_1h INTEGER NOT NULL,
    output         INTEGER NOT NULL,
    web_searches   INTEGER NOT NULL,
    PRIMARY KEY (width, start, series)
) WITHOUT ROWID, STRICT;

-- one row for each bucket that was read; report: 'usage' or 'cost'
CREATE TABLE coverage (
    report          TEXT NOT NULL,
    width           INTEGER NOT NULL,
    start           INTEGER NOT NULL,
    read_at         INTEGER NOT NULL,
    unchanged_since INTEGER NOT NULL,
    PRIMARY KEY (report, width, start)
) WITHOUT ROWID, STRICT;

CREATE TABLE organization (
    id   TEXT PRIMARY KEY,
    name TEXT NOT NULL
) STRICT;

CREATE TABLE workspace (
    id          TEXT PRIMARY KEY,
    name        TEXT NOT NULL,
    archived_at INTEGER
) STRICT;

CREATE TABLE api_key (
    id                 TEXT PRIMARY KEY,
    name               TEXT NOT NULL,
    status             TEXT NOT NULL,
    hint               TEXT,
    workspace_id       TEXT,
    scope_workspace_id TEXT
) STRICT;

-- how each feed fares, for the status line of every session on this store
CREATE TABLE feed (
    name      TEXT PRIMARY KEY,
    read_at   INTEGER,
    failed_at INTEGER,
    failure   TEXT,
    sentence  TEXT,
    next_at   INTEGER
) STRICT;

-- the one session that collects
CREATE TABLE lease (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    owner      TEXT NOT NULL,
    pid        INTEGER NOT NULL,
    expires_at REAL NOT NULL
) STRICT;

-- when a session that follows last asked the one that collects for a refresh
CREATE TABLE wish (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    at REAL NOT NULL
) STRICT;

-- requests of the sliding hour, of all sessions
CREATE TABLE request (
    id       INTEGER PRIMARY KEY,
    at       REAL NOT NULL,
    priority INTEGER NOT NULL
) STRICT;
CREATE INDEX request_at ON request (at);

-- what the server said about our pace: nobody asks before `wait_until`; `remaining` requests were left after
-- our request of that id; its clock was `skew` seconds ahead of ours
CREATE TABLE pace (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    wait_until REAL NOT NULL,
    hourly     INTEGER,
    remaining  INTEGER,
    request    INTEGER,
    skew       REAL NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE line (
    id             INTEGER PRIMARY KEY,
    workspace_id   TEXT NOT NULL,
    description    TEXT NOT NULL,
    cost_type      TEXT NOT NULL,
    model          TEXT NOT NULL,
    token_type     TEXT NOT NULL,
    service_tier   TEXT NOT NULL,
    context_window TEXT NOT NULL,
    inference_geo  TEXT NOT NULL,
    UNIQUE (workspace_id, description, cost_type, model, token_type, service_tier, context_window,
            inference_geo)
) STRICT;

-- cents: the decimal text that came (or the exact sum, where one answer held a line twice)
CREATE TABLE cost (
    day   INTEGER NOT NULL,
    line  INTEGER NOT NULL REFERENCES line (id),
    cents TEXT NOT NULL,
    PRIMARY KEY (day, line)
) WITHOUT ROWID, STRICT;

-- moments that a user marked, such as the start of a launch
CREATE TABLE mark (
    id   INTEGER PRIMARY KEY,
    at   INTEGER NOT NULL,
    name TEXT NOT NULL
) STRICT;

-- hours whose minutes a session waits for, until the one that collects has read them
CREATE TABLE wanted_hour (
    start    INTEGER PRIMARY KEY,
    asked_at REAL NOT NULL
) STRICT;

CREATE TABLE revision (
    topic  TEXT PRIMARY KEY,
    number INTEGER NOT NULL
) STRICT;

CREATE TABLE served (
    id            INTEGER PRIMARY KEY,
    workspace_id  TEXT NOT NULL,
    model         TEXT NOT NULL,
    service_tier  TEXT NOT NULL,
    inference_geo TEXT NOT NULL,
    speed         TEXT NOT NULL,
    UNIQUE (workspace_id, model, service_tier, inference_geo, speed)
) STRICT;

CREATE TABLE mix (
    start          INTEGER NOT NULL,
    served         INTEGER NOT NULL REFERENCES served (id),
    uncached_input INTEGER NOT NULL,
    cache_read     INTEGER NOT NULL,
    cache_write_5m INTEGER NOT NULL,
    cache_write_1h INTEGER NOT NULL,
    output         INTEGER NOT NULL,
    web_searches   INTEGER NOT NULL,
    PRIMARY KEY (start, served)
) WITHOUT ROWID, STRICT;

INSERT INTO series VALUES (1, 'wrkspc_a', 'claude-opus-5', 'apikey_1', 'standard', '0-200k');
INSERT INTO series VALUES (2, '', 'claude-opus-5', '', 'standard', '0-200k');

-- 2026-11-20 00:00Z is 1795132800. A whole day of hours, read long after (24 x 100), and its sum.
WITH RECURSIVE h (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM h WHERE n < 23)
INSERT INTO usage SELECT 3600, 1795132800 + 3600 * n, 1, 0, 0, 0, 0, 100, 1 FROM h;
WITH RECURSIVE h (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM h WHERE n < 23)
INSERT INTO coverage SELECT 'usage', 3600, 1795132800 + 3600 * n, 1795300000, 1795300000 FROM h;
INSERT INTO usage VALUES (86400, 1795132800, 1, 0, 0, 0, 0, 2400, 24);
INSERT INTO coverage VALUES ('usage', 86400, 1795132800, 1795300000, 1795300000);

-- The next day, hour 0: the sum of its minutes (60 x 7).
INSERT INTO usage VALUES (3600, 1795219200, 1, 0, 0, 0, 0, 420, 0);
WITH RECURSIVE m (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM m WHERE n < 59)
INSERT INTO usage SELECT 60, 1795219200 + 60 * n, 1, 0, 0, 0, 0, 7, 0 FROM m;
WITH RECURSIVE m (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM m WHERE n < 59)
INSERT INTO coverage SELECT 'usage', 60, 1795219200 + 60 * n, 1795225000, 1795225000 FROM m;

-- Hour 1: its own row (100), and half of its minutes.
INSERT INTO usage VALUES (3600, 1795222800, 2, 0, 0, 0, 0, 100, 0);
INSERT INTO coverage VALUES ('usage', 3600, 1795222800, 1795228000, 1795228000);
WITH RECURSIVE m (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM m WHERE n < 29)
INSERT INTO usage SELECT 60, 1795222800 + 60 * n, 2, 0, 0, 0, 0, 7, 0 FROM m;
WITH RECURSIVE m (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM m WHERE n < 29)
INSERT INTO coverage SELECT 'usage', 60, 1795222800 + 60 * n, 1795229000, 1795229000 FROM m;

-- Hour 2: ten minutes alone (10 x 7).
INSERT INTO usage VALUES (3600, 1795226400, 2, 0, 0, 0, 0, 70, 0);
WITH RECURSIVE m (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM m WHERE n < 9)
INSERT INTO usage SELECT 60, 1795226400 + 60 * n, 2, 0, 0, 0, 0, 7, 0 FROM m;
WITH RECURSIVE m (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM m WHERE n < 9)
INSERT INTO coverage SELECT 'usage', 60, 1795226400 + 60 * n, 1795229000, 1795229000 FROM m;

-- Two days of the bill, one line on both.
INSERT INTO line VALUES (1, 'wrkspc_a', 'Output', 'tokens', 'claude-opus-5', 'output_tokens', 'standard', '0-200k', 'global');
INSERT INTO line VALUES (2, '', 'Web Search Usage', 'web_search', '', '', '', '', '');
INSERT INTO cost VALUES (1795132800, 1, '12.3450');
INSERT INTO cost VALUES (1795219200, 1, '1E-7');
INSERT INTO cost VALUES (1795219200, 2, '-3.50');
INSERT INTO coverage VALUES ('cost', 86400, 1795132800, 1795300000, 1795300000);
INSERT INTO coverage VALUES ('cost', 86400, 1795219200, 1795300000, 1795300000);

INSERT INTO organization VALUES ('org', 'Acme');
INSERT INTO revision VALUES ('usage', 41);

-- An hour of the mix, of a day whose usage was not read.
INSERT INTO served VALUES (1, 'wrkspc_a', 'claude-opus-5', 'standard', 'us', 'fast');
INSERT INTO mix VALUES (1795305600, 1, 0, 0, 0, 0, 9, 0);
INSERT INTO coverage VALUES ('mix', 3600, 1795305600, 1795310000, 1795310000);

CREATE TABLE glance (
    id                     INTEGER PRIMARY KEY CHECK (id = 1),
    at                     INTEGER NOT NULL,
    tokens_per_hour        INTEGER,
    tokens_per_hour_before INTEGER,
    hour_usd               TEXT,
    hour_lacks             INTEGER,
    today_usd              TEXT,
    today_lacks            INTEGER,
    month_usd              TEXT,
    month_lacks            INTEGER
) STRICT;

INSERT INTO glance VALUES (1, 1795219200, 1200, 1000, '4.25', 0, '100.50', 0, '2000', 1);
PRAGMA user_version = 4;
