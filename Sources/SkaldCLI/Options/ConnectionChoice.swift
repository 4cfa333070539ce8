/// Which database to connect to, and where that was said, so that an error can name the place.
struct ConnectionChoice: Sendable, Hashable {
    /// libpq's connection string; empty leaves everything to libpq: PGHOST, PGUSER, PGSERVICE and its defaults.
    let text: String
    let origin: String

    /// The flag, then `SKALD_URL`, then `DATABASE_URL`, then libpq's own PG* variables.
    init(flag: String?, environment: [String: String]) {
        for (text, origin) in [
            (flag, "--url"), (environment["SKALD_URL"], "SKALD_URL"), (environment["DATABASE_URL"], "DATABASE_URL"),
        ] {
            guard let text, !text.isEmpty else { continue }
            self.text = text
            self.origin = origin
            return
        }
        let variables = ["PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE", "PGUSER", "PGSERVICE"]
        let set = variables.filter { environment[$0] != nil }
        text = ""
        origin =
            set.isEmpty
            ? "libpq's defaults, because neither --url nor SKALD_URL nor DATABASE_URL is set"
            : set.joined(separator: ", ")
    }
}
