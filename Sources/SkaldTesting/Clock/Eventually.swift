public import Testing

/// Waits until a condition holds, looking every 10 ms; fails the test with what did not come true if it takes too long.
///
/// ```swift
/// try await eventually("the seat is free again") { try await seats.count() == 1 }
/// ```
///
/// - Parameters:
///   - what: What is waited for, for the one who reads the failure.
///   - limit: How long a machine under load may take. It is waited out only where the test fails.
///   - asking: Run before each further look, to bring about what is waited for.
/// - Throws: `DidNotHappen` when the time is up, and whatever the condition throws.
public func eventually(
    _ what: Comment, within limit: Duration = .seconds(60), sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () async throws -> Bool, asking: () async throws -> Void = {}
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        guard ContinuousClock.now < deadline else {
            Issue.record(what, sourceLocation: sourceLocation)
            throw DidNotHappen(what: "\(what)")
        }
        try await asking()
        try await Task.sleep(for: .milliseconds(10))
    }
}

/// What a test waited for has not come true in time.
public struct DidNotHappen: Error, CustomStringConvertible {
    /// What was waited for.
    public let what: String

    /// - Parameter what: What was waited for.
    public init(what: String) { self.what = what }

    /// What did not happen.
    public var description: String { "did not happen in time: \(what)" }
}
