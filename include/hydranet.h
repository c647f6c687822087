/* libhydranet: shard stores read from C, and from what can call C.
 *
 * Functions that can fail return NULL or -1, and hydranet_last_error() says why in one sentence.
 * A store may be used by several threads at once, a stream by one at a time. Close streams before
 * or after their store: each keeps what it needs. All text is UTF-8, ended by a zero byte.
 *
 * The processor must have AVX2 and FMA (x86-64-v3): check before the library is loaded.
 */
#ifndef HYDRANET_H
#define HYDRANET_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct hydranet_store hydranet_store;
typedef struct hydranet_stream hydranet_stream;
typedef struct hydranet_batch hydranet_batch;

/* Why the calling thread's last failure happened; good until its next one. NULL where none did. */
const char *hydranet_last_error(void);

/* Opens a store, checks its metadata and maps its files; no descriptor stays open. */
hydranet_store *hydranet_open(const char *path);
void hydranet_close(hydranet_store *store);

/* Writes what is known of a store, a JSON object, to `output` (not ended by a zero byte), at most
 * `capacity` bytes of it. Returns the length of the whole, so call it with NULL and 0 first.
 * Members: path, version, bytes, identity, dataset, image {channels, size, codec},
 * columns [{name, role, kind, type, width, missing, unit, range, classes}], splits [{name, samples}]. */
int64_t hydranet_describe(hydranet_store *store, char *output, int64_t capacity);

/* Copies a column of a split: samples * width values of its type, little-endian, what is missing as
 * the column's `missing`. Returns the number of bytes. */
int64_t hydranet_column(
    hydranet_store *store, const char *split, const char *name, void *output, int64_t capacity);

/* Decodes any samples, in the order given, to uint8 [count][channels][size][size]. Returns the
 * number of bytes. */
int64_t hydranet_read(
    hydranet_store *store, const char *split, const int64_t *indices, int64_t count,
    uint8_t *output, int64_t capacity);

/* The filter hydranet.predictive_rgb (docs/format.md), undone and applied: `count` images of uint8
 * [3][height][width], from one memory into another that does not overlap. Returns the number of
 * bytes. */
int64_t hydranet_filter_decode(
    const uint8_t *folded, int64_t count, int64_t height, int64_t width, uint8_t *pixels);
int64_t hydranet_filter_encode(
    const uint8_t *pixels, int64_t count, int64_t height, int64_t width, uint8_t *folded);

/* Batches without end, made by threads. `options` is a JSON object, all of whose members may be
 * left out:
 *   split "train", batch_size 128, shuffle true, seed 0, drop_last false, rank 0, world_size 1,
 *   flip false, crop_padding 0, dtype "float32" or "uint8", layout "nchw" or "nhwc",
 *   normalize null (pixels from 0 to 1), "imagenet", "dataset" or {"mean": [...], "std": [...]},
 *   threads (one a core), buffers (two more), cache_bytes (all, where that is at most 128 MiB),
 *   first_step 0: counted over all epochs, so a stream goes on anywhere.
 * Batches are functions of the options and the step alone, the same as the trainer's. */
hydranet_stream *hydranet_stream_open(hydranet_store *store, const char *options);
/* Batches of an epoch, for the options of a stream. */
int64_t hydranet_steps_per_epoch(hydranet_store *store, const char *options);

typedef struct {
  int64_t step;
  int64_t epoch;
  int64_t count; /* samples in it; the places up to the batch size hold zeros */
  void *image;   /* float or uint8, [batch_size][channels][size][size], or channels last */
  const int64_t *index; /* [count], the numbers of the samples in the split */
  hydranet_batch *batch;
} hydranet_view;

/* Waits for the next batch, at most `milliseconds`. Returns 1 with `view` filled, 0 where there is
 * none yet. Memory stays the caller's until the batch is released; with all buffers held the call
 * fails. After a failure to load a sample the stream must be opened anew. */
int64_t hydranet_stream_next(hydranet_stream *stream, int64_t milliseconds, hydranet_view *view);

/* Any thread, also after the stream is closed. In a child of fork it does nothing. */
void hydranet_batch_release(hydranet_batch *batch);

/* Ends and joins all threads. In a child of fork it does nothing. */
void hydranet_stream_close(hydranet_stream *stream);

#ifdef __cplusplus
}
#endif
#endif
