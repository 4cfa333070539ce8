import Postgres
import SkaldTesting
import Testing

/// The leases (X1, X2, X4) with their mechanism taken out: the tests of the promise find it.
@Suite struct LeaseMistakeTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let mistake: Mistake
        let story: @Sendable (PostgresClient) async throws -> Void

        var testDescription: String { mistake.testDescription }
    }

    private static let guardRow = "perform from leases l where l.unit = p_unit and l.epoch = p_epoch for key share;"

    @Test(arguments: [
        Case(
            mistake: Mistake(
                "X1: a unit changes hands under the same epoch", in: "lease_acquire",
                replacing: "set epoch = l.epoch + 1,", with: "set epoch = 1,"),
            story: { try await LeaseFenceTests.changesOfHands($0) }),
        Case(
            mistake: Mistake(
                "X2: the guard asks for any lease on the unit", in: "lease_guard(text, bigint)", replacing: guardRow,
                with: "perform from leases l where l.unit = p_unit for key share;"),
            story: { try await LeaseFenceTests.staleWrite($0) }),
        // What MECHANISMS.md warns of: it locks nothing.
        Case(
            mistake: Mistake(
                "X2: the guard is an exists()", in: "lease_guard(text, bigint)", replacing: guardRow,
                with: "perform where exists (select from leases l where l.unit = p_unit and l.epoch = p_epoch);"),
            story: { try await LeaseFenceTests.openWrite($0) }),
        Case(
            mistake: Mistake(
                "X4: giving back does nothing", in: "lease_release", replacing: "l.owner = p_owner;",
                with: "l.owner = p_owner and false;"),
            story: { try await LeaseFenceTests.givenBack($0) }),
    ])
    func `a mistake is found`(_ broken: Case) async throws {
        try await broken.mistake.isFound { database in try await database.withClient { try await broken.story($0) } }
    }
}
