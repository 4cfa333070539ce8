import EventSourcing
import Logging
import Postgres

/// Sends appends to the database and answers their callers; what it cannot answer it gives back.
struct AppendSender: Sendable {
    typealias Member = AppendQueue<Ticket>.Member

    /// What becomes of members that got no answer.
    struct Unanswered {
        /// To be sent again.
        var again: [Member] = []
        /// To wait for their stream, which another transaction holds.
        var busy: [Member] = []
    }

    let client: PostgresClient
    let statements: AppendStatements
    let configuration: PostgresEventStore.Configuration
    let end: LogEnd
    let logger: Logger
    /// Called after each commit that appended something: there is something new to read.
    let committed: @Sendable () -> Void

    /// Sends a group, sorted by stream. Whatever becomes of a caller's task, the answer of what it sent by itself is awaited.
    func send(_ members: [Member], isCallersOwn: Bool) async -> Unanswered {
        await prepare(until: members.lazy.map(\.deadline).min())
        let known = end.known
        var members = members
        for index in members.indices where members[index].known == nil { members[index].known = known }
        return await attempt(members, isCallersOwn: isCallersOwn)
    }

    /// Before the first append of all: begins a generation of the log where one is due, in a transaction that ends at once,
    /// because the first appends of all other sessions wait for it; and learns where the log ends, or every append without
    /// an expectation would be looked for in all of its stream. If that fails, the append itself will say why.
    ///
    /// - Parameter deadline: When the caller has no time left for it.
    func prepare(until deadline: ContinuousClock.Instant? = nil) async {
        guard end.known == nil else { return }
        func patience() -> Duration {
            let left = deadline.map { ContinuousClock.now.duration(to: $0) }
            return min(configuration.statementTimeout, left ?? configuration.statementTimeout)
        }
        guard (try? await client.query(statements.beginSession, deadline: patience())) != nil,
            let head = try? await client.query(statements.head, deadline: patience()).first,
            let position = try? head[0].decode(Int64.self)
        else { return }
        end.heard(position)
    }

    /// Sends a group and answers its members. If the group fails for one member's fault, it is halved until that one is
    /// alone with it; one half after the other, because two appends to one stream must not overtake each other.
    private func attempt(_ members: [Member], isCallersOwn: Bool) async -> Unanswered {
        // As long as one of them still waits for it.
        let latest = members.lazy.map(\.deadline).max() ?? .now
        guard latest > .now else { return fail(members) { _ in .timedOutInQueue } }
        func query(_ sql: SQL) async throws(PostgresError) -> Rows {
            let deadline = min(configuration.statementTimeout, ContinuousClock.now.duration(to: latest))
            return isCallersOwn
                ? try await client.queryUncancelled(sql, deadline: deadline)
                : try await client.query(sql, deadline: deadline)
        }
        let rows: Rows
        do throws(PostgresError) {
            if members.count == 1 {
                let member = members[0]
                // Where the stream exists after all, the second statement says so, or finds an earlier attempt.
                if let sql = statements.begin(member.append),
                    let position = try await statements.position(of: query(sql))
                {
                    let outcome = AppendOutcome.appended(first: 0, last: 0, position: position)
                    return settle(members, [.success(outcome)])
                }
                rows = try await query(
                    statements.one(
                        member.append, isResent: member.isResent, patience: .zero, known: member.known ?? 0))
            } else {
                rows = try await query(
                    statements.group(
                        members.map(\.append), areResent: members.map(\.isResent),
                        known: members.lazy.map { $0.known ?? 0 }.min() ?? 0))
            }
        } catch {
            guard members.count > 1, error.isOneMembersFault else { return await recover(members, from: error) }
            return await halve(members, isCallersOwn: isCallersOwn)
        }
        return settle(members, members.count == 1 ? [statements.outcome(of: rows)] : statements.outcomes(of: rows))
    }

    /// What the first half has left unappended keeps its place: members of the second half to the same stream are not sent.
    private func halve(_ members: [Member], isCallersOwn: Bool) async -> Unanswered {
        let middle = members.count / 2
        var unanswered = await attempt(Array(members[..<middle]), isCallersOwn: isCallersOwn)
        let busy = Set(unanswered.busy.map(\.append.stream))
        let again = Set(unanswered.again.map(\.append.stream))
        var rest: [Member] = []
        for member in members[middle...] {
            if busy.contains(member.append.stream) {
                unanswered.busy.append(member)
            } else if again.contains(member.append.stream) {
                unanswered.again.append(member)
            } else {
                rest.append(member)
            }
        }
        guard !rest.isEmpty else { return unanswered }
        let second = await attempt(rest, isCallersOwn: isCallersOwn)
        unanswered.again += second.again
        unanswered.busy += second.busy
        return unanswered
    }

