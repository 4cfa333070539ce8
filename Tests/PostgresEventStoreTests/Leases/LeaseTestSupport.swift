import Logging
import Synchronization
import Testing

let quiet = Logger(label: "lease-tests", factory: { _ in SwiftLogNoOpLogHandler() })

/// Waits until a condition holds, checking `asking` each time; records an issue if it takes too long.
func eventually(
    _ what: Comment, within time: Duration = .seconds(20), sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () async throws -> Bool, asking: () async throws -> Void = {}
) async throws {
    let deadline = ContinuousClock.now + time
    while ContinuousClock.now < deadline {
        if try await condition() { return }
        try await asking()
        try await Task.sleep(for: .milliseconds(10))
    }
    Issue.record(what, sourceLocation: sourceLocation)
    throw DidNotHappen()
}

struct DidNotHappen: Error {}

/// A number that several tasks add to.
final class Tally: Sendable {
    private let value = Mutex(0)

    var count: Int { value.withLock { $0 } }

    func add() { value.withLock { $0 += 1 } }
}
