/// Which statements a connection has prepared: by text and parameter types, the least recently used one dropped first.
///
/// A statement is prepared when it is seen for the second time, so that texts used once do not push out the others.
struct StatementCache {
    /// How a statement is to be sent.
    enum Plan: Equatable {
        /// Without a name.
        case unprepared
        /// Prepare it under this number, then execute it.
        case prepare(statement: Int)
        /// Execute what is prepared.
        case execute(statement: Int)
    }

    /// A statement that was seen. A class, so that finding it is one look-up.
    private final class Known {
        let text: String
        let binds: [PostgresType]
        /// nil: seen once.
        var statement: Int?
        var used: UInt64 = 0

        init(_ sql: SQL) {
            text = sql.text
            binds = sql.binds.map(\.type)
        }

        func matches(_ other: [PostgresBind]) -> Bool {
            binds.count == other.count && zip(binds, other).allSatisfy { $0.oid == $1.type.oid }
        }
    }

    private let capacity: Int
    private var byText: [String: [Known]] = [:]
    private var prepared: [Int: Known] = [:]
    private var dropped: [Int] = []
    private var clock: UInt64 = 0
    private var lastStatement = 0

    /// How many statements are known.
    private(set) var count = 0

    /// - Parameter capacity: How many statements are kept; 0 prepares none.
    init(capacity: Int) {
        self.capacity = capacity
    }

    /// The name under which a statement is prepared.
    static func name(of statement: Int) -> String { "skald_\(statement)" }

    /// How to send the statement this time.
    mutating func plan(for sql: SQL) -> Plan {
        guard capacity > 0 else { return .unprepared }
        clock += 1
        if let known = byText[sql.text]?.first(where: { $0.matches(sql.binds) }) {
            known.used = clock
            if let statement = known.statement { return .execute(statement: statement) }
            lastStatement += 1
            known.statement = lastStatement
            prepared[lastStatement] = known
            return .prepare(statement: lastStatement)
        }
        if count >= capacity, let oldest = byText.values.joined().min(by: { $0.used < $1.used }) {
            remove(oldest)
            if let statement = oldest.statement { dropped.append(statement) }
        }
        let known = Known(sql)
        known.used = clock
        byText[sql.text, default: []].append(known)
        count += 1
        return .unprepared
    }

    /// Whether the server has statements that are to be dropped.
    var hasDropped: Bool { !dropped.isEmpty }

    /// Statements that were pushed out and are to be dropped on the server; each is given once.
    mutating func takeDropped() -> [Int] {
        if dropped.isEmpty { return [] }
        defer { dropped = [] }
        return dropped
    }

    /// The server does not have the statement after all.
    mutating func forget(statement: Int) {
        if let known = prepared[statement] { remove(known) }
    }

    /// Whether the statement was prepared, as far as is known.
    func has(statement: Int) -> Bool { prepared[statement] != nil }

    /// The statements have to be prepared again, and are to be dropped on the server.
    mutating func forgetAll() {
        dropped += prepared.keys.sorted()
        byText = [:]
        prepared = [:]
        count = 0
    }

    private mutating func remove(_ known: Known) {
        byText[known.text]?.removeAll { $0 === known }
        if byText[known.text]?.isEmpty == true { byText[known.text] = nil }
        if let statement = known.statement { prepared[statement] = nil }
        count -= 1
    }
}
