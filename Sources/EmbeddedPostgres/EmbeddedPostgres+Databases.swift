extension EmbeddedPostgres {
    /// Makes a database.
    ///
    /// - Parameters:
    ///   - name: its name, taken literally.
    ///   - template: the database to copy, which nobody may be connected to; PostgreSQL's own template unless given.
    public func createDatabase(_ name: String, template: String? = nil) async throws(EmbeddedPostgresError) {
        let copying = template.map { " template \(quotedIdentifier($0))" } ?? ""
        _ = try await psql("create database \(quotedIdentifier(name))\(copying)")
    }

    /// Removes a database and ends the connections to it. Nothing happens if there is none.
    public func dropDatabase(_ name: String) async throws(EmbeddedPostgresError) {
        _ = try await psql("drop database if exists \(quotedIdentifier(name)) with (force)")
    }

    /// Runs a script with `psql`, statement by statement, and gives what it printed: rows by line, columns parted by
    /// `|`, no headings.
    ///
    /// - Parameters:
    ///   - script: SQL, and psql's own commands.
    ///   - database: the database, "postgres" unless given.
    ///   - user: the role, the superuser unless given.
    /// - Throws: ``EmbeddedPostgresError`` with psql's words at the first statement that fails.
    public func psql(
        _ script: String, database: String = "postgres", user: String? = nil
    ) async throws(EmbeddedPostgresError) -> String {
        var words = ["\(programFolder)/psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align"]
        words += ["--set", "ON_ERROR_STOP=1", "--dbname", connectionString(database: database, user: user)]
        let command = Command(words, input: script)
        return try await onHelperThread { () throws(EmbeddedPostgresError) in try command.run().trimmedEnd }
    }
}
