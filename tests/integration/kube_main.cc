#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

#include "http/transport.h"

int main(int argc, char** argv) {
  baton::http::initialise();
  testing::InitGoogleTest(&argc, argv);
  const char* kubeconfig = std::getenv("KUBECONFIG");
  if (kubeconfig == nullptr || *kubeconfig == '\0') {
    std::fprintf(stderr,
                 "integration_kube: KUBECONFIG: expected the kubeconfig of an API server to test against, found "
                 "nothing. CLUSTER_LOOPBACK=1 CLUSTER_CONTROLLERS=0 tests/cluster/cluster up 0 starts one.\n");
    return 1;
  }
  return RUN_ALL_TESTS();
}
