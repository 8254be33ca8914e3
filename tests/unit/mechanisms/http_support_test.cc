// Certificates and servers for the tests, as the HTTP layer's own tests make them.
#include "unit/http/support_test.cc"  // NOLINT(bugprone-suspicious-include)
