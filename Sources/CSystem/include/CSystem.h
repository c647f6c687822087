// What Swift cannot say itself: system calls that glibc declares only under _GNU_SOURCE, a signal
// handler, and the processor's instructions for CRC-32C and for stores past the caches, which have no
// Swift spelling.
#pragma once

#include <stddef.h>
#include <stdint.h>

/// Names the calling thread; more than 15 bytes are cut.
void system_set_thread_name(const char *name);

/// How many cores the affinity mask of this process holds, at least 1.
int system_available_cores(void);

/// Exchanges two paths in one step: renameat2 with RENAME_EXCHANGE. 0, or an errno value.
int system_exchange_paths(const char *a, const char *b);

/// A new file in a folder that has no name and goes with its descriptor: O_TMPFILE, or a named file
/// that is unlinked at once where the file system has none. The descriptor, or minus an errno value.
int system_open_unnamed_file(const char *folder);

/// Begins to write a file's pages to the disk, and does not wait: sync_file_range.
void system_start_writeback(int descriptor);

/// A file mapped into memory that is guarded against truncation. In C, as a signal handler must not
/// run Swift.
typedef struct system_mapping system_mapping;

/// Guards a mapping: where its file has become shorter, or its disk fails, reads give zeros and the
/// mapping is marked, instead of SIGBUS ending the process. The handler is installed with the first
/// mapping and hands all other faults to the handler before it. NULL where memory is short.
system_mapping *system_guard_mapping(const void *start, size_t count);

/// Installs the handler again where another has taken its place since, as those of Python's
/// faulthandler and of PyTorch's workers do; that one is then handed the next fault that is not of a
/// guarded mapping. Costs one system call.
void system_keep_guard(void);

/// Whether a read of the mapping found no byte in the file.
int system_mapping_is_cut(const system_mapping *mapping);

/// Ends the guard; to be called before munmap.
void system_end_mapping(system_mapping *mapping);

/// CRC-32C of 8 more bytes (SSE4.2), without the initial and final inversion.
static inline uint64_t system_crc32c_8(uint64_t crc, uint64_t bytes) {
  return __builtin_ia32_crc32di(crc, bytes);
}

/// CRC-32C of one more byte.
static inline uint32_t system_crc32c_1(uint32_t crc, uint8_t byte) {
  return __builtin_ia32_crc32qi(crc, byte);
}

/// Tells the processor that the caller is spinning. An instruction that Swift has no name for.
static inline void system_spin_hint(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

/// Asks for the cache line at an address, which need not be valid. Swift has no name for it.
static inline void system_prefetch(const void *address) { __builtin_prefetch(address); }

typedef float system_float8 __attribute__((ext_vector_type(8)));

/// Stores eight floats past the caches, to an address that is a multiple of 32. What is written once
/// and read much later need not be fetched first, which is two thirds of the traffic of a store.
static inline void system_stream_float8(float *address, system_float8 values) {
  __builtin_nontemporal_store(values, (system_float8 *)address);
}

/// Orders streamed stores before everything that follows.
static inline void system_stream_fence(void) { __builtin_ia32_sfence(); }
