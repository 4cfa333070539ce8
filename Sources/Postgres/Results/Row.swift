/// One row of a result. It keeps the result alive and copies nothing.
public struct Row: Sendable {
    let result: ResultHandle

    /// The row's number in its result, the first one being 0. When rows are streamed, each is row 0 of its own.
    public let index: Int

    init(result: ResultHandle, index: Int) {
        self.result = result
        self.index = index
    }

    /// How many columns the row has.
    public var count: Int { result.columnCount }

    /// The value in a column. The first column is 0; it is a programmer's error to ask for one that is not there.
    public subscript(column: Int) -> PostgresCell {
        precondition(column >= 0 && column < result.columnCount, "the row has no column \(column)")
        return result.cell(row: index, column: column)
    }

    /// The value in the only column with this name, which is compared exactly.
    ///
    /// Throws an error of code `decoding` where no column, or more than one, has the name.
    public subscript(name: String) -> PostgresCell {
        get throws(PostgresError) {
            result.cell(row: index, column: try result.column(named: name))
        }
    }
}
