#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// `poll(2)`, which every system has: the cost of a wait rises with the number of sockets.
struct PollPoller: Poller {
    private var descriptors: [pollfd] = []

    mutating func set(_ descriptor: Int32, interest: Interest) throws(PostgresError) {
        var events: Int16 = 0
        if interest.contains(.read) { events |= Int16(POLLIN) }
        if interest.contains(.write) { events |= Int16(POLLOUT) }
        let entry = pollfd(fd: descriptor, events: events, revents: 0)
        if let index = descriptors.firstIndex(where: { $0.fd == descriptor }) {
            descriptors[index] = entry
        } else {
            descriptors.append(entry)
        }
    }

    mutating func remove(_ descriptor: Int32) {
        descriptors.removeAll { $0.fd == descriptor }
    }

    mutating func wait(milliseconds: Int32, into ready: inout [Ready]) {
        let count = poll(&descriptors, nfds_t(descriptors.count), milliseconds)
        guard count > 0 else { return }
        for entry in descriptors where entry.revents != 0 {
            var readiness: Interest = []
            if entry.revents & Int16(POLLIN) != 0 { readiness.insert(.read) }
            if entry.revents & Int16(POLLOUT) != 0 { readiness.insert(.write) }
            if entry.revents & Int16(POLLERR | POLLHUP | POLLNVAL) != 0 { readiness = .both }
            ready.append(Ready(descriptor: entry.fd, readiness: readiness))
        }
    }

    mutating func close() {
        descriptors = []
    }
}
