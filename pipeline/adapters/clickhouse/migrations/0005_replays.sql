-- A dead letter that is sent again keeps its key: what is rejected again replaces it. Whether it still waits for somebody
-- follows from two numbers, whichever is written first: the replay that was rejected, and the replay that was sent.

ALTER TABLE ${database}.dead_letter_rows ${on_cluster}
    ADD COLUMN IF NOT EXISTS replays UInt32 COMMENT 'Which replay was rejected; 0: it is as it first came';

CREATE TABLE IF NOT EXISTS ${database}.replay_rows ${on_cluster}
(
    topic LowCardinality(String),
    partition Int32,
    offset Int64,
    `index` UInt32,
    received_at DateTime64(3, 'UTC'),
    attempt UInt32 COMMENT 'The replay that was sent last, counting from 1',
    replayed_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ${replicated}ReplacingMergeTree(attempt)
ORDER BY (topic, partition, offset, `index`, received_at);

CREATE OR REPLACE VIEW ${database}.dead_letters ${on_cluster} AS
SELECT
    received_at,
    topic,
    partition,
    offset,
    `index`,
    reason,
    detail,
    type,
    payload,
    lower(hex(sipHash64(topic, partition, offset, `index`, received_at))) AS id,
    greatest(letters.replays, sent.attempt) AS replays,
    if(sent.attempt > letters.replays, sent.replayed_at, NULL) AS replayed_at
-- From subqueries, so that a cluster joins what its shards answered: Distributed tables cannot be joined directly.
FROM (SELECT * FROM ${database}.dead_letter_rows FINAL) AS letters
LEFT ANY JOIN (SELECT * FROM ${database}.replay_rows FINAL) AS sent USING (topic, partition, offset, `index`, received_at);
