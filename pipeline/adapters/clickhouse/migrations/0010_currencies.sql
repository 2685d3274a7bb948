-- What is at risk by currency: amounts of two currencies have no sum, so that `value_at_risk` leaves baskets in another currency
-- than the orders' out. Empty in rows that were written before, until their customer's next event.

ALTER TABLE ${database}.journey_rows ${on_cluster}
    ADD COLUMN IF NOT EXISTS at_risk_currency Array(LowCardinality(String)) AFTER value_at_risk,
    ADD COLUMN IF NOT EXISTS at_risk_amount Array(Float64) AFTER at_risk_currency;

-- Journeys without their steps: all that figures over many of them need, and much cheaper to read.
CREATE OR REPLACE VIEW ${database}.journey_summaries ${on_cluster} AS
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
    at_risk_currency,
    at_risk_amount,
    friction_score,
    probe,
    last_touchpoint
FROM ${database}.journey_rows FINAL;

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
    at_risk_currency,
    at_risk_amount,
    friction_score,
    probe,
    last_touchpoint,
    step_time,
    step_type,
    step_touchpoint,
    step_stage,
    step_channel,
    arrayMap(step -> substringIndex(step, '.', 1), step_type) AS step_source,
    step_event_id,
    step_event_source
-- From subqueries, so that a cluster joins what its shards answered.
FROM (SELECT * FROM ${database}.journey_summaries) AS summaries
LEFT ANY JOIN
(
    SELECT
        customer,
        journey_id,
        arraySort(groupArray((time, event_source, event_id, identifiers[1], type, touchpoint, stage, channel))) AS steps,
        steps.1 AS step_time,
        steps.2 AS step_event_source,
        steps.3 AS step_event_id,
        steps.5 AS step_type,
        steps.6 AS step_touchpoint,
        steps.7 AS step_stage,
        steps.8 AS step_channel
    FROM ${database}.touchpoint_rows FINAL
    GROUP BY customer, journey_id
) AS taken USING (customer, journey_id);
