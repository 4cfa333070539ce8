// The only C of the project: libpq's public header. Where it lies is pkg-config's business (see Package.swift).
#include <libpq-fe.h>
