#if os(Linux)
    import CLibPQ

    #if canImport(Musl)
        import Musl
    #else
        import Glibc
    #endif

    /// `epoll(7)`: the cost of a wait depends on how many sockets are ready, not on how many there are.
    struct EpollPoller: Poller {
        private let epoll: Int32
        private var known: Set<Int32> = []
        private var events = [epoll_event](repeating: epoll_event(), count: 64)

        init() throws(PostgresError) {
            epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
            if epoll < 0 { throw .system("epoll_create1") }
        }

        mutating func set(_ descriptor: Int32, interest: Interest) throws(PostgresError) {
            var event = epoll_event()
            if interest.contains(.read) { event.events |= EPOLLIN.rawValue }
            if interest.contains(.write) { event.events |= EPOLLOUT.rawValue }
            event.data.fd = descriptor
            let isNew = known.insert(descriptor).inserted
            let operation = isNew ? EPOLL_CTL_ADD : EPOLL_CTL_MOD
            if epoll_ctl(epoll, operation, descriptor, &event) == 0 { return }
            // libpq may have closed a socket and opened another one under the same number.
            let other = operation == EPOLL_CTL_ADD ? EPOLL_CTL_MOD : EPOLL_CTL_ADD
            if epoll_ctl(epoll, other, descriptor, &event) != 0 { throw .system("epoll_ctl") }
        }

        mutating func remove(_ descriptor: Int32) {
            guard known.remove(descriptor) != nil else { return }
            var event = epoll_event()
            _ = epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, &event)
        }

        mutating func wait(milliseconds: Int32, into ready: inout [Ready]) {
            let count = epoll_wait(epoll, &events, Int32(events.count), milliseconds)
            // Interrupted by a signal: the loop takes another turn.
            guard count > 0 else { return }
            for event in events.prefix(Int(count)) {
                var readiness: Interest = []
                if event.events & EPOLLIN.rawValue != 0 { readiness.insert(.read) }
                if event.events & EPOLLOUT.rawValue != 0 { readiness.insert(.write) }
                if event.events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 { readiness = .both }
                ready.append(Ready(descriptor: event.data.fd, readiness: readiness))
            }
        }

        mutating func close() {
            #if canImport(Musl)
                _ = Musl.close(epoll)
            #else
                _ = Glibc.close(epoll)
            #endif
        }
    }
#endif
