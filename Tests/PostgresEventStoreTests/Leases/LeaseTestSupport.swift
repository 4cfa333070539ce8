import Logging
import Synchronization
import Testing

let quiet = Logger(label: "lease-tests", factory: { _ in SwiftLogNoOpLogHandler() })

/// A number that several tasks add to.
final class Tally: Sendable {
    private let value = Mutex(0)

    var count: Int { value.withLock { $0 } }

    func add() { value.withLock { $0 += 1 } }
}
