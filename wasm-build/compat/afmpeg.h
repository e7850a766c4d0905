/* Variables and calls that FFmpeg's tools, patched by wasm-build/ffmpeg/patches, share with their host: see shared.c. */
#ifndef AFMPEG_H
#define AFMPEG_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

extern _Atomic uint32_t afmpeg_outputs_refused;
extern _Atomic uint32_t afmpeg_decode_errors;
extern _Atomic uint32_t afmpeg_corrupt_packets;
extern _Atomic uint32_t afmpeg_corrupt_frames;
extern _Atomic uint32_t afmpeg_dropped_frames;
extern _Atomic uint32_t afmpeg_duplicated_frames;

/* Inputs that a demuxer could not read to their end. libavformat/demux.c defines it, since demuxers count, too. */
extern _Atomic uint32_t afmpeg_read_errors;

extern volatile int afmpeg_signal;
extern volatile int afmpeg_signal_count;

/* Whether the host follows the progress. */
int afmpeg_has_progress(void);

/* Writes lines of `-progress` to the host. */
void afmpeg_write_progress(const char *lines, size_t len);

#endif
