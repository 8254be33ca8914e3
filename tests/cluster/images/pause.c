// The process that holds a pod's namespaces: it does nothing until it is told to end.
#include <signal.h>
#include <unistd.h>

static void quit(int signal) {
  (void)signal;
  _exit(0);
}

int main(void) {
  signal(SIGTERM, quit);
  signal(SIGINT, quit);
  for (;;) pause();
}
