/// The whole result of a statement, in memory.
public struct Rows: Sendable {
    let result: ResultHandle

    init(_ result: ResultHandle) {
        self.result = result
    }

    /// How many rows the statement inserted, updated, deleted, merged or selected; 0 for other statements.
    public var affected: Int { result.affected }

    /// The columns, in order. Made anew at each call.
    public var columns: [PostgresColumn] {
        (0..<result.columnCount).map { column in
            PostgresColumn(name: result.columnName(column), type: .of(oid: result.columnType(column)))
        }
    }

    /// Reads all columns of every row, in order: `for (id, name) in try rows.decode(Int64.self, String.self)`.
    ///
    /// Throws as ``Row/decode(_:)`` does.
    @inlinable
    public func decode<each T: PostgresDecodable>(
        _ types: repeat (each T).Type
    ) throws(PostgresError) -> [(repeat each T)] {
        var values: [(repeat each T)] = []
        values.reserveCapacity(count)
        for row in self {
            values.append(try row.decode(repeat each types))
        }
        return values
    }

    /// The only row. Throws an error of code `decoding` where there is none or more than one.
    public func one() throws(PostgresError) -> Row {
        guard count == 1 else {
            throw PostgresError(.decoding, "one row was wanted and there are \(count)")
        }
        return self[0]
    }
}

extension Rows: RandomAccessCollection {
    /// The number of the first row: 0.
    public var startIndex: Int { 0 }

    /// The number of rows.
    public var endIndex: Int { result.rowCount }

    /// A row. It is a programmer's error to ask for one that is not there.
    public subscript(position: Int) -> Row {
        precondition(position >= 0 && position < result.rowCount, "the result has no row \(position)")
        return Row(result: result, index: position)
    }
}
