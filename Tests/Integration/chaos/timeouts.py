"""Time limits of waits, extended by --patience on a busy machine. Heartbeat timeouts and pauses, which are part of a scenario, are never
extended."""

factor = 1.0


def extended(seconds):
    return seconds * factor
