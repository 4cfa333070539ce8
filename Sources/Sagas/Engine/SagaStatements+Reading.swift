import EventSourcing
import Postgres

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension SagaStatements {
    /// The sagas of an answer to `due`, the database's time, and when the next one is due. A row that can't be read is
    /// reported and left out.
    func loaded(
        of rows: Rows, unreadable: (StuckSaga, any Error) -> Void
    ) throws -> (sagas: [LoadedSaga], now: Date, nextDue: Date?) {
        guard let mark = rows.last else { throw PostgresError(.decoding, "saga_due returned no mark") }
        var sagas: [LoadedSaga] = []
        for row in rows.dropLast() {
            let key = SagaKey(
                tenant: try row[0].decode(String.self), name: SagaName(rawValue: try row[1].decode(String.self)),
                id: SagaID(rawValue: try row[2].decode(String.self)))
            do {
                sagas.append(try saga(key, row))
            } catch {
                let kind = SagaKind(name: key.name, definition: Int(try row[3].decode(Int32.self)))
                let stuck = StuckSaga(
                    key: key, kind: kind, lane: Int(try row[4].decode(Int32.self)),
                    revision: try row[5].decode(Int64.self), reason: "its row can't be read: \(error)")
                unreadable(stuck, error)
            }
        }
        return (sagas, try mark[10].decode(Date.self), try mark[9].decode(Date?.self))
    }

    private func saga(_ key: SagaKey, _ row: Row) throws -> LoadedSaga {
        let definition = Int(try row[3].decode(Int32.self))
        let ids = try row[11].decode([UUID]?.self) ?? []
        let kinds = try row[12].decode([String]?.self) ?? []
        let bodies = try row[13].decode([JSONB]?.self) ?? []
        return LoadedSaga(
            key: key, definition: definition, lane: Int(try row[4].decode(Int32.self)),
            revision: try row[5].decode(Int64.self),
            state: try SagaState(
                row: JSONValue(json: row[7].decode(JSONB.self).bytes), definition: definition,
                startedAt: row[8].decode(Date.self)), wasRunning: false, readAt: try row[10].decode(Date.self),
            inputs: zip(ids, zip(kinds, bodies)).map { id, input in
                .init(id: id, content: SagaInput(kind: input.0, body: input.1.bytes))
            })
    }

    /// The sagas of an answer to `running`, and the last one of the page, readable or not. A row that can't be read is
    /// reported and left out.
    func running(
        of rows: Rows, _ kind: SagaKind, lane: Int, unreadable: (SagaKey, any Error) -> Void
    ) throws -> (sagas: [LoadedSaga], now: Date?, last: SagaKey?) {
        var page: (sagas: [LoadedSaga], now: Date?, last: SagaKey?) = ([], nil, nil)
        for row in rows {
            let key = SagaKey(
                tenant: try row[0].decode(String.self), name: kind.name,
                id: SagaID(rawValue: try row[1].decode(String.self)))
            let now = try row[5].decode(Date.self)
            (page.now, page.last) = (now, key)
            do {
                let state = try SagaState(
                    row: JSONValue(json: row[3].decode(JSONB.self).bytes), definition: kind.definition,
                    startedAt: row[4].decode(Date.self))
                page.sagas.append(
                    LoadedSaga(
                        key: key, definition: kind.definition, lane: lane, revision: try row[2].decode(Int64.self),
                        state: state, wasRunning: true, readAt: now, inputs: []))
            } catch {
                unreadable(key, error)
            }
        }
        return page
    }
}

extension SagaInput {
    /// What stands in `saga_inputs`; nil if it can't be read.
    init?(kind: String, body: [UInt8]) {
        guard let json = try? JSONValue(json: body) else { return nil }
        switch kind {
        case "reply":
            guard let reply = try? json.decode(StoredReply.self) else { return nil }
            self = .outcome(reply.outcome)
        case "request":
            guard let verb = OperatorVerb(json) else { return nil }
            self = .verb(verb)
        default: return nil
        }
    }
}

extension OperatorVerb {
    /// A request as `saga_request` stores it.
    init?(_ json: JSONValue) {
        guard let actor = json["actor"]?.string, let reason = json["reason"]?.string else { return nil }
        switch (json["verb"]?.string, json["result"]) {
        case ("retry", _): verb = .retry
        case ("skip", _): verb = .skip
        case ("set-result", let result?): verb = .setResult(result: result)
        default: return nil
        }
        step = json["step"]?.string.map { StepName(rawValue: $0) }
        self.actor = actor
        self.reason = reason
    }
}
