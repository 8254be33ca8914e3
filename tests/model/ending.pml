/* What is stored: a request's next phase, and what it means for the group. As controller/ha: ending, summary. */

#define max2(a, b) (a > b -> a : b)
#define epochOf(m) (P(m).there -> P(m).epoch : 0)
#define highest max2(max2(G.epoch, epochOf(1)), max2(epochOf(2), epochOf(3)))
/* Has the old primary the role, or had it until this very request's grant landed without the request's own part? */
#define hadRole (P(R.from).there && (G.primary == R.from || (shown && G.epoch > R.epoch && G.primary == R.to)))

inline storeRequest(c, i) {
  copyRequest(NR, R);
  NR.phase = next;
  NR.unsure = R.unsure || (R.phase == DEMOTING && progress[c].hook == FAILS);
  requestWrite[c].number = i + 1;
  requestWrite[c].fresh = newest[c].request[i]
}
inline storeGroup(c) { copyGroup(NG, G); groupWrite[c].on = 1; groupWrite[c].fresh = newest[c].group }

/* Nobody's promotion comes to its label when it has failed: then nobody has the role. */
#define came(m) (P(m).there && P(m).label == PRIMARY && P(m).epoch == G.epoch)
inline recordOutcome(c, o) {
  NG.shows = 0;
  if
  :: o.phase == FAILED && G.primary && G.epoch == o.epoch && (G.primary == o.to || G.primary == o.from) &&
     !came(G.primary) ->
     NG.former = G.primary; NG.primary = 0
  :: else
  fi;
  if :: o.phase == FAILED && HOLD && !o.noReturn -> NG.held = 1 :: else fi
}

/* The grant: the epoch rises and names that very pod. */
inline grant(c, at_) {
  storeGroup(c);
  NG.epoch = max2(NG.epoch, at_); NG.primary = grantee; NG.uid = P(grantee).uid; NG.former = 0; NG.held = 0
}

#ifdef BUG_ENDED_TWICE
#define takenUp false
#else
/* A group that does not show it has taken up its end already, or never had its grant: there is none to take back. */
#define takenUp (NR.noReturn && !shown)
#endif

inline storeEnd(c, i) {
  if
  :: next == FAILED && shown
  :: next == REJECTED
  :: next == FAILED && !shown && takenUp -> storeGroup(c); NG.shows = 0
  :: else -> storeGroup(c); recordOutcome(c, NR)
  fi
}

inline storeGrant(c, i) {
  if
  :: next == PROMOTING ->
     NR.noReturn = 1;
     yes = shown && G.epoch > R.epoch && G.primary == R.to;
     all = yes || !R.from || !hadRole;
     grantee = R.to
  :: else ->
     yes = shown && G.epoch > R.epoch && G.primary == R.from;
     all = yes;
     grantee = R.from
  fi;
#ifdef BUG_TWO_GRANTS
  NR.epoch = (yes -> G.epoch : R.epoch + 1);
#else
  NR.epoch = (yes -> G.epoch : max2(highest, R.epoch) + 1);
#endif
  /* At the same time, or after the request: then the phase does it. */
  if :: !all -> grant(c, NR.epoch); NG.shows = i + 1 :: else fi;
#ifdef BUG_EFFECT_BEFORE_STORE
  wanted = 0; want(PROMOTE, grantee, NR.epoch); start(c, i);
#endif
  yes = 0; all = 0; grantee = 0
}

/* The candidate is gone; or there is nothing to roll back to, or it is not wanted. */
inline think(c, i) {
  if
  :: next == PROMOTING && !P(R.to).there ->
     next = (R.phase == WAITING -> REJECTED : (granted(R.from) -> GIVE_UP : FAILED))
  :: else
  fi;
  if
  :: next == GIVE_UP ->
     next = ((!granted(R.from) || !hadRole || (HOLD && !cancelled[i])) -> FAILED : ROLLING_BACK)
  :: else
  fi
}

inline carryOut(c, i) {
  think(c, i);
  if
  :: next ->
     storeRequest(c, i);
     if
     :: next == PROMOTING || next == ROLLING_BACK -> storeGrant(c, i)
     :: next == DEMOTING && HOOKS -> storeGroup(c); NG.shows = i + 1
     :: ended(next) -> storeEnd(c, i)
     :: else
     fi
  :: !next && grantee -> grant(c, R.epoch); NG.shows = i + 1
  :: else -> start(c, i)
  fi;
  next = 0; grantee = 0; wanted = 0; wantedPod = 0; wantedEpoch = 0
}
