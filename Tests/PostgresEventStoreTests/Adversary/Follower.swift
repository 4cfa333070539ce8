import Postgres
import Synchronization

/// An event as a reader was given it.
struct GivenEvent: Sendable, Hashable {
    let position: Int64
    let stream: String
    let version: Int64
    let key: String
    let number: Int64

    init(position: Int64, stream: String, version: Int64, key: String, number: Int64) {
        self.position = position
        self.stream = stream
        self.version = version
        self.key = key
        self.number = number
    }

    init(_ row: Row) throws(PostgresError) {
        position = try row.decode("position")
        stream = try row.decode("stream")
        version = try row.decode("version")
        key = try row.decode("key")
        number = try row.decode("number")
    }

    static let columns = SQL(
        unescaped: "position, stream, version, data ->> 'key' as key, (data ->> 'n')::bigint as number")
}

/// A reader with a cursor: the position of the last event that it was given.
final class Follower: Sendable {
    private let given = Mutex<[GivenEvent]>([])

    var events: [GivenEvent] { given.withLock(\.self) }
    var cursor: Int64 { given.withLock { $0.last?.position ?? 0 } }

    func read(_ client: PostgresClient) async throws {
        let rows = try await client.query(
            "select \(GivenEvent.columns) from skald.read_all(\(cursor), \(Int32.random(in: 1...200)))")
        for row in rows {
            let event = try GivenEvent(row)
            given.withLock { $0.append(event) }
        }
    }
}
