"""What was counted in a time, first counts included."""


def counted(series: str, over: str = "$__range", seconds: str = "$__range_s") -> str:
    """PromQL of how much each counter grew in a time, to be summed.

    `increase()` does not see the value with which a series begins. So a series that was not there when the time began
    counts with its highest value, or with its growth where that is more: a restart let it begin again. What a worker
    had counted before Prometheus looked is not of this time.

    Args:
        series: Their selector.
        over: The time, as Prometheus writes it.
        seconds: The same as a number.
    """
    watched = f"up offset {over} == 1 or min_over_time(process_start_time_seconds[{over}]) > time() - {seconds}"
    begun = f"(max_over_time({series}[{over}]) unless {series} offset {over}) and on (job, instance) ({watched})"
    return f'max without (begun) (increase({series}[{over}]) or label_replace({begun}, "begun", "here", "", ""))'
