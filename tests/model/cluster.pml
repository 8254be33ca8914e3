/* The API server, the programs in the pods, and what is asserted about both whenever one of them changes. */

/* Must never two members accept writes? Not when a Forced request may go on without proof. */
#ifndef EXCLUSIVE
#define EXCLUSIVE 1
#endif

#define EPOCHS 12
byte owner[EPOCHS];      /* to which pod each epoch was granted: 1 + pod + 4 * uid */
#define identity(m, u) (1 + m + 4 * u)

#define labelled(m) (pod[m].there && pod[m].label == PRIMARY)
#define accepting(m) (pod[m].there && member[m].accepts && !member[m].dead)
#define reachable(m, u) (pod[m].there && pod[m].uid == u && !member[m].dead && !member[m].cut)

/* Something is new for who leads. */
#ifdef BUG_NO_LEASE_CHECK
#define wake() idle[0] = 0; idle[1] = 0
#else
#define wake() idle[leader] = 0
#endif

/* ---- Writes of the API server: one newer version, and every copy is old. ---- */

inline touchPod(m) {
  newest[0].pod[m] = 0; newest[1].pod[m] = 0;
  if :: isLabel(effect[0].kind) && effect[0].pod == m -> effect[0].fresh = 0 :: else fi;
  if :: isLabel(effect[1].kind) && effect[1].pod == m -> effect[1].fresh = 0 :: else fi;
  if :: isLabel(stray.kind) && stray.pod == m -> stray.fresh = 0 :: else fi
}

inline touchRequest(i) {
  newest[0].request[i] = 0; newest[1].request[i] = 0;
  if :: requestWrite[0].number == i + 1 -> requestWrite[0].fresh = 0 :: else fi;
  if :: requestWrite[1].number == i + 1 -> requestWrite[1].fresh = 0 :: else fi
}

inline touchGroup() {
  newest[0].group = 0; newest[1].group = 0; groupWrite[0].fresh = 0; groupWrite[1].fresh = 0
}

/* Invariant 4: a Succeeded is true. What died since has not been told yet, and is no lie. */
#define lost(i) (!pod[request[i].to].there || pod[request[i].to].uid != group.uid || member[request[i].to].dead)
inline checkSucceeded(i) {
  assert(group.epoch == request[i].epoch && group.primary == request[i].to);
  assert(lost(i) || (pod[request[i].to].label == PRIMARY && pod[request[i].to].epoch == request[i].epoch));
  assert(lost(i) || !HOOKS ||
         (member[request[i].to].accepts && member[request[i].to].told == request[i].epoch))
}

#ifdef BUG_STATUS_WITHOUT_VERSION
#define current(write) true
#else
#define current(write) write.fresh
#endif

inline landRequest(c) {
  who = requestWrite[c].number - 1;
  if
  :: current(requestWrite[c]) ->
     copyRequest(request[who], requestWrite[c].is);
     touchRequest(who);
     printf("%d: request %d is %d, epoch %d, %d -> %d\n", c, who, request[who].phase, request[who].epoch,
            request[who].from, request[who].to);
     if :: ended(request[who].phase) -> late[who] = 0; rollbackLate[who] = 0; cancelled[who] = 0 :: else fi;
     if :: request[who].phase == SUCCEEDED -> checkSucceeded(who) :: else fi;
#ifdef REACH
     assert(request[who].phase != REACH);
#endif
  :: else
  fi;
  who = 0; requestWrite[c].number = 0; requestWrite[c].fresh = 0; clearRequest(requestWrite[c].is)
}

/* Invariant 5: the epoch never falls, and each is granted to one pod. */
inline landGroup(c) {
  if
  :: current(groupWrite[c]) ->
     assert(groupWrite[c].is.epoch >= group.epoch);
     copyGroup(group, groupWrite[c].is);
     touchGroup();
     printf("%d: group epoch %d primary %d shows %d former %d held %d\n", c, group.epoch, group.primary, group.shows,
            group.former, group.held);
     if
     :: group.primary ->
        assert(owner[group.epoch] == 0 || owner[group.epoch] == identity(group.primary, group.uid));
        owner[group.epoch] = identity(group.primary, group.uid)
     :: else
     fi
  :: else
  fi;
  groupWrite[c].on = 0; groupWrite[c].fresh = 0; clearGroup(groupWrite[c].is)
}

