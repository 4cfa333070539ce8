import Testing

@testable import Postgres

/// Whether a statement may have taken effect decides whether it may be repeated (ES2).
@Suite("Outcomes")
struct OutcomeTests {
    @Test(arguments: [
        ("40001", PostgresError.Outcome.retriable), ("40P01", .retriable), ("55P03", .retriable), ("57P01", .retriable),
        ("57P02", .retriable), ("57P03", .retriable), ("57P05", .retriable), ("25P03", .retriable),
        ("53300", .retriable), ("08001", .retriable), ("08004", .retriable),
        ("08000", .unknown), ("08003", .unknown), ("08006", .unknown), ("08007", .unknown), ("40003", .unknown),
        ("08P01", .failed), ("23505", .failed), ("57014", .failed), ("53100", .failed), ("40002", .failed),
        ("42601", .failed), ("XX000", .failed), ("SK001", .failed), ("", .failed),
    ])
    func `a SQLSTATE says what has become of the statement`(state: String, outcome: PostgresError.Outcome) {
        var fields = PostgresError.Fields(code: .server, message: "")
        fields.sqlState = SQLState(rawValue: state)
        #expect(PostgresError(fields: fields).outcome == outcome)
    }

    @Test(arguments: [
        (PostgresError.Code.connectionFailed, PostgresError.Outcome.retriable), (.connectionLost, .retriable),
        (.poolTimeout, .retriable), (.poolExhausted, .retriable), (.queueFull, .retriable),
        (.outcomeUnknown, .unknown), (.cancelled, .unknown), (.deadlineExceeded, .unknown),
        (.protocolViolation, .unknown), (.decoding, .unknown),
        (.server, .failed), (.encoding, .failed), (.invalidArgument, .failed), (.notRunning, .failed),
        (.closed, .failed), (.transactionEnded, .failed), (.unsupported, .failed),
    ])
    func `without a SQLSTATE the code says it`(code: PostgresError.Code, outcome: PostgresError.Outcome) {
        #expect(PostgresError(code, "").outcome == outcome)
    }

    @Test func `whoever knows better says so`() {
        #expect(PostgresError(.cancelled, "not sent", outcome: .failed).outcome == .failed)
        #expect(PostgresError(.connectionLost, "").recast(code: .outcomeUnknown).outcome == .unknown)
        #expect(PostgresError(.connectionLost, "").recast(outcome: .unknown).code == .connectionLost)
    }
}
