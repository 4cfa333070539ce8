import Testing

/// Waits until a condition holds; records an issue that says what did not come true if it takes too long.
func eventually(
    _ what: Comment, within time: Duration = .seconds(30), sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + time
    while ContinuousClock.now < deadline {
        if try await condition() { return }
        try await Task.sleep(for: .milliseconds(10))
    }
    Issue.record(what, sourceLocation: sourceLocation)
    throw DidNotHappen()
}

struct DidNotHappen: Error {}
