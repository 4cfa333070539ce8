/// What INVARIANTS.md promises, compared with what an attack has recorded: complaints, one for each promise broken.
struct Verdict {
    let record: Attack.Record

    var complaints: [String] {
        acknowledged() + failed() + wholeAppends() + repetitions() + firstWins() + realTime() + streamOrder()
            + stableScans()
            + followers()
    }

    private var byKey: [String: [GivenEvent]] { Dictionary(grouping: record.stored, by: \.key) }

    /// ES1: what was acknowledged is there, where it was said to be.
    private func acknowledged() -> [String] {
        let stored = byKey
        return record.appends.compactMap { append in
            guard case .done(let result) = append.outcome else { return nil }
            let events = (stored[append.key] ?? []).sorted { $0.version < $1.version }
            let isThere =
                events.map(\.version) == Array(result.first...result.last) && events.count == append.events
                && events.map(\.number) == (0..<Int64(append.events)).map(\.self)
                && events.last?.position == result.position && events.allSatisfy { $0.stream == append.stream }
            return isThere ? nil : "ES1: \(append.stream) \(result) was acknowledged, and is \(events)"
        }
    }

    /// ES2: what was said to have failed is absent.
    private func failed() -> [String] {
        let stored = byKey
        return record.appends.filter { $0.outcome == .failed }.compactMap { append in
            stored[append.key].map { "ES2: \(append.stream) was said to have failed, and is \($0)" }
        }
    }

    /// ES2, ES3, ES10: what is there of an append, whatever was said, is all of it, once, in adjacent versions.
    private func wholeAppends() -> [String] {
        let sent = Dictionary(record.appends.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        return byKey.compactMap { key, events in
            let versions = events.map(\.version).sorted()
            let isWhole =
                sent[key]?.events == events.count && Set(events.map(\.number)).count == events.count
                && versions.last.map { $0 - versions[0] + 1 } == Int64(events.count)
            return isWhole ? nil : "ES3: append \(key) is in pieces or twice: \(events)"
        }
    }

    /// ES10: the same append made again is told the same.
    private func repetitions() -> [String] {
        record.appends.compactMap { append in
            guard case .done(let result) = append.outcome, let again = append.repetition, again != result else {
                return nil
            }
            return "ES10: an append to \(append.stream) was \(result), and \(again) when it was made again"
        }
    }

    /// ES5: of all who expected a version of a stream, one at most was told that it had succeeded.
    private func firstWins() -> [String] {
        let winners = record.appends.filter { append in
            if case .done = append.outcome { append.expected >= -1 } else { false }
        }
        return Dictionary(grouping: winners) { "\($0.stream) at \($0.expected)" }.filter { $0.value.count > 1 }
            .map { "ES5: \($0.value.count) appends won \($0.key)" }
    }

    /// ES6: what was begun after an acknowledgement has a higher position.
    private func realTime() -> [String] {
        let done = record.appends.compactMap { append -> (append: AttackedAppend, position: Int64)? in
            if case .done(let result) = append.outcome { (append, result.position) } else { nil }
        }
        var byEnd = done.sorted { $0.append.ended < $1.append.ended }[...]
        var highest: Int64 = 0
        var complaints: [String] = []
        for (append, position) in done.sorted(by: { $0.append.began < $1.append.began }) {
            while let first = byEnd.first, first.append.ended < append.began {
                highest = max(highest, first.position)
                byEnd.removeFirst()
            }
            if position <= highest { complaints.append("ES6: \(position) was begun after \(highest) was acknowledged") }
        }
        return complaints
    }

    /// ES4 and ES7: in the order of positions every stream has the versions 0, 1, 2, …
    private func streamOrder() -> [String] {
        var next: [String: Int64] = [:]
        return record.stored.compactMap { event in
            let expected = next[event.stream, default: 0]
            next[event.stream] = max(expected, event.version + 1)
            return event.version == expected ? nil : "ES7: \(event) where version \(expected) belongs"
        }
    }

    /// ES8: of two scans the shorter is the beginning of the longer.
    private func stableScans() -> [String] {
        zip(record.scans, record.scans.dropFirst()).compactMap { first, second in
            zip(first, second).first { $0 != $1 }.map { "ES8: a scan saw \($0), a later one \($1)" }
        }
    }

    /// ES9 and ES15: every follower was given everything, once, in order.
    private func followers() -> [String] {
        record.given.compactMap { given in
            if given == record.stored { return nil }
            let missing = Set(record.stored).subtracting(given).min { $0.position < $1.position }
            return
                "ES9, ES15: a follower was given \(given.count) of \(record.stored.count) events; the first it lacks: "
                + (missing.map { "\($0)" } ?? "none, the order is wrong")
        }
    }
}
