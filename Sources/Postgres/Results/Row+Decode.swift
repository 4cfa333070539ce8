extension Row {
    /// Reads all columns, in order: `let (id, name) = try row.decode(Int64.self, String?.self)`.
    ///
    /// Throws an error of code `decoding` where the row has another number of columns, or a value is not of the type asked
    /// for; it names column, row, PostgreSQL's type and Swift's.
    @inlinable
    public func decode<each T: PostgresDecodable>(
        _ types: repeat (each T).Type
    ) throws(PostgresError) -> (repeat each T) {
        var wanted = 0
        for _ in repeat each types { wanted += 1 }
        guard wanted == count else { throw countError(wanted) }
        var next = 0
        return (repeat try (each T)(from: takeCell(&next)))
    }

    /// Reads the only column with this name.
    @inlinable
    public func decode<T: PostgresDecodable>(_ name: String, as type: T.Type = T.self) throws(PostgresError) -> T {
        try T(from: self[name])
    }

    @usableFromInline
    func takeCell(_ next: inout Int) -> PostgresCell {
        defer { next += 1 }
        return result.cell(row: index, column: next)
    }

    @usableFromInline
    func countError(_ wanted: Int) -> PostgresError {
        let names = (0..<count).map { "\"\(result.columnName($0))\"" }.joined(separator: ", ")
        return PostgresError(
            .decoding, "cannot decode a row of \(count) columns (\(names)) as \(wanted) values",
            hint: "Name one Swift type for each column that the statement returns.")
    }
}
