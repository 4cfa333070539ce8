import Skald

/// Authorises cards, captures what was authorised, and pays back what was captured.
enum Payments {
    static let commands: [CommandHandler] = [
        .on(AuthoriseCard.self) { command, work in
            let state = try await work.execute(
                .authorise(cents: command.cents, limitCents: command.card.limitCents), by: Payment(),
                on: command.booking)
            if state == .declined { throw PaymentRefusal.declined }  // which has happened, and is recorded
            return Authorisation(cents: command.cents)
        },
        .on(VoidAuthorisation.self) { command, work in
            try await work.execute(.void, by: Payment(), on: command.booking)
        },
        .on(CapturePayment.self) { command, work in
            guard case .captured(let cents) = try await work.execute(.capture, by: Payment(), on: command.booking)
            else {
                throw PaymentRefusal.notAuthorised
            }
            try await work.publish("\(cents.asMoney) were paid", about: command.booking)
            return Receipt(cents: cents)
        },
        .on(RefundPayment.self) { command, work in
            guard case .refunded(let cents) = try await work.execute(.refund, by: Payment(), on: command.booking)
            else {
                throw PaymentRefusal.notCaptured
            }
            try await work.publish("\(cents.asMoney) were paid back", about: command.booking)
            return Refund(cents: cents)
        },
    ]

    static let tables = Ledger.table
}

/// What each booking has paid: for reading.
struct Ledger: SQLProjection {
    static let name: ProjectionName = "ledger"
    static let table = """
        create table ledger (booking text primary key, status text not null, captured bigint not null, refunded bigint not null, \
        events int not null);

        """
    let ledger = Table("ledger")

    func project(_ payment: Recorded<PaymentEvent>) -> [SQL] {
        let (status, captured, refunded) =
            switch payment.event {
            case .authorised: ("authorised", 0, 0)
            case .declined: ("declined", 0, 0)
            case .captured(let cents): ("captured", cents, 0)
            case .voided: ("voided", 0, 0)
            case .refunded(let cents): ("refunded", 0, cents)
            }
        """
        insert into \(ledger) as l (booking, status, captured, refunded, events) \
        values (\(payment.stream.key), \(status), \(captured), \(refunded), 1) \
        on conflict (booking) do update set status = excluded.status, captured = l.captured + excluded.captured, \
        refunded = l.refunded + excluded.refunded, events = l.events + 1
        """
    }
}
