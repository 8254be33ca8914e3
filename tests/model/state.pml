/* What is stored, what is known, what is under way. A run's #defines choose how much may happen (see configurations).
 *
 * A resourceVersion is one bit with each copy of an object: has nobody written the object since the copy was made? A
 * write of the object clears it in all copies and in all writes under way; a write whose bit is clear is refused. So
 * versions need no counters, and no version ever comes back. */

#ifndef REQUESTS
#define REQUESTS 1       /* SwitchoverRequests that somebody may make */
#endif
#ifndef TAKEOVERS
#define TAKEOVERS 0      /* times that the Lease changes hands: the holder is killed, frozen or cut off */
#endif
#ifndef FAILURES
#define FAILURES 0       /* calls that fail: not done, or done with the answer lost */
#endif
#ifndef STRAYS
#define STRAYS 0         /* calls that nobody waits for any more and that are done later all the same */
#endif
#ifndef CUTS
#define CUTS 0           /* members that are cut off, and go on for the clients near them */
#endif
#ifndef DEATHS
#define DEATHS 0         /* members that die */
#endif
#ifndef REMADE
#define REMADE 0         /* pods that are deleted and made anew under their name */
#endif
#ifndef CANCEL
#define CANCEL 0
#endif
#ifndef HOLD
#define HOLD 0           /* onFailure: Hold */
#endif
#ifndef HOOKS
#define HOOKS 1          /* 0: a group of labels alone */
#endif
#ifndef FENCE
#define FENCE 0          /* failover.fencing.steps: bit 1 FenceHook, bit 2 DeletePod */
#endif
#ifndef REQUIRED
#define REQUIRED 0       /* failover.fencing.required */
#endif
#ifndef MODES
#define MODES 0          /* bit i: request i is Forced, not Planned */
#endif
#define FORCED(i) (MODES & (1 << i))
#ifndef CANDIDATES
#define CANDIDATES 32    /* whom request 1, request 0 name: two digits; 0: nobody, any may be chosen */
#endif
#define CANDIDATE(i) (i -> CANDIDATES / 10 : CANDIDATES % 10)
#ifndef FAILOVER
#define FAILOVER 0       /* the controller makes the requests, when it believes that the primary has failed */
#endif
#ifndef WRITES
#define WRITES 0         /* writes that clients may have acknowledged */
#endif

#define MEMBERS 3
#define SIZE 4           /* members are 1..3, 0 is nobody */

/* A request's phase. Validating touches nothing and is left out; Cancelled is RolledBack or Rejected. */
#define ABSENT 0
#define WAITING 1
#define DEMOTING 2
#define CATCHING_UP 3
#define FENCING 4
#define PROMOTING 5
#define ROUTING 6
#define VERIFYING 7
#define ROLLING_BACK 8
#define SUCCEEDED 9
#define ROLLED_BACK 10
#define FAILED 11
#define REJECTED 12
#define begun(phase) (phase >= DEMOTING && phase <= ROLLING_BACK)
#define ended(phase) (phase >= SUCCEEDED)
#define pastReturn(phase) (phase >= PROMOTING && phase <= VERIFYING)

/* What the role label says. */
#define NONE 0
#define STANDBY 1
#define PRIMARY 2

/* Calls under way. */
#define DEMOTE 1
#define FENCE_HOOK 2
#define DELETE_POD 3
#define PROMOTE 4
#define FOLLOW 5
#define PROBE 6
#define SET_PRIMARY 7
#define SET_STANDBY 8
#define MARK_FOLLOWED 9
#define takesAway(kind) (kind >= DEMOTE && kind <= DELETE_POD)
#define isLabel(kind) (kind >= SET_PRIMARY)

typedef Request { byte phase; byte epoch; byte from; byte to; bool unsure; bool noReturn }
typedef Group { byte epoch; byte primary; bit uid; byte former; byte shows; bool held }
typedef Pod { bool there; bit uid; byte label; byte epoch }

/* Stored by the API server. */
Request request[REQUESTS];
Group group;
Pod pod[SIZE];

/* The programs in the pods. `told`: the highest epoch of a call that they obeyed. */
typedef Member { bool accepts; byte told; byte position; bool dead; bool cut }
Member member[SIZE];
byte acknowledged;       /* position of the last acknowledged write */

/* What a controller knows, and whether that is still the newest version. */
typedef View { Request request[REQUESTS]; Group group; Pod pod[SIZE] }
View view[2];
typedef Newest { bool request[REQUESTS]; bool group; bool pod[SIZE] }
Newest newest[2];

/* Effects of the present phase that have ended; forgotten with the phase, and with the term. */
typedef Progress { byte number; byte phase; byte hook; byte fence; byte target; byte reached; byte asked; byte answered }
Progress progress[2];
#define OPEN 0
#define DONE 1
#define FAILS 2

/* Under way: one status write of each kind and one effect for each controller, and one effect of nobody any more. */
typedef RequestWrite { byte number; bool fresh; Request is }
typedef GroupWrite { bool on; bool fresh; Group is }
typedef Effect { byte kind; byte pod; bit uid; byte epoch; bool fresh }
RequestWrite requestWrite[2];
GroupWrite groupWrite[2];
Effect effect[2];
Effect stray;

byte leader;             /* who holds the Lease */
bool idle[2];            /* nothing is new since its last turn, which had nothing to do */
bool groupConfirmed[2];
byte requestConfirmed[2];

byte expected[REQUESTS]; /* spec.expectedPrimary; 0: any */
bool late[REQUESTS], rollbackLate[REQUESTS], cancelled[REQUESTS];
byte takeovers, failures, strays, cuts, deaths, remade, made;

/* Scratch of one step. */
hidden byte k, best, who;
hidden byte yes, all;

/* What a turn decides: the phase that the request goes to, a grant of the role, or an effect; 0 is none of it. */
hidden byte next, grantee, wanted, wantedPod, wantedEpoch;
#define GIVE_UP 13       /* to RollingBack, or with nothing to roll back to, Failed */

inline copyRequest(to_, from_) {
  to_.phase = from_.phase; to_.epoch = from_.epoch; to_.from = from_.from; to_.to = from_.to;
  to_.unsure = from_.unsure; to_.noReturn = from_.noReturn
}
inline copyGroup(to_, from_) {
  to_.epoch = from_.epoch; to_.primary = from_.primary; to_.uid = from_.uid; to_.former = from_.former;
  to_.shows = from_.shows; to_.held = from_.held
}
inline copyPod(to_, from_) {
  to_.there = from_.there; to_.uid = from_.uid; to_.label = from_.label; to_.epoch = from_.epoch
}
inline clearRequest(r_) { r_.phase = 0; r_.epoch = 0; r_.from = 0; r_.to = 0; r_.unsure = 0; r_.noReturn = 0 }
inline clearGroup(g_) { g_.epoch = 0; g_.primary = 0; g_.uid = 0; g_.former = 0; g_.shows = 0; g_.held = 0 }
inline clearEffect(e_) { e_.kind = 0; e_.pod = 0; e_.uid = 0; e_.epoch = 0; e_.fresh = 0 }
inline clearProgress(c) {
  progress[c].number = 0; progress[c].phase = 0; progress[c].hook = 0; progress[c].fence = 0;
  progress[c].target = 0; progress[c].reached = 0; progress[c].asked = 0; progress[c].answered = 0
}
