// The only C of the project: libpq's public header and, on Linux, what Swift does not import of the system by itself.
// Where libpq's header lies is pkg-config's business (see Package.swift).
#include <libpq-fe.h>
#ifdef __linux__
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>

// The names that `top -H` and debuggers show; at most 15 bytes. (prctl is variadic, which Swift cannot call.)
static inline void skald_set_thread_name(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }
#endif
