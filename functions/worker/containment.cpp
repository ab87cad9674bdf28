#include "functions/worker/containment.hpp"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "functions/worker_protocol.hpp"

namespace headrace::worker {

namespace {

constexpr rlim_t kOpenFilesMax = 1024;  // as in AWS Lambda
constexpr std::size_t kWatcherStackBytes = 64U << 10U;

void limit(int resource, rlim_t value) {
  rlimit current{};
  getrlimit(static_cast<__rlimit_resource>(resource), &current);
  if (current.rlim_max != RLIM_INFINITY && value > current.rlim_max) value = current.rlim_max;
  const rlimit wanted{value, value};
  setrlimit(static_cast<__rlimit_resource>(resource), &wanted);
}

void* watch_server(void* /*unused*/) {
  pollfd server{functions::kWorkerSocket, POLLRDHUP, 0};
  while (poll(&server, 1, -1) < 0) {
  }
  // The worker leads a group of its own, so this ends what a handler forked, too.
  if (getpgrp() == getpid()) kill(0, SIGKILL);
  _exit(1);
}

}  // namespace

void apply_limits(std::uint64_t memory_bytes) {
  limit(RLIMIT_DATA, memory_bytes);
  limit(RLIMIT_NOFILE, kOpenFilesMax);
  limit(RLIMIT_CORE, 0);
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

void die_with_parent() { prctl(PR_SET_PDEATHSIG, SIGKILL); }

void die_with_server() {
  // Covers a handler that closes the socket; the watcher covers what this signal cannot: a server
  // that was gone before, and one that closes the socket but lives.
  die_with_parent();

  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kWatcherStackBytes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);  // a handler's signals are not for the watcher
  pthread_t thread;
  if (pthread_create(&thread, &attributes, watch_server, nullptr) != 0) _exit(1);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  pthread_attr_destroy(&attributes);
}

void let_group_die_with_server() {
  die_with_parent();  // stays in force over exec
  const int socket = functions::kWorkerSocket;
  fcntl(socket, F_SETOWN, -getpgrp());
  fcntl(socket, F_SETSIG, SIGKILL);
  fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) | O_ASYNC);
  // The server may have gone before that.
  pollfd server{socket, POLLRDHUP, 0};
  if (poll(&server, 1, 0) > 0) _exit(1);
}

}  // namespace headrace::worker
