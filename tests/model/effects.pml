/* What a controller knows, how an effect of it begins, and what becomes of those it does not wait for any more. */

/* As controller c knows them; and what it is about to store. */
#define R view[c].request[i]
#define G view[c].group
#define P(m) view[c].pod[m]
#define NR requestWrite[c].is
#define NG groupWrite[c].is

inline learnRequests(c) {
  copyRequest(view[c].request[0], request[0]); newest[c].request[0] = 1;
#if REQUESTS > 1
  copyRequest(view[c].request[1], request[1]); newest[c].request[1] = 1
#endif
}
inline learnGroup(c) { copyGroup(view[c].group, group); newest[c].group = 1 }
inline learnPod(c, m) { copyPod(view[c].pod[m], pod[m]); newest[c].pod[m] = 1 }
inline learnPods(c) { learnPod(c, 1); learnPod(c, 2); learnPod(c, 3) }
#if REQUESTS > 1
#define staleRequests(c) (!newest[c].request[0] || !newest[c].request[1])
#else
#define staleRequests(c) (!newest[c].request[0])
#endif
#define stalePods(c) (!newest[c].pod[1] || !newest[c].pod[2] || !newest[c].pod[3])

/* Before the first effect of a term the API server is asked whether group and request are as they are known. */
#ifdef BUG_NO_CONFIRM
#define confirmed(c, i) true
#else
#define confirmed(c, i) (groupConfirmed[c] && (i < 0 || requestConfirmed[c] == i + 1))
#endif
inline confirm(c, i) {
  if :: newest[c].group -> groupConfirmed[c] = 1 :: else fi;
#if REQUESTS > 1
  if :: i == 0 && newest[c].request[0] -> requestConfirmed[c] = 1 :: else fi;
  if :: i == 1 && newest[c].request[1] -> requestConfirmed[c] = 2 :: else fi;
#else
  if :: i == 0 && newest[c].request[0] -> requestConfirmed[c] = 1 :: else fi;
#endif
  learnRequests(c); learnGroup(c)
}

/* One effect at a time; it is sent, and done whenever it is done. */
inline start(c, i) {
  if
  :: effect[c].kind || !wanted
  :: else ->
     if
     :: confirmed(c, i) ->
        effect[c].kind = wanted; effect[c].pod = wantedPod; effect[c].uid = P(wantedPod).uid;
        effect[c].epoch = wantedEpoch;
        effect[c].fresh = isLabel(wanted) && newest[c].pod[wantedPod]
     :: else -> confirm(c, i); idle[c] = 0
     fi
  fi
}

/* The first that is wanted is begun first. */
inline want(kind_, m, at_) {
  if :: !wanted -> wanted = kind_; wantedPod = m; wantedEpoch = at_ :: else fi
}

/* Effects belong to one request's one phase; others are aborted. */
inline renew(c, of_, phase_) {
  if
  :: progress[c].number != of_ || progress[c].phase != phase_ ->
     leave(c); clearProgress(c); progress[c].number = of_; progress[c].phase = phase_
  :: else
  fi
}
