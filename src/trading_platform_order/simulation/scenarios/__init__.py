"""Named scenarios: failures that users of other systems reported, and that exchanges' rules allow.

A scenario is a short async function over a :class:`~.scene.Scene`: faults are armed, signals sent,
the market moved, the engine killed; then it says what must be true. After its last line the common
judges look at both exchanges' own state, as after every random run.
"""
