/* What a relay costs that looks at nothing and is no Node: two pipes and a child, one read and one write for each chunk. */
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

static char buffer[65536];

static int pass(int from, int to) {
  ssize_t size = read(from, buffer, sizeof buffer);
  if (size <= 0) return 0;
  for (ssize_t at = 0; at < size;) {
    ssize_t written = write(to, buffer + at, size - at);
    if (written < 0) return 0;
    at += written;
  }
  return 1;
}

int main(int count, char **arguments) {
  int up[2], down[2];
  if (count < 2 || pipe(up) != 0 || pipe(down) != 0) return 2;
  if (fork() == 0) {
    dup2(up[0], 0);
    dup2(down[1], 1);
    close(up[0]), close(up[1]), close(down[0]), close(down[1]);
    execvp(arguments[1], arguments + 1);
    _exit(127);
  }
  close(up[0]), close(down[1]);
  struct pollfd polled[2] = {{0, POLLIN, 0}, {down[0], POLLIN, 0}};
  while (poll(polled, 2, -1) > 0) {
    if (polled[0].revents && !pass(0, up[1])) close(up[1]), polled[0].fd = -1;
    if (polled[1].revents && !pass(down[0], 1)) return 0;
  }
  return 1;
}
