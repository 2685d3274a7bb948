-- What was counted in the metrics of a worker: counted once, whichever worker sees it again, and after whichever restart.
-- The earliest claim on a name counts. Names are forgotten after half a year: what comes up again so late is counted again.
CREATE TABLE IF NOT EXISTS ${database}.counted_rows ${on_cluster}
(
    name UUID COMMENT 'Hash of what was counted' CODEC(NONE),
    claim UInt64 COMMENT 'Who counted it: a random number' CODEC(NONE),
    counted_at DateTime64(9, 'UTC') DEFAULT now64(9),
    row_version UInt64 DEFAULT 18446744073709551615 - toUInt64(toUnixTimestamp64Nano(counted_at)) COMMENT 'The earlier, the higher'
)
ENGINE = ${replicated}ReplacingMergeTree(row_version)
ORDER BY name
TTL toDateTime(counted_at) + toIntervalDay(180)
SETTINGS index_granularity = 256, min_compress_block_size = 4096, max_compress_block_size = 16384;

-- Whether any customer has a friction, by its id alone. Of 5 million frictions it reads 1,000 rows for each that is there, and
-- next to none for the others, as fast as a projection sorted by id, which would take 60 % of the table's size once more.
ALTER TABLE ${database}.friction_rows ${on_cluster}
    ADD INDEX IF NOT EXISTS by_friction_id friction_id TYPE bloom_filter(0.0001) GRANULARITY 1;

ALTER TABLE ${database}.friction_rows ${on_cluster} MATERIALIZE INDEX by_friction_id;
