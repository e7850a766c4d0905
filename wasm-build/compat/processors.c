/* The WASIX libc always reports one processor. WASIX has a call for their number, to which the runtime returns the
   number that the job allows; so "auto" threads in FFmpeg, x264 and openh264 use as many.
   Linked with --wrap=sysconf. */
#include <unistd.h>
#include <wasi/api.h>

long __real_sysconf(int name);

long __wrap_sysconf(int name)
{
    __wasi_size_t count;

    if ((name == _SC_NPROCESSORS_ONLN || name == _SC_NPROCESSORS_CONF) &&
        __wasi_thread_parallelism(&count) == __WASI_ERRNO_SUCCESS && count > 0)
        return count;
    return __real_sysconf(name);
}
