import EventSourcing
import Postgres
import SkaldTesting
import Testing

/// What every test that appends ends with (ES4): versions without holes or repetitions, adjacent in every append, in the
/// order of positions, and as the stream's row says.
func expectSoundLog(_ database: TestDatabase, sourceLocation: SourceLocation = #_sourceLocation) async throws {
    let flaws = try await database.psql(
        """
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
        """)
    #expect(flaws.isEmpty, "\(flaws)", sourceLocation: sourceLocation)
}
