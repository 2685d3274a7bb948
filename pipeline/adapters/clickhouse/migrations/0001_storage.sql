-- The storage. Nobody but the store adapter reads or writes these tables; everyone else reads the views.
--
-- A row has a version, and of the rows with one key the highest version counts, however late or often it arrives.
-- A tombstone (is_deleted = 1) takes a row away. Sorting keys are the rows' keys and never change.
-- Granules and compressed blocks are small where workers read single mailboxes out of millions; there ZSTD is for the
-- long columns only, as its cost per block would double that of an insert.

CREATE TABLE IF NOT EXISTS ${database}.touchpoint_rows ${on_cluster}
(
    customer String,
    event_key FixedString(16) COMMENT 'Hash of source, id and address: equal for copies of one event' CODEC(NONE),
    row_version UInt64,
    is_deleted UInt8,
    event_id String CODEC(ZSTD(1)),
    event_source String,
    type LowCardinality(String),
    time DateTime64(3, 'UTC'),
    received_at DateTime64(3, 'UTC'),
    identifiers Array(String) COMMENT 'namespace:value, strongest first; the first is the address',
    channel LowCardinality(String),
    probe UInt8,
    data String CODEC(ZSTD(1)),
    kept String COMMENT 'All else that a worker needs to know of it, so that it reads few columns: MessagePack' CODEC(ZSTD(1)),
    journey_id String CODEC(ZSTD(1)),
    touchpoint LowCardinality(String),
    stage LowCardinality(String),
    moment LowCardinality(String),
    owner LowCardinality(String)
)
ENGINE = ${replicated}ReplacingMergeTree(row_version, is_deleted)
ORDER BY (customer, event_key)
SETTINGS index_granularity = 128, min_compress_block_size = 4096, max_compress_block_size = 16384;

CREATE TABLE IF NOT EXISTS ${database}.mailbox_rows ${on_cluster}
(
    identifier String,
    row_version UInt64,
    is_deleted UInt8,
    partition UInt32 COMMENT 'Partition of the mail topic',
    state String COMMENT 'Links, dissolved bridges, version and stale marks, as pipeline.identity encodes them' CODEC(ZSTD(1)),
    owner_since Array(Nullable(Int64)) COMMENT 'Starts of the periods of owners, milliseconds; the first is NULL: always',
    owner Array(String),
    owner_as_of Array(Nullable(Int64)) COMMENT 'The moment to ask the owner about; NULL: the same moment',
    shared UInt8
)
ENGINE = ${replicated}ReplacingMergeTree(row_version, is_deleted)
ORDER BY identifier
SETTINGS index_granularity = 128, min_compress_block_size = 4096, max_compress_block_size = 16384;

CREATE TABLE IF NOT EXISTS ${database}.journey_rows ${on_cluster}
(
    customer String,
    journey_id String CODEC(ZSTD(1)),
    row_version UInt64,
    is_deleted UInt8,
    content UInt64 COMMENT 'Hash of the row: whether it must be written again',
    probe UInt8,
    started_at DateTime64(3, 'UTC'),
    ended_at DateTime64(3, 'UTC'),
    status LowCardinality(String),
    outcome LowCardinality(String),
    events UInt32,
    sessions UInt32,
    channels Array(LowCardinality(String)),
    sources Array(LowCardinality(String)),
    furthest_stage LowCardinality(String),
    seconds_to_buy Nullable(Float64),
    order_value Float64,
    currency LowCardinality(String),
    friction_score UInt32,
    value_at_risk Float64,
    step_time Array(DateTime64(3, 'UTC')) CODEC(ZSTD(1)),
    step_type Array(LowCardinality(String)),
    step_touchpoint Array(LowCardinality(String)),
    step_stage Array(LowCardinality(String)),
    step_channel Array(LowCardinality(String)),
    step_event_id Array(String) CODEC(ZSTD(1)),
    step_event_source Array(String)
)
ENGINE = ${replicated}ReplacingMergeTree(row_version, is_deleted)
ORDER BY (customer, journey_id)
SETTINGS index_granularity = 1024;

CREATE TABLE IF NOT EXISTS ${database}.friction_rows ${on_cluster}
(
    customer String,
    friction_id String CODEC(ZSTD(1)),
    row_version UInt64,
    is_deleted UInt8,
    content UInt64 COMMENT 'Hash of the row: whether it must be written again',
    detected_at DateTime64(3, 'UTC'),
    kind LowCardinality(String),
    severity UInt8,
    time DateTime64(3, 'UTC'),
    journey_id String CODEC(ZSTD(1)),
    touchpoint LowCardinality(String),
    owner LowCardinality(String),
    channel LowCardinality(String),
    evidence Array(String) CODEC(ZSTD(1)),
    cause Array(String),
    probe UInt8
)
ENGINE = ${replicated}ReplacingMergeTree(row_version, is_deleted)
ORDER BY (customer, friction_id)
SETTINGS index_granularity = 1024;

-- Tombstones of wakes go after an hour, or the range that a worker reads every second would grow for ever.
-- Should one go before the row it took away, a customer is folded once too often.
CREATE TABLE IF NOT EXISTS ${database}.wake_rows ${on_cluster}
(
    partition UInt32,
    at DateTime64(3, 'UTC'),
    customer String,
    row_version UInt64,
    is_deleted UInt8,
    saved_at DateTime('UTC') DEFAULT now()
)
ENGINE = ${replicated}ReplacingMergeTree(row_version, is_deleted)
ORDER BY (partition, at, customer)
TTL saved_at + toIntervalHour(1) DELETE WHERE is_deleted = 1
SETTINGS index_granularity = 1024, merge_with_ttl_timeout = 600;

-- Who took a partition over, and when. Small, and kept for ever: a forgotten epoch could be given out again.
CREATE TABLE IF NOT EXISTS ${database}.claim_rows ${on_cluster}
(
    partition UInt32,
    epoch UInt64,
    token UUID COMMENT 'Tells two workers apart that claim the same epoch at once: both try again',
    claimed_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ${replicated}MergeTree
ORDER BY (partition, epoch);

-- The embedded broker counts offsets from 0 again after it was renewed: the record's own time belongs to the key.
CREATE TABLE IF NOT EXISTS ${database}.dead_letter_rows ${on_cluster}
(
    topic LowCardinality(String),
    partition Int32,
    offset Int64,
    `index` UInt32 COMMENT 'Position in the array of events that the message held',
    received_at DateTime64(3, 'UTC'),
    reason LowCardinality(String),
    detail String CODEC(ZSTD(1)),
    type String COMMENT 'As it was given; it need not exist',
    payload String CODEC(ZSTD(1)),
    saved_at DateTime('UTC') DEFAULT now() COMMENT 'What its retention counts from: a record may claim to be old'
)
ENGINE = ${replicated}ReplacingMergeTree
ORDER BY (topic, partition, offset, `index`, received_at);
