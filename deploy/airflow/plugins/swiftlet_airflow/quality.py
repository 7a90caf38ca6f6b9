"""What must hold of a day's output before anybody is shown it."""


def problems(features, segments, least_users, most_rejected, smallest_share):
    """In words, from the numbers that the two steps told; empty where all is well."""
    found = []
    read, rejected, users = (features.get(name) or 0 for name in ("recordsRead", "recordsRejected", "rowsWritten"))
    if users < least_users:
        found.append(f"features: {users} users, expected at least {least_users}")
    if rejected > most_rejected * read:
        found.append(f"features: {rejected} of {read} lines rejected, expected at most {most_rejected:.1%}")
    sizes = segments.get("sizes") or []
    if sum(sizes) != users:
        found.append(f"segments: sizes sum to {sum(sizes)}, expected the {users} users of the features")
    if sizes and min(sizes) < smallest_share * sum(sizes):
        found.append(f"segments: the smallest has {min(sizes)} users, expected at least {smallest_share:.1%} of {sum(sizes)}")
    return found


def step(result, kind):
    """The numbers of a step in what a SwiftletJobOperator pushed, wherever the driver puts them."""
    for one in (result or {}).get("steps", []):
        if one.get("type") == kind:
            return {**one, **(one.get("values") or {})}
    return {}


def check(features, segments, least_users=1, most_rejected=0.05, smallest_share=0.0):
    """Fails the task where something does not hold."""
    # Only here: the rules above can be tried without Airflow.
    from airflow.sdk.exceptions import AirflowFailException

    found = problems(step(features, "features"), step(segments, "segment"), least_users, most_rejected, smallest_share)
    if found:
        raise AirflowFailException("; ".join(found))
    return "all checks hold"