    /// An append whose stream somebody holds: on a connection of its own it waits for the lock, for a while. Then others have
    /// their turn, and it comes again, until its deadline.
    ///
    /// The server ends the waiting (`lock_timeout`), because a cancel request could end the wait for a synchronous standby
    /// instead and make a success of what is not replicated; for the same reason an answer after a cancel counts as none.
    func sendInLane(_ member: Member) async -> Unanswered {
        guard member.deadline > .now else { return fail([member]) { .timedOutInLane($0.append.stream) } }
        do {
            let (rows, isLastTry) = try await client.withConnection { connection -> (Rows?, Bool) in
                let left = ContinuousClock.now.duration(to: member.deadline)
                // The server's answer, that it waited in vain, is to be here in time.
                let lastPatience = left - Self.laneAnswer
                let patience = max(min(configuration.lanePatience, lastPatience), .milliseconds(1))
                let sql = statements.one(
                    member.append, isResent: member.isResent, patience: patience, known: member.known ?? 0)
                let deadline = min(patience + configuration.statementTimeout, left)
                let limit = ContinuousClock.now + deadline
                guard left > .zero else { return (nil, true) }
                do throws(PostgresError) {
                    let rows = try await connection.query(sql, deadline: deadline)
                    guard ContinuousClock.now < limit else {
                        throw PostgresError(
                            .outcomeUnknown, "the answer came after the append's time was up", outcome: .unknown)
                    }
                    return (rows, true)
                } catch {
                    guard error.sqlState == .lockNotAvailable else { throw error }
                    return (nil, lastPatience <= configuration.lanePatience)
                }
            }
            if let rows { return settle([member], [statements.outcome(of: rows)]) }
            if isLastTry { return fail([member]) { .streamHeld($0.append.stream) } }
            return Unanswered(busy: [member])
        } catch let error as PostgresError {
            return await recover([member], from: error)
        } catch {
            return fail([member]) { _ in EventStoreError(.unavailable, "\(error)") }
        }
    }

    /// What is left of an append's time for the answer that its stream was held.
    private static let laneAnswer = Duration.milliseconds(100)

    /// Answers the members by the database's words about each.
    private func settle(_ members: [Member], _ outcomes: [Result<AppendOutcome, EventStoreError>]) -> Unanswered {
        var unanswered = Unanswered()
        var last: Int64?
        var wentBack = false
        for (index, member) in members.enumerated() {
            guard index < outcomes.count else {
                member.reply.complete(
                    .failure(
                        .unreadable("the database answered for \(outcomes.count) appends only").naming(member.append)))
                continue
            }
            switch outcomes[index] {
            case .success(.busy):
                unanswered.busy.append(member)
            case .success(let outcome):
                if case .appended(_, _, let position) = outcome {
                    last = max(last ?? position, position)
                    // A crash took positions back that were drawn and not flushed.
                    if let known = member.known, position <= known { wentBack = true }
                }
                member.answer(outcome)
            case .failure(let error):  // the transaction has committed, and nobody can read what it did
                member.reply.complete(.failure(error.naming(member.append)))
            }
        }
        if let last {
            if wentBack { end.seen(last) } else { end.heard(last) }
            committed()
        }
        return unanswered
    }

    private func fail(_ members: [Member], _ error: (Member) -> EventStoreError) -> Unanswered {
        for member in members { member.fail(error(member)) }
        return Unanswered()
    }

    private func recover(_ members: [Member], from error: PostgresError) async -> Unanswered {
        if error.sqlState == .lockNotAvailable {  // the stream is just being created by somebody
            return Unanswered(busy: members)
        }
        // A cancelled run() is a hard stop: nothing more can be sent, so nothing more can be found out.
        guard error.outcome != .failed, error.code != .notRunning, error.code != .closed, !Task.isCancelled else {
            return fail(members) { EventStoreError(appending: error, to: $0.append.stream, id: $0.append.id) }
        }
        logger.debug(
            "an append group is sent again",
            metadata: ["skald.appends": "\(members.count)", "error": "\(error)", "outcome": "\(error.outcome)"])
        end.forget()
        var unanswered = Unanswered()
        for var member in members {
            member.attempts += 1
            // Once unknown, always unknown: a later refusal does not say what became of the first attempt.
            member.isUnknown = member.isUnknown || error.outcome == .unknown
            if member.deadline > .now {
                unanswered.again.append(member)
            } else {
                member.fail(EventStoreError(appending: error, to: member.append.stream, id: member.append.id))
            }
        }
        if let earliest = unanswered.again.lazy.map(\.deadline).min() {
            await Self.pause(attempts: members.map(\.attempts).max() ?? 0, until: earliest)
        }
        return unanswered
    }

    /// Full jitter (Brooker, "Exponential Backoff and Jitter", AWS 2015): 10 ms doubling up to 1 s.
    static func pause(attempts: Int, until deadline: ContinuousClock.Instant) async {
        let ceiling = Duration.milliseconds(min(1_000, 10 << min(attempts, 7)))
        try? await Task.sleep(for: min(ceiling * Double.random(in: 0...1), ContinuousClock.now.duration(to: deadline)))
    }
}

extension AppendQueue<Ticket>.Member {
    /// Answers with an error that is not the database's verdict on the append. If an earlier attempt may have happened,
    /// that is what the caller has to know (ES2).
    func fail(_ error: EventStoreError) {
        reply.complete(.failure(isUnknown ? .unknown(append, because: error) : error))
    }

    /// Answers with the database's verdict. If an earlier attempt may still be on its way, a conflict that it need not meet
    /// when it arrives is none (ES2).
    func answer(_ outcome: AppendOutcome) {
        let result = outcome.result(of: append)
        if isUnknown, case .failure(let error) = result, !error.isVerdict {
            fail(error)
        } else {
            reply.complete(result)
        }
    }
}

extension PostgresError {
    /// Whether a group failed for something that one of its members brought along: then the others can go without it.
    fileprivate var isOneMembersFault: Bool {
        guard code == .server, outcome == .failed, let sqlState else { return false }
        // Not what every statement would meet: a server that only reads (25), rights (28, 42), a full disk or memory (53),
        // an operator (55, 57), the system (58, XX), or a sequence that was set back (SK008).
        return !["25", "28", "42", "53", "55", "57", "58", "XX"].contains(sqlState.classCode)
            && sqlState.rawValue != "SK008"
    }
}
