public import Testing

/// How a test leaves the log of its database.
public enum LogAtTheEnd: Sendable {
    /// Every stream's versions are 0, 1, 2, … in the order of positions, and every append is whole (ES3, ES4, ES7).
    case sound
    /// Not so, on purpose: why.
    case unsound(Comment)
}

extension TestDatabase {
    /// Asks whether the log is sound; one line for each flaw, and none where there is no log, or nothing in it.
    ///
    /// Versions without holes or repetitions, adjacent in every append, in the order of positions, and as the stream's row
    /// says (ES3, ES4, ES7). ``withTestDatabase(_:on:log:_:)`` asks this of every database at its end.
    public func logFlaws() async throws -> String {
        try await psql(Self.question)
    }

    /// Fails the test if the log is not sound by now; at the end that is done anyway.
    public func expectSoundLog(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let flaws = try await logFlaws()
        if !flaws.isEmpty {
            Issue.record("the log of \(name) is not sound:\n\(flaws)", sourceLocation: sourceLocation)
        }
    }

    private static let question = """
        set statement_timeout = '60s';
        select to_regclass('skald.events') is not null and to_regclass('skald.streams') is not null as has_log \\gset
        \\if :has_log
        select format('%s: version %s follows %s', stream, version, previous) from (
            select tenant, stream, version, lag(version, 1, -1::bigint) over (partition by tenant, stream order by version) as previous
              from skald.events) as v where version <> previous + 1
        union all
        select format('%s: position %s at version %s is not above %s', stream, position, version, previous) from (
            select stream, version, position,
                   lag(position) over (partition by tenant, stream order by version) as previous
              from skald.events) as p where position <= previous
        union all
        select format('%s: the row says version %s and positions %s to %s, the events %s and %s to %s', s.name, s.version,
                      s.origin, s.last_position, e.version, e.origin, e.last_position)
          from skald.streams s
          full join (select tenant, stream, max(version) as version, min(position) as origin, max(position) as last_position
                       from skald.events group by tenant, stream) as e on e.tenant = s.tenant and e.stream = s.name
         where (s.version, s.origin, s.last_position) is distinct from (e.version, e.origin, e.last_position)
        union all
        select format('append %s is in pieces (ES3)', append_id) from (
            select append_id, stream, max(version) - min(version) + 1 - count(*) as missing, count(distinct xmin::text) as transactions
              from skald.events where append_id is not null group by append_id, tenant, stream) as a
         where missing <> 0 or transactions <> 1
         limit 20;
        \\endif
        """
}
