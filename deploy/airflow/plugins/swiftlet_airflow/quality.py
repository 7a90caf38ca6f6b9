"""Quality checks on a day's output before it is published."""


def problems(features, segments, min_users, max_rejected, min_share):
    """Checks the results of the two steps. Returns a list of messages, empty if all checks pass."""
    found = []
    read, rejected, users = (features.get(name) or 0 for name in ("recordsRead", "recordsRejected", "rowsWritten"))
    if users < min_users:
        found.append(f"features: {users} users, expected at least {min_users}")
    if rejected > max_rejected * read:
        found.append(f"features: {rejected} of {read} lines rejected, expected at most {max_rejected:.1%}")
    sizes = segments.get("sizes") or []
    if sum(sizes) != users:
        found.append(f"segments: sizes sum to {sum(sizes)}, expected {users}, the users with features")
    if sizes and min(sizes) < min_share * sum(sizes):
        found.append(f"segments: the smallest has {min(sizes)} users, expected at least {min_share:.1%} of {sum(sizes)}")
    return found


def step(result, kind):
    """Returns the results of a step from the XCom of a SwiftletJobOperator."""
    for one in (result or {}).get("steps", []):
        if one.get("type") == kind:
            return {**one, **(one.get("values") or {})}
    return {}


def check(features, segments, min_users=1, max_rejected=0.05, min_share=0.0):
    """Fails the task if a check fails."""
    # Imported here so that the checks above can be tested without Airflow.
    from airflow.sdk.exceptions import AirflowFailException

    found = problems(step(features, "features"), step(segments, "segment"), min_users, max_rejected, min_share)
    if found:
        raise AirflowFailException("; ".join(found))
    return "all checks passed"
