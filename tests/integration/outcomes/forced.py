"""HCX asks for a Forced request: what it does not mind. After the other cases of these groups, as their primaries change."""
from outcomes.actions import switch
from outcomes.cases import add
from outcomes.refusals import FORCED, NEVER, REFUSED, REJECTED
from outcomes.rows import row

for group, _, title, *_ in REFUSED + REJECTED:
    if group in FORCED:
        add("hcx", row("hcx", 202), f"{title}: Forced goes on", switch, "hcx", group, settles=False)
add("hcx", row("hcx", 202), f"{NEVER}: Forced gives a member the role", switch, "hcx", "fresh-hcx")
