/* What happens by itself: time, clients, replication, faults, people, late answers, and the Lease's way. */

/* A member's data come from one that has everything; one without data gets all of them at once. */
#define copies(m, s) (pod[m].there && !accepting(m) && !member[m].cut && !member[m].dead && \
  pod[s].there && !member[s].cut && !member[s].dead && \
  member[s].position == acknowledged && member[m].position < acknowledged)
inline copy(m) {
  member[m].position = (member[m].position -> member[m].position + 1 : acknowledged);
  wake()
}

proctype Pod_(byte m) {
  do
  :: d_step { acknowledged <= WRITES && accepting(m) && member[m].position == acknowledged ->
       member[m].position++; acknowledged++; wake() }
  :: d_step { copies(m, 1) || copies(m, 2) || copies(m, 3) -> copy(m) }
  :: d_step { cuts < CUTS && reachable(m, pod[m].uid) ->
       cuts++; printf("%d is cut off\n", m); member[m].cut = 1; wake() }
  :: d_step { member[m].cut -> printf("%d is back\n", m); member[m].cut = 0; wake() }
  :: d_step { deaths < DEATHS && reachable(m, pod[m].uid) ->
       deaths++; printf("%d dies\n", m); member[m].dead = 1; wake() }
  :: d_step { remade < REMADE && pod[m].there -> remade++; printf("%d is deleted\n", m); vanish(m); wake() }
  :: d_step { !pod[m].there && pod[m].uid == 0 -> touchPod(m);
       printf("%d is made anew\n", m); pod[m].there = 1; pod[m].uid = 1; wake() }
  od
}

proctype Request_(byte i) {
  do
  :: d_step { !FAILOVER && made == i -> made++; request[i].phase = WAITING; touchRequest(i) }
  :: d_step { begun(request[i].phase) && !late[i] -> late[i] = 1; printf("request %d is late\n", i); wake() }
  :: d_step { request[i].phase == ROLLING_BACK && !rollbackLate[i] -> rollbackLate[i] = 1; wake() }
  :: d_step { CANCEL && begun(request[i].phase) && !cancelled[i] ->
       cancelled[i] = 1; printf("request %d is cancelled\n", i); wake() }
  od
}

/* It never leads again: what it knows does not matter. */
inline retire(c) {
#ifdef BUG_NO_LEASE_CHECK
  skip
#else
  clearRequest(view[c].request[0]); newest[c].request[0] = 0;
#if REQUESTS > 1
  clearRequest(view[c].request[1]); newest[c].request[1] = 0;
#endif
  clearGroup(view[c].group); newest[c].group = 0;
  for (k : 1 .. MEMBERS) {
    view[c].pod[k].there = 0; view[c].pod[k].uid = 0; view[c].pod[k].label = 0; view[c].pod[k].epoch = 0;
    newest[c].pod[k] = 0
  }
  k = 0
#endif
}

active proctype Network() {
  do
  :: d_step { stray.kind -> strayDone(); wake() }
  :: d_step { stray.kind -> clearEffect(stray) }
  :: d_step { requestWrite[1 - leader].number -> landRequest(1 - leader) }
  :: d_step { groupWrite[1 - leader].on -> landGroup(1 - leader) }
  /* Killed, frozen or cut off: what it has sent already may be done, its effects are forgotten. A frozen one wakes as
   * one that does not lead. */
  :: atomic { takeovers < TAKEOVERS -> takeovers++;
       leave(leader); clearProgress(leader);
       groupConfirmed[leader] = 0; requestConfirmed[leader] = 0;
       idle[leader] = 1; leader = 1 - leader; idle[leader] = 0;
       if :: takeovers == TAKEOVERS -> retire(1 - leader) :: else fi;
       printf("%d leads\n", leader) }
  od
}

/* Invariant 6: when nothing can happen any more, every request has ended, and somebody has the role and knows it; or
 * the group says that nobody has it, or waits for a person. */
#define restful(i) (request[i].phase == ABSENT || ended(request[i].phase))
#define failed(i) (request[i].phase == FAILED)
#define holds(m) (pod[m].there && pod[m].uid == group.uid)
#define fine(m) (pod[m].label == PRIMARY && pod[m].epoch == group.epoch && \
                 (!HOOKS || member[m].accepts || member[m].dead))

proctype Rest() {
  atomic { timeout ->
    assert(restful(0) && restful(REQUESTS - 1) && group.shows == 0);
    assert(group.primary || failed(0) || failed(REQUESTS - 1));
    assert(!group.primary || group.held || !holds(group.primary) || member[group.primary].dead || fine(group.primary)) }
}
