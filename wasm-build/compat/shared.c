/* Facts of a run of ffmpeg, for its host. The variables are exported, and the host reads them after the program has
   ended, instead of drawing conclusions from the log, which contains text from media. */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "afmpeg.h"

/* Outputs that were not written because a file of their name exists, without the option -n. */
_Atomic uint32_t afmpeg_outputs_refused;

/* Packets and frames that a decoder could not decode. */
_Atomic uint32_t afmpeg_decode_errors;

/* Packets that a demuxer marked as corrupt. */
_Atomic uint32_t afmpeg_corrupt_packets;

/* Frames that a decoder marked as corrupt. */
_Atomic uint32_t afmpeg_corrupt_frames;

/* Frames that were dropped or duplicated to keep the rate of an output. */
_Atomic uint32_t afmpeg_dropped_frames;
_Atomic uint32_t afmpeg_duplicated_frames;

/* The last signal and the number of signals. The host writes both, the signal first: ffmpeg then finishes its outputs
   and ends, as its own signal handler makes it do natively. */
volatile int afmpeg_signal;
volatile int afmpeg_signal_count;

/* The device for progress: -2 before it is opened, -1 if the host has none. */
static int progress = -2;

int afmpeg_has_progress(void)
{
    if (progress == -2) {
        const char *device = getenv("AFMPEG_PROGRESS");

        progress = device ? open(device, O_WRONLY) : -1;
    }
    return progress >= 0;
}

void afmpeg_write_progress(const char *lines, size_t len)
{
    /* The device takes every write whole. A host that has closed it does not make the job fail. */
    if (write(progress, lines, len) < 0)
        progress = -1;
}
