import Skald

/// What must hold whatever has happened, asked of the databases alone.
struct Proof: Sendable {
    /// Waits until a condition holds; throws if it takes too long.
    typealias Waiting = @Sendable (_ what: String, _ condition: () async throws -> Bool) async throws -> Void

    let databases: [ServiceName: PostgresClient]
    /// What there was to sell, as it was ordered: the databases could agree on something else.
    let stock: Stock.Request
    let narrator: Narrator
    let waiting: Waiting

    /// Waits until everything on its way has arrived, then holds claim after claim against the databases.
    func claims() async throws -> [Report.Claim] {
        var claims: [Report.Claim] = []
        for claim in [arrival, seats, rooms, money, projections, news, messages, sagas, deliveries] {
            let result = try await claim()
            claims.append(result)
            narrator.line(result.holds ? "✓" : "✗", result.claim, style: result.holds ? .good : .bad)
        }
        return claims
    }
}

// How the databases are asked.
extension Proof {
    func database(_ service: ServiceName) -> PostgresClient {
        guard let client = databases[service] else { preconditionFailure("every service has a database") }
        return client
    }

    func number(_ service: ServiceName, _ sql: SQL) async throws -> Int { try await database(service).number(sql) }

    /// Over all four databases.
    func total(_ sql: SQL) async throws -> Int {
        var sum = 0
        for service in ServiceName.allCases { sum += try await number(service, sql) }
        return sum
    }

    /// One column of text, in order, so that two lists can be compared.
    func list(_ service: ServiceName, _ sql: SQL) async throws -> [String] {
        var texts: [String] = []
        for row in try await database(service).query(sql) { texts.append(try row[0].decode(String.self)) }
        return texts.sorted()
    }

    func claim(_ text: String, _ holds: Bool, _ numbers: [String: Int]) -> Report.Claim {
        Report.Claim(claim: text, holds: holds, numbers: numbers)
    }
}
