-- A mailbox stores its own timeline of owners only; this follows the owners up to the customer, period by period.
--
-- links    a row per period of a mailbox's own timeline
-- known    every identifier: a customer that was never linked has no mailbox row, but it has journeys
-- chain    from each identifier upwards, a period splits where the owner's timeline changes. `moment` is the time that
--          an order, parcel, receipt or ticket asks its owner about; without it each moment asks about itself
-- resolved the chains that arrived, with neighbours of the same customer joined
--
-- Clients read the value beneath a NULL too, so it must be a date that they know.
CREATE OR REPLACE VIEW ${database}.identities ${on_cluster} AS
WITH RECURSIVE
    toInt64(-9223372036854775808) AS always,
    toInt64(9223372036854775807) AS for_ever,
    links AS
    (
        SELECT
            identifier,
            period.1 AS since,
            period.2 AS until,
            period.3 AS owner,
            period.4 AS as_of
        FROM
        (
            SELECT
                identifier,
                arrayMap(moment -> ifNull(moment, always), owner_since) AS starts,
                arrayZip(starts, arrayPushBack(arrayPopFront(starts), for_ever), owner, owner_as_of) AS periods
            FROM ${database}.mailbox_rows FINAL
            WHERE notEmpty(owner)
        )
        ARRAY JOIN periods AS period
    ),
    known AS
    (
        SELECT identifier, max(shared) AS shared
        FROM
        (
            SELECT identifier, shared FROM ${database}.mailbox_rows FINAL
            UNION ALL
            SELECT DISTINCT customer AS identifier, toUInt8(0) AS shared FROM ${database}.journey_rows FINAL
        )
        GROUP BY identifier
    ),
    chain AS
    (
        SELECT
            identifier,
            shared,
            identifier AS customer,
            always AS since,
            for_ever AS until,
            CAST(NULL AS Nullable(Int64)) AS moment,
            toUInt8(0) AS arrived
        FROM known
        UNION ALL
        SELECT
            chain.identifier,
            chain.shared,
            if(links.owner = '', chain.customer, links.owner) AS customer,
            if(links.owner = '' OR chain.moment IS NOT NULL, chain.since, greatest(chain.since, links.since)) AS since,
            if(links.owner = '' OR chain.moment IS NOT NULL, chain.until, least(chain.until, links.until)) AS until,
            ifNull(links.as_of, chain.moment) AS moment,
            toUInt8(links.owner = '') AS arrived
        FROM chain
        LEFT JOIN links ON links.identifier = chain.customer
        WHERE NOT chain.arrived
            AND (links.owner = ''
                OR (ifNull(chain.moment, greatest(chain.since, links.since)) >= links.since
                    AND ifNull(chain.moment, greatest(chain.since, links.since)) < least(links.until,
                        if(chain.moment IS NULL, chain.until, for_ever))))
    ),
    resolved AS
    (
        SELECT
            identifier,
            max(shared) AS shared,
            arraySort(groupArray((since, customer))) AS periods,
            arrayFilter(
                (period, position) -> position = 1 OR period.2 != periods[position - 1].2,
                periods,
                arrayEnumerate(periods)) AS changes,
            arrayZip(
                changes.1,
                changes.2,
                arrayPushBack(arrayPopFront(changes.1), for_ever)) AS belongs
        FROM chain
        WHERE arrived
        GROUP BY identifier
    )
SELECT
    identifier,
    CAST(substringIndex(identifier, ':', 1) AS LowCardinality(String)) AS namespace,
    period.2 AS customer,
    if(period.1 = always, NULL, fromUnixTimestamp64Milli(if(period.1 = always, 0, period.1), 'UTC')) AS valid_from,
    if(period.3 = for_ever, NULL, fromUnixTimestamp64Milli(if(period.3 = for_ever, 0, period.3), 'UTC')) AS valid_to,
    shared
FROM resolved
ARRAY JOIN belongs AS period;
