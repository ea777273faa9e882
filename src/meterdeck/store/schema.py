"""The schema, as numbered migrations: index N brings a database from version N to N + 1.

Times of buckets and reads are whole seconds since the epoch (UTC). Empty text stands for null: no id of the API
is empty, and what null means is told by its column (default workspace, Console use, not a token cost).
"""

MIGRATIONS = (
    """
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

    -- cents: the decimal text that came (or the exact sum, where one answer held a line twice)
    CREATE TABLE cost (
        day            INTEGER NOT NULL,
        workspace_id   TEXT NOT NULL,
        description    TEXT NOT NULL,
        cost_type      TEXT NOT NULL,
        model          TEXT NOT NULL,
        token_type     TEXT NOT NULL,
        service_tier   TEXT NOT NULL,
        context_window TEXT NOT NULL,
        inference_geo  TEXT NOT NULL,
        cents          TEXT NOT NULL,
        PRIMARY KEY (day, workspace_id, description, cost_type, model, token_type, service_tier,
                     context_window, inference_geo)
    ) WITHOUT ROWID, STRICT;

    -- one row for each bucket that was read; report: 'usage' or 'cost' (or 'mix' since the third migration)
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

    -- a number that grows with every change that a screen could show
    CREATE TABLE revision (
        id     INTEGER PRIMARY KEY CHECK (id = 1),
        number INTEGER NOT NULL
    ) STRICT;
    INSERT INTO revision (id, number) VALUES (1, 0);

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
    """,
    # An hour's figures stand in `usage` as they hold: its own row, or the sum of its minutes where they are newer.
    # Whole days are kept added up. Lines of the bill are kept once. What changed is told apart.
    """
    CREATE TEMP TABLE by_minute AS
        SELECT m.hour AS hour
        FROM (SELECT start - start % 3600 AS hour, count(*) AS minutes, min(read_at) AS oldest
              FROM coverage WHERE report = 'usage' AND width = 60 GROUP BY hour) AS m
        LEFT JOIN coverage AS own ON own.report = 'usage' AND own.width = 3600 AND own.start = m.hour
        WHERE own.start IS NULL OR (m.minutes = 60 AND m.oldest > own.read_at);
    DELETE FROM usage WHERE width = 3600 AND start IN (SELECT hour FROM by_minute);
    DELETE FROM coverage WHERE report = 'usage' AND width = 3600 AND start IN (SELECT hour FROM by_minute);
    INSERT INTO usage
        SELECT 3600, start - start % 3600 AS hour, series, sum(uncached_input), sum(cache_read), sum(cache_write_5m),
               sum(cache_write_1h), sum(output), sum(web_searches)
        FROM usage WHERE width = 60 AND start - start % 3600 IN (SELECT hour FROM by_minute)
        GROUP BY hour, series;
    DROP TABLE by_minute;
    INSERT INTO coverage
        SELECT 'usage', 86400, start - start % 86400 AS day, max(read_at), max(read_at)
        FROM coverage WHERE report = 'usage' AND width = 3600 GROUP BY day HAVING count(*) = 24;
    INSERT INTO usage
        SELECT 86400, start - start % 86400 AS day, series, sum(uncached_input), sum(cache_read), sum(cache_write_5m),
               sum(cache_write_1h), sum(output), sum(web_searches)
        FROM usage WHERE width = 3600 AND start - start % 86400 IN
            (SELECT start FROM coverage WHERE report = 'usage' AND width = 86400)
        GROUP BY day, series;

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
    INSERT INTO line (workspace_id, description, cost_type, model, token_type, service_tier, context_window,
                      inference_geo)
        SELECT DISTINCT workspace_id, description, cost_type, model, token_type, service_tier, context_window,
                        inference_geo FROM cost;
    ALTER TABLE cost RENAME TO cost_before;
    -- cents: the decimal text that came (or the exact sum, where one answer held a line twice)
    CREATE TABLE cost (
        day   INTEGER NOT NULL,
        line  INTEGER NOT NULL REFERENCES line (id),
        cents TEXT NOT NULL,
        PRIMARY KEY (day, line)
    ) WITHOUT ROWID, STRICT;
    INSERT INTO cost
        SELECT day, id, cents FROM cost_before JOIN line USING (workspace_id, description, cost_type, model,
            token_type, service_tier, context_window, inference_geo);
    DROP TABLE cost_before;

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

    -- numbers that grow with every change that a screen could show, one for each topic
    DROP TABLE revision;
    CREATE TABLE revision (
        topic  TEXT PRIMARY KEY,
        number INTEGER NOT NULL
    ) STRICT;
    """,
    # The mix: usage by what the series leave out of a price. It says the same tokens in another way, so it has tables
    # of its own.
    """
    CREATE TABLE served (
        id            INTEGER PRIMARY KEY,
        workspace_id  TEXT NOT NULL,
        model         TEXT NOT NULL,
        service_tier  TEXT NOT NULL,
        inference_geo TEXT NOT NULL,
        speed         TEXT NOT NULL,
        UNIQUE (workspace_id, model, service_tier, inference_geo, speed)
    ) STRICT;

    -- start: of an hour
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
    """,
    # The key figures that the session that collects showed last: a status bar has no time to work them out.
    """
    -- usd: decimal text, null where nothing prices the tokens; lacks: whether it lacks a part, null without a figure
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
    """,
    # Questions about dimensions that the series leave out, each with its newest answer. They say the series' tokens in
    # another way, so they have tables of their own.
    """
    -- filters: JSON; asked_at: while somebody waits; refusal: why read_at brought no answer; width, start and until: what
    -- of time was asked for; missing: starts of the buckets of it that did not come, JSON
    CREATE TABLE question (
        id        INTEGER PRIMARY KEY,
        dimension TEXT NOT NULL,
        filters   TEXT NOT NULL,
        span      TEXT NOT NULL,
        asked_at  REAL,
        read_at   INTEGER,
        refusal   TEXT,
        width     INTEGER,
        start     INTEGER,
        until     INTEGER,
        missing   TEXT,
        UNIQUE (dimension, filters, span)
    ) STRICT;

    -- the whole window by member, and by what prices depend on where the question tells it (else those are empty)
    CREATE TABLE answer (
        question       INTEGER NOT NULL REFERENCES question (id),
        member         TEXT NOT NULL,
        workspace_id   TEXT NOT NULL,
        model          TEXT NOT NULL,
        service_tier   TEXT NOT NULL,
        context_window TEXT NOT NULL,
        uncached_input INTEGER NOT NULL,
        cache_read     INTEGER NOT NULL,
        cache_write_5m INTEGER NOT NULL,
        cache_write_1h INTEGER NOT NULL,
        output         INTEGER NOT NULL,
        web_searches   INTEGER NOT NULL,
        PRIMARY KEY (question, member, workspace_id, model, service_tier, context_window)
    ) WITHOUT ROWID, STRICT;

    -- tokens of all types of each bucket by member
    CREATE TABLE answer_bucket (
        question INTEGER NOT NULL REFERENCES question (id),
        start    INTEGER NOT NULL,
        member   TEXT NOT NULL,
        tokens   INTEGER NOT NULL,
        PRIMARY KEY (question, start, member)
    ) WITHOUT ROWID, STRICT;
    """,
    # What settled days' bills are shared out to, what the five counters do not know, and bills in other currencies.
    """
    -- currency belongs to what a line is: amounts of several are never added
    CREATE TABLE line_with_currency (
        id             INTEGER PRIMARY KEY,
        workspace_id   TEXT NOT NULL,
        description    TEXT NOT NULL,
        cost_type      TEXT NOT NULL,
        model          TEXT NOT NULL,
        token_type     TEXT NOT NULL,
        service_tier   TEXT NOT NULL,
        context_window TEXT NOT NULL,
        inference_geo  TEXT NOT NULL,
        currency       TEXT NOT NULL,
        UNIQUE (workspace_id, description, cost_type, model, token_type, service_tier, context_window,
                inference_geo, currency)
    ) STRICT;
    INSERT INTO line_with_currency SELECT *, 'USD' FROM line;
    DROP TABLE line;
    ALTER TABLE line_with_currency RENAME TO line;

    -- settled UTC days whose bill is shared out among series; decimals: of a cent, in the amounts of `allocated`;
    -- is_large: whether SQLite's integers can't hold one of them, which is text then
    CREATE TABLE allocation (
        day      INTEGER PRIMARY KEY,
        decimals INTEGER NOT NULL,
        is_large INTEGER NOT NULL
    ) STRICT;

    -- each series' part of a day's bill, whole numbers by what it pays for; null: not used, or no line pays for it.
    -- unmatched: how many tokens and searches those are.
    -- mixed: a bit for each of the six amounts, from the first on, that is an average over several lines (geos, speeds)
    CREATE TABLE allocated (
        day                INTEGER NOT NULL REFERENCES allocation (day),
        series             INTEGER NOT NULL REFERENCES series (id),
        uncached_input     ANY,
        cache_read         ANY,
        cache_write_5m     ANY,
        cache_write_1h     ANY,
        output             ANY,
        web_searches       ANY,
        unmatched          INTEGER NOT NULL,
        unmatched_searches INTEGER NOT NULL,
        mixed              INTEGER NOT NULL,
        PRIMARY KEY (day, series)
    ) WITHOUT ROWID, STRICT;

    CREATE INDEX allocated_unmatched ON allocated (day) WHERE unmatched OR unmatched_searches;

    -- the lines of such a day that nothing can be shared out by
    CREATE TABLE not_allocated (
        day  INTEGER NOT NULL REFERENCES allocation (day),
        line INTEGER NOT NULL REFERENCES line (id),
        PRIMARY KEY (day, line)
    ) WITHOUT ROWID, STRICT;

    -- settled days that were changed afterwards, in the bill or in usage: the sums of the bill in cents, decimal text
    CREATE TABLE restatement (
        day    INTEGER PRIMARY KEY,
        at     INTEGER NOT NULL,
        before TEXT NOT NULL,
        after  TEXT NOT NULL
    ) STRICT;

    -- what usage rows count beside the six: new kinds of cache writes (in the totals), other tools, new counters
    CREATE TABLE counter (
        width  INTEGER NOT NULL,
        start  INTEGER NOT NULL,
        series INTEGER NOT NULL REFERENCES series (id),
        name   TEXT NOT NULL,
        count  INTEGER NOT NULL,
        PRIMARY KEY (width, start, series, name)
    ) WITHOUT ROWID, STRICT;

    -- how each amount is known, JSON; null in rows of before
    ALTER TABLE glance ADD COLUMN hour_known TEXT;
    ALTER TABLE glance ADD COLUMN today_known TEXT;
    ALTER TABLE glance ADD COLUMN month_known TEXT;

    -- ids without a name for which the directory was read once, early
    CREATE TABLE unnamed (
        id       TEXT PRIMARY KEY,
        asked_at INTEGER NOT NULL
    ) STRICT;
    """,
)

VERSION = len(MIGRATIONS)
