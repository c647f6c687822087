// libjpeg reports an error by calling a function that must not return, so the setjmp that catches
// it has to stand in C. Every function here returns normally, whatever the image holds.
#pragma once

#include <stddef.h>
#include <stdint.h>

/// How a call ended. A warning of libjpeg (corrupt but decodable data) is not an error, as in Pillow.
typedef enum {
  CJPEG_OK = 0,
  /// The bytes ended before the image did.
  CJPEG_TRUNCATED = 1,
  /// libjpeg refused; `cjpeg_decoder_message` says why.
  CJPEG_REFUSED = 2,
  /// Width or height beyond what libjpeg can hold (65,500).
  CJPEG_TOO_LARGE = 3,
} cjpeg_status;

typedef struct {
  uint32_t width;
  uint32_t height;
  /// Color channels in the file: 1, 3 or 4 are decoded, anything else is the caller's to refuse.
  int32_t file_channels;
  /// Channels of a decoded row: 3 (RGB) or 4 (CMYK as stored).
  int32_t row_channels;
} cjpeg_header;

typedef struct cjpeg_decoder cjpeg_decoder;

/// Memory and callbacks that are made once and used for many images, each independent of those
/// before it. Null when memory is short.
cjpeg_decoder *cjpeg_decoder_create(void);
void cjpeg_decoder_destroy(cjpeg_decoder *decoder);

/// Reads up to the first scan of the image in `bytes`, which must stay valid until the rows are
/// read; `readable` bytes may be touched, but only the first `count` belong to the image.
cjpeg_status cjpeg_decoder_begin(cjpeg_decoder *decoder, const uint8_t *bytes, size_t count,
                                 size_t readable, cjpeg_header *header);

/// Decodes all rows after a successful `cjpeg_decoder_begin` into `height` rows of `stride` bytes.
cjpeg_status cjpeg_decoder_read(cjpeg_decoder *decoder, uint8_t *pixels, size_t stride);

/// Decodes into memory of this shim and drops the rows: what libjpeg itself costs.
cjpeg_status cjpeg_decoder_discard(cjpeg_decoder *decoder);

/// Whether the last image needed bytes past its `count`; its outcome then depends on the padding.
int cjpeg_decoder_overran(const cjpeg_decoder *decoder);

/// The sentence of libjpeg for the last refusal; valid until the next call.
const char *cjpeg_decoder_message(const cjpeg_decoder *decoder);

typedef struct cjpeg_encoder cjpeg_encoder;

/// A compressor that is made once and used for many images. Null when memory is short.
cjpeg_encoder *cjpeg_encoder_create(void);
void cjpeg_encoder_destroy(cjpeg_encoder *encoder);

/// Encodes interleaved RGB as baseline YCbCr 4:2:0 (or 4:4:4). The result lies in memory of the
/// encoder and is valid until its next call.
cjpeg_status cjpeg_encoder_encode(cjpeg_encoder *encoder, const uint8_t *pixels, uint32_t width,
                                  uint32_t height, size_t stride, int quality, int subsample,
                                  const uint8_t **bytes, size_t *count);

const char *cjpeg_encoder_message(const cjpeg_encoder *encoder);