/* Invariant 1: never two pods with the primary label. */
inline writeLabel(e) {
  touchPod(e.pod);
  pod[e.pod].label = (e.kind == SET_PRIMARY -> PRIMARY : STANDBY);
  if :: e.kind != SET_STANDBY -> pod[e.pod].epoch = e.epoch :: else fi;
  printf("label of %d is %d, epoch %d\n", e.pod, pod[e.pod].label, pod[e.pod].epoch);
  assert(labelled(1) + labelled(2) + labelled(3) <= 1);
  if :: e.kind == SET_PRIMARY -> assert(owner[e.epoch] == identity(e.pod, e.uid)) :: else fi
}

/* ---- The programs in the pods: what a hook does there. Sets `yes` when it succeeded. ---- */

#ifdef BUG_NO_EPOCH_CHECK
#define refused(m, at_) false
#else
#define refused(m, at_) (at_ < member[m].told)
#endif
#ifdef BUG_SAME_EPOCH
#define taken(m, at_) false
#else
/* It was told to give up the role that this very grant gave to it. */
#define taken(m, at_) (at_ == member[m].told && !member[m].accepts)
#endif

inline promoted(m, at_) {
  yes = !refused(m, at_) && !taken(m, at_) && member[m].position > 0;
  if
  :: yes && !member[m].accepts ->
     member[m].accepts = 1;
     /* Invariant 5 again: nobody is told to promote but who was granted that epoch. */
     assert(owner[at_] == identity(m, pod[m].uid));
     /* Invariant 2: never two that accept writes. */
     assert(!EXCLUSIVE || accepting(1) + accepting(2) + accepting(3) == 1);
     /* Invariant 3: nothing that was acknowledged is missing in the new primary. */
     assert(!WRITES || member[m].position >= acknowledged)
  :: else
  fi;
  if :: yes -> member[m].told = at_ :: else fi
}

inline obey(kind_, m, at_) {
  if
  :: kind_ == PROMOTE -> promoted(m, at_)
  :: kind_ == DEMOTE || kind_ == FENCE_HOOK || kind_ == FOLLOW ->
     yes = !refused(m, at_);
     if :: yes -> member[m].told = at_; member[m].accepts = 0 :: else fi
  :: else -> yes = 1
  fi;
  printf("call %d to %d at epoch %d: %d\n", kind_, m, at_, yes)
}

inline vanish(m) {
  touchPod(m);
  pod[m].there = 0; pod[m].label = 0; pod[m].epoch = 0;
  member[m].accepts = 0; member[m].told = 0; member[m].position = 0; member[m].dead = 0; member[m].cut = 0
}

/* ---- A call that nobody waits for any more, and that is done at last. ---- */

#ifdef BUG_LABEL_WITHOUT_VERSION
#define stillCurrent(e) (pod[e.pod].there && pod[e.pod].uid == e.uid)
#else
#define stillCurrent(e) e.fresh
#endif
#ifdef BUG_BY_NAME
#define hits(e) reachable(e.pod, pod[e.pod].uid)
#else
#define hits(e) reachable(e.pod, e.uid)
#endif

inline strayDone() {
  printf("late: %d of %d\n", stray.kind, stray.pod);
  if
  :: isLabel(stray.kind) ->
     if :: stillCurrent(stray) -> writeLabel(stray) :: else fi
  :: else ->
     if :: hits(stray) -> obey(stray.kind, stray.pod, stray.epoch) :: else fi
  fi;
  yes = 0; clearEffect(stray)
}

/* The effect of controller c goes on without anybody who waits for it; or it is never done. */
inline leave(c) {
  if
  :: effect[c].kind && effect[c].kind != PROBE && effect[c].kind != DELETE_POD && !stray.kind && strays < STRAYS ->
     strays++;
     stray.kind = effect[c].kind; stray.pod = effect[c].pod; stray.uid = effect[c].uid;
     stray.epoch = effect[c].epoch; stray.fresh = effect[c].fresh
  :: true
  fi;
  clearEffect(effect[c])
}
