import SkaldTesting
import Testing

/// PR2 and PR3 with their mechanism taken out of `checkpoint_advance`: the tests of the promise find it.
@Suite struct ProjectionMistakeTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let mistake: Mistake
        let story: @Sendable (ProjectionFixture) async throws -> Void

        var testDescription: String { mistake.testDescription }
    }

    private static let compare = "where c.position = p_from and c.epoch <= p_epoch;"

    @Test(arguments: [
        Case(
            mistake: Mistake(
                "PR2: the checkpoint is not compared before it is set", in: "checkpoint_advance", replacing: compare,
                with: ";"),
            story: { try await CheckpointFenceTests.sentAgain($0) }),
        Case(
            mistake: Mistake(
                "PR3: the checkpoint is not compared before it is set", in: "checkpoint_advance", replacing: compare,
                with: ";"),
            story: { try await CheckpointFenceTests.wrongPlace($0) }),
        Case(
            mistake: Mistake(
                "PR3, X1: a checkpoint needs no lease", in: "checkpoint_advance",
                replacing: "perform lease_guard(p_unit, p_epoch);", with: ""
            ).and(in: "checkpoint_advance", replacing: "and c.epoch <= p_epoch", with: ""),
            story: { try await CheckpointFenceTests.formerOwner($0) }),
        Case(
            mistake: Mistake(
                "PR3: a checkpoint that is not there is taken for one at any place", in: "checkpoint_advance",
                replacing: "where p_from = 0 or exists", with: "where true or exists"),
            story: { try await CheckpointFenceTests.removedCheckpoint($0) }),
    ])
    func `a mistake is found`(_ broken: Case) async throws {
        try await broken.mistake.isFound { database in try await ProjectionFixture.with(database, broken.story) }
    }
}
