/// Names of tables, columns and the like.
enum Identifier {
    /// The most bytes of a name (NAMEDATALEN - 1). PostgreSQL cuts a longer one, so that two names could meet.
    static let maximumBytes = 63

    /// The name in double quotes, ready to stand in a statement.
    ///
    /// Throws an error of code `invalidArgument` where it is empty, longer than 63 bytes, or has a NUL in it.
    static func quoted(_ name: String) throws(PostgresError) -> String {
        guard !name.isEmpty else { throw refusal("an identifier is empty") }
        guard !name.utf8.contains(0) else { throw refusal("an identifier has a NUL in it") }
        guard name.utf8.count <= maximumBytes else {
            throw refusal(
                "the identifier \"\(name)\" is \(name.utf8.count) bytes long; PostgreSQL keeps \(maximumBytes)")
        }
        var quoted = "\""
        for character in name.unicodeScalars {
            if character == "\"" { quoted.unicodeScalars.append("\"") }
            quoted.unicodeScalars.append(character)
        }
        return quoted + "\""
    }

    private static func refusal(_ message: String) -> PostgresError {
        PostgresError(.invalidArgument, message, outcome: .failed)
    }
}
