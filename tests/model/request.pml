/* A request that has begun: what controller c decides from what it knows, phase by phase. As controller/ha: proceed,
 * handover, takeover, rollback. */

#define granted(m) (P(m).there && !(G.primary == m && G.uid != P(m).uid))
#define shown (G.shows == i + 1)

/* Sets `all`: nobody but that one has the primary label; the first that has it is about to lose it. */
inline othersAreStandby(c, i, except) {
  all = 1;
#ifndef BUG_OLD_LABEL_STAYS
  for (k : 1 .. MEMBERS) {
    if
    :: k != except && P(k).there && P(k).label == PRIMARY && all -> all = 0; want(SET_STANDBY, k, R.epoch)
    :: else
    fi
  }
  k = 0
#endif
}

inline afterDemoting(c, i) {
  if
  :: !FORCED(i) || !granted(R.from) || (HOOKS -> !(R.unsure || progress[c].hook == FAILS) : !FENCE && !REQUIRED) ->
     if
     :: HOOKS && granted(R.from) -> next = CATCHING_UP
     :: !HOOKS || !granted(R.from) || FORCED(i) -> next = PROMOTING
     fi
  :: else ->
     if
     :: !FENCE && !REQUIRED -> next = PROMOTING
     :: else -> next = FENCING
     fi
  fi
}

/* A write of the primary label that nobody waits for any more may still be under way, on condition that the pod has not
 * been written since. So a standby label is written once more, with the epoch that ends. */
#ifdef BUG_UNWRITTEN
#define unwritten false
#else
#define unwritten (P(R.from).label != PRIMARY && !(P(R.from).label == STANDBY && P(R.from).epoch == R.epoch))
#endif

inline demoting(c, i) {
  if
  :: !granted(R.from) ->
     if :: !FORCED(i) && HOOKS -> next = FAILED :: else -> afterDemoting(c, i) fi
#ifdef BUG_PROMOTE_BEFORE_DEMOTE
  :: else -> next = PROMOTING
#else
  :: granted(R.from) && HOOKS && progress[c].hook == OPEN -> want(DEMOTE, R.from, R.epoch)
  :: granted(R.from) && HOOKS && progress[c].hook == FAILS && !FORCED(i) -> next = GIVE_UP
  :: else ->
     if
#ifndef BUG_OLD_LABEL_STAYS
     :: P(R.from).label == PRIMARY -> want(SET_STANDBY, R.from, R.epoch)
     :: unwritten -> want(MARK_FOLLOWED, R.from, R.epoch)
#endif
     :: else ->
        othersAreStandby(c, i, 0);
        if :: all -> afterDemoting(c, i) :: else fi;
        all = 0
     fi
#endif
  fi
}

inline catchingUp(c, i) {
  if
  :: !P(R.to).there -> next = GIVE_UP
#ifdef BUG_NO_POSITION_WAIT
  :: else -> next = PROMOTING
#else
  :: P(R.to).there && progress[c].hook == OPEN && !granted(R.from) ->
     if :: FORCED(i) -> next = PROMOTING :: else -> next = FAILED fi
  :: P(R.to).there && progress[c].hook == OPEN && granted(R.from) -> want(PROBE, R.from, R.epoch)
  :: P(R.to).there && progress[c].hook == FAILS ->
     if :: FORCED(i) -> next = PROMOTING :: else -> next = GIVE_UP fi
  :: P(R.to).there && progress[c].hook == DONE && progress[c].reached -> next = PROMOTING
  :: P(R.to).there && progress[c].hook == DONE && !progress[c].reached ->
     /* It is asked again and again; only the answer that counts is a step here. */
     if
     :: reachable(R.to, P(R.to).uid) && member[R.to].position >= progress[c].target -> want(PROBE, R.to, R.epoch)
     :: else -> if :: FORCED(i) -> next = PROMOTING :: else fi
     fi
#endif
  fi
}

#define PROVEN 1
inline fencing(c, i) {
  if
  :: !granted(R.from) || (progress[c].fence & PROVEN) -> next = PROMOTING
  :: else ->
     if
     :: (FENCE & 1) && !(progress[c].fence & 2) -> want(FENCE_HOOK, R.from, R.epoch)
     :: !((FENCE & 1) && !(progress[c].fence & 2)) && (FENCE & 2) && !(progress[c].fence & 4) ->
        want(DELETE_POD, R.from, R.epoch)
     :: else ->
#ifdef BUG_UNPROVEN_FENCING
        next = PROMOTING
#else
        if :: REQUIRED -> next = GIVE_UP :: else -> next = PROMOTING fi
#endif
     fi
  fi
}

#define shownPrimary(m) (P(m).label == PRIMARY && P(m).epoch == R.epoch)

