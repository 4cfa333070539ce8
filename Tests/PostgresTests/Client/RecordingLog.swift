import Logging
import Synchronization

@testable import Postgres

/// Keeps all that is logged, at every level.
final class RecordingLog: Sendable {
    private let lines = Mutex<[String]>([])

    /// What was logged so far.
    var text: String { lines.withLock { $0.joined(separator: "\n") } }

    var logger: Logger {
        var logger = Logger(label: "test") { _ in Handler(log: self) }
        logger.logLevel = .trace
        return logger
    }

    fileprivate func add(_ line: String) { lines.withLock { $0.append(line) } }
}

private struct Handler: LogHandler {
    let log: RecordingLog
    var logLevel = Logger.Level.trace
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(
        level: Logger.Level, message: Logger.Message, metadata: Logger.Metadata?, source: String, file: String,
        function: String, line: UInt
    ) {
        log.add("\(level) \(message) \(self.metadata) \(metadata ?? [:])")
    }
}
