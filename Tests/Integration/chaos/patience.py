"""How long the suite waits for what must happen. Waits end when it has happened; so their limits may be generous on a machine that is
shared with others. Silences and pauses, which are part of what a round plays, stay as they are."""

factor = 1.0


def patient(seconds):
    return seconds * factor