inline promoting(c, i) {
  if
  :: G.epoch < R.epoch || G.primary != R.to ->
     if
     :: !P(R.to).there -> next = FAILED
     :: else -> grantee = R.to
     fi
  :: else ->
     if
     :: !granted(R.to) -> next = FAILED
     :: else ->
        othersAreStandby(c, i, R.to);
        if
        :: !all
        :: all && HOOKS && progress[c].hook == OPEN -> want(PROMOTE, R.to, R.epoch)
        :: all && HOOKS && progress[c].hook == FAILS -> next = FAILED
        :: all && !(HOOKS && progress[c].hook != DONE) ->
#ifdef BUG_SUCCEED_EARLY
           next = SUCCEEDED
#else
           if
           :: !shownPrimary(R.to) -> want(SET_PRIMARY, R.to, R.epoch)
           :: shownPrimary(R.to) && HOOKS -> next = ROUTING
           :: shownPrimary(R.to) && !HOOKS -> next = SUCCEEDED
           fi
#endif
        fi;
        all = 0
     fi
  fi
}

inline routing(c, i) {
  all = 1;
  for (k : 1 .. MEMBERS) {
    if
    :: k != R.to && P(k).there && all && !(progress[c].asked & (1 << k)) -> all = 0; want(FOLLOW, k, R.epoch)
    :: k != R.to && P(k).there && all && (progress[c].answered & (1 << k)) && P(k).epoch != R.epoch ->
       all = 0; want(MARK_FOLLOWED, k, R.epoch)
    :: else
    fi
  }
  k = 0;
  if
  :: !granted(R.to) -> next = FAILED
  :: granted(R.to) && all -> next = VERIFYING
  :: else
  fi;
  all = 0
}

/* A round of probes; only answers that count are a step. Who can't be asked is not asked, but the new primary. */
inline probed(c, i) {
  all = 1;
  for (k : 1 .. MEMBERS) {
    if
    :: P(k).there && all && !(progress[c].answered & (1 << k)) && (k == R.to || reachable(k, P(k).uid)) ->
       all = 0;
       if
       :: reachable(k, P(k).uid) && member[k].accepts == (k == R.to) -> want(PROBE, k, R.epoch)
       :: else
       fi
    :: else
    fi
  }
  k = 0
}

inline verifying(c, i) {
  if
  :: !granted(R.to) -> next = FAILED
  :: else ->
     othersAreStandby(c, i, R.to);
     if
     :: all && !shownPrimary(R.to) -> want(SET_PRIMARY, R.to, R.epoch)
     :: all && shownPrimary(R.to) ->
        probed(c, i);
        if :: all -> next = SUCCEEDED :: else fi
     :: else
     fi;
     all = 0
  fi
}

inline rollingBack(c, i) {
  if
  :: !granted(R.from) -> next = FAILED
  :: granted(R.from) && (G.epoch < R.epoch || G.primary != R.from) ->
     grantee = R.from
  :: granted(R.from) && !(G.epoch < R.epoch || G.primary != R.from) && rollbackLate[i] -> next = FAILED
  :: else ->
     othersAreStandby(c, i, R.from);
     if
     :: !all
     :: all && HOOKS && progress[c].hook == OPEN -> want(PROMOTE, R.from, R.epoch)
     :: all && HOOKS && progress[c].hook == FAILS -> next = FAILED
     :: else ->
        if
        :: !shownPrimary(R.from) -> want(SET_PRIMARY, R.from, R.epoch)
        :: shownPrimary(R.from) && (!HOOKS || progress[c].reached) -> next = ROLLED_BACK
        :: shownPrimary(R.from) && HOOKS && !progress[c].reached && reachable(R.from, P(R.from).uid) ->
           want(PROBE, R.from, R.epoch)
        :: else
        fi
     fi;
     all = 0
  fi
}

#define overtaken ((pastReturn(R.phase) || R.phase == ROLLING_BACK) ->                                              \
  (G.epoch > R.epoch || (G.epoch == R.epoch && G.primary && G.primary != (R.phase == ROLLING_BACK -> R.from : R.to))) : \
  (G.epoch > R.epoch && !(shown && (G.primary == R.to || G.primary == R.from))))

#ifdef BUG_NO_WAIT_FOR_DEMOTE
#define takingAway false
#else
#define takingAway takesAway(effect[c].kind)
#endif

#ifdef BUG_WAITS_FOR_EVER
#define tooLate(i) false
#else
#define tooLate(i) late[i]
#endif

inline proceed(c, i) {
  if
  :: overtaken -> next = FAILED
  :: else ->
     if
     :: R.phase != ROLLING_BACK && !pastReturn(R.phase) && (cancelled[i] || tooLate(i)) ->
        if :: takingAway :: else -> next = GIVE_UP fi
     :: else ->
        if
        :: R.phase == DEMOTING -> demoting(c, i)
        :: R.phase == CATCHING_UP -> catchingUp(c, i)
        :: R.phase == FENCING -> fencing(c, i)
        :: R.phase == PROMOTING -> promoting(c, i)
        :: R.phase == ROUTING -> routing(c, i)
        :: R.phase == VERIFYING -> verifying(c, i)
        :: R.phase == ROLLING_BACK -> rollingBack(c, i)
        fi;
        /* Too late, unless this was a step forward. */
        if :: tooLate(i) && pastReturn(R.phase) && !next -> next = FAILED; wanted = 0; grantee = 0 :: else fi
     fi
  fi
}
