/* A controller: its watches, its turn, the answers to what it sent. As controller/reconcile and
 * controller/mechanisms. */

#define begunIn(j) begun(view[c].request[j].phase)
#if REQUESTS > 1
#define active_ (begunIn(0) -> 1 : (begunIn(1) -> 2 : 0))
#define next_ (view[c].request[0].phase == WAITING -> 1 : (view[c].request[1].phase == WAITING -> 2 : 0))
#else
#define active_ (begunIn(0) -> 1 : 0)
#define next_ (view[c].request[0].phase == WAITING -> 1 : 0)
#endif

/* Two objects are written at the same time, each with its own version as precondition: one write may land though the
 * other was refused. So nothing is stored either before both have been confirmed. */
#if defined(BUG_STORE_UNCONFIRMED) || defined(BUG_NO_CONFIRM)
#define CONFIRMED_TO_STORE true
#else
#define CONFIRMED_TO_STORE confirmed(c, active_ - 1)
#endif

inline turn(c) {
  idle[c] = 1;
  if
  /* What the watch does not have is not taken for deleted. */
  :: G.shows && view[c].request[G.shows - 1].phase == ABSENT -> learnRequests(c); idle[c] = 0
  :: !(G.shows && view[c].request[G.shows - 1].phase == ABSENT) && !CONFIRMED_TO_STORE ->
     confirm(c, active_ - 1); idle[c] = 0
  :: else ->
     i = active_;
     best = (i -> view[c].request[i - 1].phase : 0);
     renew(c, i, best);
     best = 0;
     /* What the last one's end means for the group comes before the next one. */
     yes = !i && !(G.shows && view[c].request[G.shows - 1].phase != WAITING) && next_;
     if :: yes -> i = next_:: else fi;
     if
     :: i ->
        i = i - 1;
        if :: yes -> begin(c, i) :: else -> proceed(c, i) fi;
        yes = 0;
        carryOut(c, i)
     :: else -> settle(c)
     fi;
     i = 0
  fi
}

inline heard(c, ok) {
  if
  :: progress[c].phase == CATCHING_UP && progress[c].hook == OPEN ->
     progress[c].hook = (ok && !member[effect[c].pod].accepts -> DONE : FAILS);
     progress[c].target = member[effect[c].pod].position
  :: progress[c].phase == CATCHING_UP && progress[c].hook != OPEN ->
     progress[c].reached = ok && member[effect[c].pod].position >= progress[c].target
  :: progress[c].phase == ROLLING_BACK ->
     progress[c].reached = ok && member[effect[c].pod].accepts;
     if :: ok && !member[effect[c].pod].accepts -> progress[c].hook = OPEN :: else fi
  :: progress[c].phase == VERIFYING ->
     if
     :: ok && member[effect[c].pod].accepts == (effect[c].pod == view[c].request[progress[c].number - 1].to) ->
        progress[c].answered = progress[c].answered | (1 << effect[c].pod)
     :: else
     fi
  :: else
  fi
}

inline answer(c, ok) {
  if
  :: effect[c].kind == DEMOTE || effect[c].kind == PROMOTE -> progress[c].hook = (ok -> DONE : FAILS)
  :: effect[c].kind == FENCE_HOOK -> progress[c].fence = progress[c].fence | (ok -> 1 : 2)
  :: effect[c].kind == DELETE_POD -> progress[c].fence = progress[c].fence | (ok -> 1 : 4)
  :: effect[c].kind == FOLLOW ->
     if :: progress[c].number -> progress[c].asked = progress[c].asked | (1 << effect[c].pod) :: else fi;
     if :: ok -> progress[c].answered = progress[c].answered | (1 << effect[c].pod) :: else fi
  :: effect[c].kind == PROBE -> heard(c, ok)
  :: else
  fi;
  /* Nobody's request: what failed is tried again. */
  if :: !progress[c].number && progress[c].hook == FAILS -> progress[c].hook = OPEN :: else fi;
  clearEffect(effect[c]); idle[c] = 0
}

