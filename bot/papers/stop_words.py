"""Stop words: they say nothing of what a paper is about, so that no search ranks by them.

A subscription and a phrase keep them: there each word was written on purpose.
"""

from __future__ import annotations

STOP_WORDS = frozenset(
    """
    a about above after again against all also although always am among an and another any anyone
    anything are around as at back be because been before being below between both but by can cannot
    could did do does doing done down during each either else ever every everything few for from further
    get gets give given had has have having he hence her here hers him his how however i if in instead
    into is it its itself just let like many may me might mine more most much must my near neither never
    no nor not nothing now of off often on once one only onto or other others otherwise our ours out
    over own per perhaps please quite rather really same several shall she should since so some
    something still such than that the their theirs them then there thereby therefore these they this
    those though through throughout thus to together too toward towards under until up upon us use used
    using very via was we well were what whatever when where whereas whether which while who whole whom
    whose why will with within without would yet you your
    """.split()  # noqa: SIM905 - one word a line would be two hundred lines
)
