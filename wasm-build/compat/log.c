/* Puts its level before every line of FFmpeg's log when the engine, which reads the log as records, asks for it in
   the environment: as `-loglevel level` does, but whatever the command line says of levels.
   Linked with --wrap=av_log_set_flags, which both tools call first of all. */
#include <stdlib.h>

enum { AV_LOG_PRINT_LEVEL = 2 }; /* libavutil/log.h */

void __real_av_log_set_flags(int flags);

void __wrap_av_log_set_flags(int flags)
{
    __real_av_log_set_flags(getenv("AFMPEG_LOG_LEVELS") ? flags | AV_LOG_PRINT_LEVEL : flags);
}
