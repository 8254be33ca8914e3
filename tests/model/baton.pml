/* The protocol by which Baton hands a role over, for two controllers and three members. docs/model.md says what is in
 * it, what is not, and what is asserted. */
#include "state.pml"
#include "cluster.pml"
#include "nature.pml"
#include "effects.pml"
#include "request.pml"
#include "ending.pml"
#include "settle.pml"
#include "controller.pml"

init {
  atomic {
    group.epoch = 1; group.primary = 1; owner[1] = identity(1, 0);
    for (k : 1 .. MEMBERS) {
      pod[k].there = 1; pod[k].label = STANDBY; pod[k].epoch = 1;
      member[k].told = 1; member[k].position = 1
    }
    k = 0;
    pod[1].label = PRIMARY; member[1].accepts = 1; acknowledged = 1;
    learnRequests(0); learnGroup(0); learnPods(0);
    learnRequests(1); learnGroup(1); learnPods(1);
    idle[0] = 1; idle[1] = 1;
    run Controller(0); run Controller(1);
    run Pod_(1); run Pod_(2); run Pod_(3);
    run Rest();
    run Request_(0);
#if REQUESTS > 1
    run Request_(1);
#endif
  }
}
