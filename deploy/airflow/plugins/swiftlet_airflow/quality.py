"""Checks on a day's output before it is published."""


def problems(features, segments, least_users, most_rejected, smallest_share):
    """Returns the problems found in the numbers reported by the two steps, in words; empty if there are none."""
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
    """Returns the numbers of a step from the XCom of a SwiftletJobOperator."""
    for one in (result or {}).get("steps", []):
        if one.get("type") == kind:
            return {**one, **(one.get("values") or {})}
    return {}


def check(features, segments, least_users=1, most_rejected=0.05, smallest_share=0.0):
    """Fails the task if a check fails."""
    # Imported here, so that the checks above can be tested without Airflow.
    from airflow.sdk.exceptions import AirflowFailException

    found = problems(step(features, "features"), step(segments, "segment"), least_users, most_rejected, smallest_share)
    if found:
        raise AirflowFailException("; ".join(found))
    return "all checks passed"
