-- The analysts' contract: a view shows the current truth, without duplicates and without anything withdrawn.

CREATE OR REPLACE VIEW ${database}.touchpoints ${on_cluster} AS
SELECT
    event_id,
    event_source,
    type,
    time,
    received_at,
    customer,
    identifiers[1] AS address,
    identifiers,
    journey_id,
    substringIndex(type, '.', 1) AS source,
    touchpoint,
    stage,
    moment,
    channel,
    owner,
    probe,
    data,
    lower(hex(event_key)) AS event_key
FROM ${database}.touchpoint_rows FINAL;

CREATE OR REPLACE VIEW ${database}.journeys ${on_cluster} AS
SELECT
    journey_id,
    customer,
    started_at,
    ended_at,
    status,
    outcome,
    events,
    sessions,
    channels,
    sources,
    furthest_stage,
    seconds_to_buy,
    order_value,
    currency,
    value_at_risk,
    friction_score,
    probe,
    step_time,
    step_type,
    step_touchpoint,
    step_stage,
    step_channel,
    arrayMap(step -> substringIndex(step, '.', 1), step_type) AS step_source,
    step_event_id,
    step_event_source
FROM ${database}.journey_rows FINAL;

CREATE OR REPLACE VIEW ${database}.frictions ${on_cluster} AS
SELECT
    friction_id,
    kind,
    severity,
    time,
    journey_id,
    customer,
    touchpoint,
    owner,
    channel,
    evidence,
    cause,
    probe,
    detected_at
FROM ${database}.friction_rows FINAL;

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
    payload
FROM ${database}.dead_letter_rows FINAL;
