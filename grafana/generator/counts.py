"""Counts over a time range that include the first count of each series."""


def counted(series: str, over: str = "$__range", seconds: str = "$__range_s") -> str:
    """PromQL of how much each counter grew in a time range, to be summed.

    `increase()` does not see the value with which a series begins. So a series that did not exist when the range began
    counts with its highest value or, if that is more (after a restart, which resets it), with its growth. This is only
    for workers that answered Prometheus when the range began or were started within it: what others had counted before
    the first scrape may be older than the range.

    Args:
        series: Selector of the counters.
        over: The time range as a PromQL duration.
        seconds: The same in seconds.
    """
    watched = f"up offset {over} == 1 or min_over_time(process_start_time_seconds[{over}]) > time() - {seconds}"
    begun = f"(max_over_time({series}[{over}]) unless {series} offset {over}) and on (job, instance) ({watched})"
    return f'max without (begun) (increase({series}[{over}]) or label_replace({begun}, "begun", "here", "", ""))'
