/* A request that has not begun, and a group in which none is active. As controller/ha: decide, waiting, settle. */

#define isHolder(m) (G.primary == m && P(m).there && P(m).uid == G.uid)
#define holder (isHolder(1) -> 1 : (isHolder(2) -> 2 : (isHolder(3) -> 3 : 0)))
/* Nobody has the role, but who had it last may not know. */
#define last_ (G.primary -> G.primary : G.former)
#define formerHolder ((!holder && last_ && P(last_).there && P(last_).uid == G.uid) -> last_ : 0)
#define labels ((P(1).there && P(1).label == PRIMARY) + (P(2).there && P(2).label == PRIMARY) + \
                (P(3).there && P(3).label == PRIMARY))

inline begin(c, i) {
  R.from = holder;
  R.to = CANDIDATE(i);
  if
  :: R.to == 0 ->   /* the best one: any of them may be it */
     if
     :: R.from != 1 && P(1).there -> R.to = 1
     :: R.from != 2 && P(2).there -> R.to = 2
     :: R.from != 3 && P(3).there -> R.to = 3
     :: else -> R.to = R.from
     fi
  :: else
  fi;
  R.epoch = G.epoch;
  if
  :: labels > 1 || (!FORCED(i) && !R.from) || (expected[i] && expected[i] != R.from) || R.to == R.from || !P(R.to).there ->
     next = REJECTED
  :: else ->
     if :: FORCED(i) && formerHolder && formerHolder != R.to -> R.from = formerHolder :: else fi;
     next = (R.from -> DEMOTING : PROMOTING)
  fi
}

#define ofHold(j) (HOLD && view[c].request[j].phase == FAILED && !view[c].request[j].noReturn && !G.held && \
  G.primary && view[c].request[j].epoch == G.epoch && view[c].request[j].from == G.primary)

/* The one that carries the label though nobody has been granted the role. */
inline bootstrapped(c) {
  for (k : 1 .. MEMBERS) {
    if :: P(k).there && P(k).label == PRIMARY -> grantee = k :: else fi
  }
  k = 0;
  best = highest + (P(grantee).epoch != highest || highest <= G.epoch)
}

/* A label that is taken for a role is read anew before that: the watch of pods may be late. */
#ifdef BUG_LABEL_UNSEEN
#define LABELS_SEEN(c) true
#else
#define LABELS_SEEN(c) (!stalePods(c))
#endif

#define follows(m) (P(m).label == STANDBY && P(m).epoch == G.epoch)

inline labelStandbys(c) {
  for (k : 1 .. MEMBERS) {
    if
    :: k == who || !P(k).there
    :: k != who && P(k).there && P(k).label == PRIMARY ->
       if :: who && !G.held -> want(SET_STANDBY, k, G.epoch) :: else fi
    :: k != who && P(k).there && P(k).label != PRIMARY && HOOKS && !follows(k) && who && P(who).label == PRIMARY ->
       if
       :: progress[c].answered & (1 << k) -> want(MARK_FOLLOWED, k, G.epoch)
       :: !(progress[c].answered & (1 << k)) && reachable(k, P(k).uid) -> want(FOLLOW, k, G.epoch)
       :: else
       fi
    :: k != who && P(k).there && P(k).label == NONE && !HOOKS -> want(SET_STANDBY, k, G.epoch)
    :: else
    fi
  }
  k = 0
}

inline labelHolder(c) {
  if
  :: P(who).label == PRIMARY && P(who).epoch == G.epoch
  :: else ->
     if
     :: HOOKS && progress[c].hook != DONE ->
        if :: reachable(who, P(who).uid) -> want(PROMOTE, who, G.epoch) :: else fi
     :: else -> want(SET_PRIMARY, who, G.epoch)
     fi
  fi
}

/* A pod has been told a higher epoch than the holder's grant has, and may refuse that one. */
#define outranked (!(P(who).label == PRIMARY && P(who).epoch == G.epoch) && highest > G.epoch)
/* The holder had its label at this epoch and has it no more, so it was told to give up the role. */
#ifdef BUG_ASKS_FOR_EVER
#define gaveUp false
#else
#define gaveUp (P(who).label == STANDBY && P(who).epoch == G.epoch)
#endif

inline settled(c) {
  if
  :: !G.primary && labels == 1 ->
     if
     :: LABELS_SEEN(c) -> bootstrapped(c)
     :: else -> learnPods(c); idle[c] = 0
     fi
  :: G.primary ->
     who = holder;
     if
     :: who && !G.held && (outranked || gaveUp) ->
        grantee = who; best = highest + 1
     :: else ->
        if :: who && !G.held && labels == (P(who).label == PRIMARY) -> labelHolder(c) :: else fi;
        labelStandbys(c)
     fi;
     who = 0
  :: else
  fi;
  if :: grantee -> grant(c, best) :: else -> start(c, -1) fi
}

inline settle(c) {
  who = (ofHold(0) -> 1 : G.shows);
#if REQUESTS > 1
  who = (ofHold(1) -> 2 : who);
#endif
  if
  :: who -> who = who - 1; storeGroup(c); recordOutcome(c, view[c].request[who]); who = 0
  :: else -> settled(c)
  fi;
  /* What was done must be able to happen again. */
  if :: !groupWrite[c].on && !effect[c].kind -> clearProgress(c) :: else fi;
  best = 0; grantee = 0; wanted = 0; wantedPod = 0; wantedEpoch = 0
}
