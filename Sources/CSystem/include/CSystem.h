// The system calls that glibc declares only under _GNU_SOURCE, which Swift's importer does not set.
#pragma once

/// Names the calling thread; more than 15 bytes are cut.
void system_set_thread_name(const char *name);

/// How many cores the affinity mask of this process holds, at least 1.
int system_available_cores(void);

/// Exchanges two paths in one step: renameat2 with RENAME_EXCHANGE. 0, or an errno value.
int system_exchange_paths(const char *a, const char *b);

/// Tells the processor that the caller is spinning. An instruction that Swift has no name for.
static inline void system_spin_hint(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}
