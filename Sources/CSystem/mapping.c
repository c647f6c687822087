#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "CSystem.h"

// A node is never freed, as a signal handler may walk the list at any time; an ended one, whose
// range is empty, is used again.
struct system_mapping {
  _Atomic(uintptr_t) start, end;
  atomic_int is_cut;
  struct system_mapping *next;       // of all nodes; never changes
  struct system_mapping *next_free;  // under the lock
};

static _Atomic(struct system_mapping *) all_mappings;
static struct system_mapping *free_mappings;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t installed = PTHREAD_ONCE_INIT;
// The handler that was there first, and one that took this one's place later and then lost it again.
static struct sigaction first, later;
static atomic_int has_later;
static uintptr_t page_size;

static void on_bus_error(int number, siginfo_t *info, void *context) {
  uintptr_t address = (uintptr_t)info->si_addr;
  if (info->si_code == BUS_ADRERR) {
    for (struct system_mapping *m = atomic_load(&all_mappings); m != NULL; m = m->next) {
      if (address < atomic_load(&m->start) || address >= atomic_load(&m->end)) continue;
      int saved = errno;
      // The mark comes first: whoever reads zeros sees it.
      atomic_store(&m->is_cut, 1);
      void *page = mmap((void *)(address & ~(page_size - 1)), page_size, PROT_READ,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
      errno = saved;
      if (page != MAP_FAILED) return;
      break;
    }
  }
  // A later handler may hand on what is not for it to the one that it found, this one: it is asked
  // once.
  const struct sigaction *next = atomic_exchange(&has_later, 0) ? &later : &first;
  if (next->sa_flags & SA_SIGINFO) {
    next->sa_sigaction(number, info, context);
  } else if (next->sa_handler != SIG_DFL && next->sa_handler != SIG_IGN) {
    next->sa_handler(number);
  } else {
    // A fault comes again as soon as this returns, and then ends the process; a signal that was
    // sent does not.
    signal(number, SIG_DFL);
    if (info->si_code <= 0) raise(number);
  }
}

static void hold(void) { pthread_mutex_lock(&lock); }
static void let_go(void) { pthread_mutex_unlock(&lock); }

static void install_over(struct sigaction *before) {
  struct sigaction action = {.sa_sigaction = on_bus_error,
                             .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART};
  sigemptyset(&action.sa_mask);
  sigaction(SIGBUS, &action, before);
}

static void install(void) {
  page_size = (uintptr_t)sysconf(_SC_PAGESIZE);
  // A child of fork must not find the lock held by a thread that it does not have.
  pthread_atfork(hold, let_go, let_go);
  install_over(&first);
}

void system_keep_guard(void) {
  pthread_once(&installed, install);
  struct sigaction now;
  sigaction(SIGBUS, NULL, &now);
  if (now.sa_flags & SA_SIGINFO && now.sa_sigaction == on_bus_error) return;
  hold();
  // Another thread may have been faster, and a handler must not become its own next one.
  sigaction(SIGBUS, NULL, &now);
  if (!(now.sa_flags & SA_SIGINFO) || now.sa_sigaction != on_bus_error) {
    install_over(&later);
    atomic_store(&has_later, 1);
  }
  let_go();
}

struct system_mapping *system_guard_mapping(const void *start, size_t count) {
  system_keep_guard();
  hold();
  struct system_mapping *m = free_mappings;
  if (m != NULL) {
    free_mappings = m->next_free;
  } else if ((m = calloc(1, sizeof *m)) != NULL) {
    m->next = atomic_load(&all_mappings);
    atomic_store(&all_mappings, m);
  }
  let_go();
  if (m == NULL) return NULL;
  atomic_store(&m->is_cut, 0);
  atomic_store(&m->start, (uintptr_t)start);
  atomic_store(&m->end, (uintptr_t)start + count);
  return m;
}

int system_mapping_is_cut(const struct system_mapping *mapping) {
  return atomic_load_explicit(&mapping->is_cut, memory_order_acquire);
}

void system_end_mapping(struct system_mapping *mapping) {
  atomic_store(&mapping->end, 0);
  hold();
  mapping->next_free = free_mappings;
  free_mappings = mapping;
  let_go();
}
