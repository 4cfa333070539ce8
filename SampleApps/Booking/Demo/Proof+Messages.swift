import Skald

extension Proof {
    // OB1, OB9: text by text, so that one that is missing and one too many do not make up for each other.
    func news() async throws -> Report.Claim {
        var (due, published): ([String], [String]) = ([], [])
        for service in ServiceName.allCases {
            due += try await toldOf(by: service)
            published += try await list(
                service,
                """
                select key || ' ' || source || ' ' || (convert_from(payload, 'UTF8')::jsonb ->> 'text')
                  from skald.outbox where type = 'booking.news'
                """)
        }
        let handled = try await list(.notifications, "select booking || ' ' || source || ' ' || text from news")
        return claim(
            "events: \(due.count) routed, \(published.count) published, \(handled.count) handled after dedupe",
            due.sorted() == published.sorted() && published.sorted() == handled,
            ["routed": due.count, "published": published.count, "handled": handled.count])
    }

    /// What a service's log says must have been told, in the words in which it is told.
    private func toldOf(by service: ServiceName) async throws -> [String] {
        let rows = try await database(service).query(
            """
            select type, substr(stream, strpos(stream, '-') + 1), data ->> 'booking', (data ->> 'cents')::bigint
              from skald.events where type in ('seat.sold', 'seat.returned', 'room.sold', 'room.returned', \
            'payment.captured', 'payment.refunded')
            """)
        return try rows.map { row in
            let (type, key, booking, cents) = try row.decode(String.self, String.self, String?.self, Int?.self)
            let text =
                switch type {
                case "seat.sold": "seat \(key) is sold"
                case "seat.returned": "seat \(key) is free again"
                case "room.sold": "a room at \(key) is sold"
                case "room.returned": "a room at \(key) is free again"
                case "payment.captured": "\((cents ?? 0).asMoney) were paid"
                default: "\((cents ?? 0).asMoney) were paid back"
                }
            return "\(booking ?? key) /\(service.rawValue) \(text)"
        }
    }

    // OB1, OB3, OB9: message by message, so that a lost one and one too many do not make up for each other.
    func messages() async throws -> Report.Claim {
        var (sent, handled, lost, unknown) = (0, 0, 0, 0)
        for receiver in ServiceName.allCases {
            var sentToIt: Set<String> = []
            for sender in ServiceName.allCases {
                sentToIt.formUnion(
                    try await list(sender, "select id::text from skald.outbox where topic = \(receiver.rawValue)"))
            }
            let handledByIt = Set(try await list(receiver, "select message_id::text from skald.inbox"))
            sent += sentToIt.count
            handled += handledByIt.count
            lost += sentToIt.subtracting(handledByIt).count
            unknown += handledByIt.subtracting(sentToIt).count
        }
        let blocked = try await total("select count(*) from skald.outbox_blocked")
        return claim(
            "messages: \(sent) sent, \(handled) handled; \(lost) lost, \(unknown) from nowhere, \(blocked) stuck",
            lost == 0 && unknown == 0 && blocked == 0,
            ["sent": sent, "handled": handled, "lost": lost, "unknown": unknown, "blocked": blocked])
    }

    // SG1, SG12
    func sagas() async throws -> Report.Claim {
        let started = try await list(
            .orders, "select stream from skald.events where type = '$saga.started'")
        let ended = try await list(
            .orders,
            "select skald.saga_stream(name, id) from skald.sagas where status in ('completed', 'compensated')")
        let compensated = try await number(.orders, "select count(*) from skald.sagas where status = 'compensated'")
        let booked = try await completed(BookTrip.name), cancelled = try await completed(CancelTrip.name)
        let confirmed = try await list(.orders, "select booking from trips where status in ('confirmed', 'cancelled')")
        let calledBack = try await list(.orders, "select booking from trips where status = 'cancelled'")
        let mailed = try await list(.notifications, "select subject || ' ' || booking from mail")
        let due = booked.map { "confirmation \($0)" } + cancelled.map { "cancellation \($0)" }
        return claim(
            "sagas: \(started.count) started = \(ended.count - compensated) completed + \(compensated) compensated; \(mailed.count) told by mail",
            started == ended && confirmed == booked && calledBack == cancelled && mailed == due.sorted(),
            [
                "started": started.count, "completed": ended.count - compensated, "compensated": compensated,
                "booked": booked.count, "cancelled": cancelled.count, "mailed": mailed.count,
            ])
    }

    private func completed(_ saga: SagaName) async throws -> [String] {
        try await list(
            .orders, "select id from skald.sagas where name = \(saga.rawValue) and status = 'completed'")
    }

    // OB9
    func deliveries() async throws -> Report.Claim {
        var (once, handled, holds) = (0, 0, true)
        for service in ServiceName.allCases {
            let delivered = try await list(service, "select id::text from deliveries")
            let accepted = try await list(service, "select message_id::text from skald.inbox")
            holds = holds && delivered == accepted
            once += delivered.count
            handled += accepted.count
        }
        let received = try await total("select coalesce(sum(times), 0) from deliveries")
        return claim(
            "deliveries: \(received) received, \(received - once) duplicates, \(handled) handled once", holds,
            ["received": received, "duplicates": received - once, "handled": handled])
    }
}