inline called(c) {
  if
  :: effect[c].kind == DELETE_POD ->
     yes = !pod[effect[c].pod].there || pod[effect[c].pod].uid != effect[c].uid || !member[effect[c].pod].cut;
     if
     :: pod[effect[c].pod].there && pod[effect[c].pod].uid == effect[c].uid && yes -> vanish(effect[c].pod)
     :: else
     fi
  :: effect[c].kind != DELETE_POD && hits(effect[c]) -> obey(effect[c].kind, effect[c].pod, effect[c].epoch)
  :: else
  fi
}

/* On condition that the pod is as it was known; when it is not, it is read, and written again if that is
 * still right. */
#define written(c) pod[effect[c].pod]
inline setLabel(c) {
  if
  :: !written(c).there || written(c).uid != effect[c].uid -> learnPod(c, effect[c].pod); answer(c, 0)
  :: else ->
     if
     :: stillCurrent(effect[c]) -> writeLabel(effect[c]); learnPod(c, effect[c].pod); answer(c, 1)
     :: else ->
        learnPod(c, effect[c].pod);
        if
        :: written(c).epoch > effect[c].epoch -> answer(c, 0)
        :: written(c).epoch <= effect[c].epoch -> effect[c].fresh = 1
        fi
     fi
  fi
}

#ifdef BUG_NO_LEASE_CHECK
#define mayAct(c) (leader == c || takeovers)
#else
#define mayAct(c) (leader == c)
#endif
#define watches(c) (leader == c || takeovers < TAKEOVERS)

proctype Controller(byte c) {
  short i;
  do
  /* Three watches, each as late as it likes. */
  :: d_step { watches(c) && staleRequests(c) -> learnRequests(c); wake() }
  :: d_step { watches(c) && !newest[c].group -> learnGroup(c); wake() }
  :: d_step { watches(c) && stalePods(c) -> learnPods(c); wake() }
  :: atomic { mayAct(c) && !idle[c] && !requestWrite[c].number && !groupWrite[c].on -> turn(c) }
  :: d_step { mayAct(c) && requestWrite[c].number ->
       if :: requestWrite[c].fresh -> requestConfirmed[c] = requestWrite[c].number :: else fi;
       landRequest(c); learnRequests(c); idle[c] = 0 }
  :: d_step { mayAct(c) && groupWrite[c].on ->
       if :: groupWrite[c].fresh -> groupConfirmed[c] = 1 :: else fi;
       landGroup(c); learnGroup(c); idle[c] = 0 }
  /* One of two joint writes is lost. */
  :: d_step { mayAct(c) && requestWrite[c].number && failures < FAILURES -> failures++;
       requestWrite[c].number = 0; requestWrite[c].fresh = 0; clearRequest(NR); learnRequests(c); idle[c] = 0 }
  :: d_step { mayAct(c) && groupWrite[c].on && failures < FAILURES -> failures++;
       groupWrite[c].on = 0; groupWrite[c].fresh = 0; clearGroup(NG); learnGroup(c); idle[c] = 0 }
  :: d_step { mayAct(c) && isLabel(effect[c].kind) -> setLabel(c) }
  :: d_step { mayAct(c) && effect[c].kind && !isLabel(effect[c].kind) -> called(c); wake(); answer(c, yes); yes = 0 }
  /* Not done; or done, and nobody hears of it. */
  :: d_step { mayAct(c) && effect[c].kind && !isLabel(effect[c].kind) && failures < FAILURES -> failures++;
       answer(c, 0) }
  :: d_step { mayAct(c) && effect[c].kind && !isLabel(effect[c].kind) && failures < FAILURES -> failures++;
       called(c); wake(); yes = 0; answer(c, 0) }
  /* Said to have failed, and done later. */
  :: d_step { mayAct(c) && effect[c].kind && effect[c].kind < PROBE && effect[c].kind != DELETE_POD &&
       !stray.kind && strays < STRAYS -> strays++;
       stray.kind = effect[c].kind; stray.pod = effect[c].pod; stray.uid = effect[c].uid; stray.epoch = effect[c].epoch;
       answer(c, 0) }
  /* The detector, right or wrong. */
  :: d_step { FAILOVER && mayAct(c) && made < REQUESTS && !active_ && !next_ && !G.shows && G.primary ->
       expected[made] = G.primary; request[made].phase = WAITING; touchRequest(made); made++ }
  od
}
