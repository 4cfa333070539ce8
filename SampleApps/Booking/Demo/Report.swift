import ArgumentParser

/// What the demo has found, as data: what is printed, and what `--json` writes.
struct Report: Codable, Sendable {
    struct Scenario: Codable, Sendable {
        let id: String, title: String
        var holds: Bool
        var seconds: Double
        var numbers: [String: Int]
        var failure: String?
    }
    struct Claim: Codable, Sendable {
        let claim: String
        let holds: Bool
        let numbers: [String: Int]
    }

    var scenarios: [Scenario] = []
    var proof: [Claim] = []
    /// What kept the demo from going on, or from ending as it should.
    var failure: String?
    var seconds = 0.0

    /// Whether everything holds.
    var holds: Bool = false

    /// What the program ends with: 0 only if everything holds.
    var exitCode: ExitCode { holds ? .success : .failure }

    mutating func conclude(after elapsed: Duration) {
        seconds = elapsed / .seconds(1)
        holds =
            failure == nil && !scenarios.isEmpty && !proof.isEmpty && scenarios.allSatisfy(\.holds)
            && proof.allSatisfy(\.holds)
    }
}
