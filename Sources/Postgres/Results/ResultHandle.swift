import CLibPQ

/// Owns one of libpq's results and clears it when the last row that borrows from it is gone.
///
/// Not checked for `Sendable`: libpq's manual (section 34.20, "Behavior in Threaded Programs") says that PGresult objects
/// are normally read-only after creation and so can be passed around freely between threads. Nothing here writes to it.
final class ResultHandle: @unchecked Sendable {
    let pointer: OpaquePointer
    let rowCount: Int
    let columnCount: Int

    /// Takes over `pointer`, which must not be cleared by anybody else.
    init(_ pointer: OpaquePointer) {
        self.pointer = pointer
        rowCount = Int(PQntuples(pointer))
        columnCount = Int(PQnfields(pointer))
    }

    deinit {
        PQclear(pointer)
    }

    /// What libpq says the result is.
    var status: ExecStatusType { PQresultStatus(pointer) }

    /// How many rows the statement touched; 0 for a statement that touches none.
    var affected: Int { PQcmdTuples(pointer).flatMap { Int(String(cString: $0)) } ?? 0 }

    func columnName(_ column: Int) -> String {
        PQfname(pointer, Int32(column)).map { String(cString: $0) } ?? ""
    }

    func columnType(_ column: Int) -> UInt32 {
        PQftype(pointer, Int32(column))
    }

    /// One value. Row and column must exist.
    @inline(__always)
    func cell(row: Int, column: Int) -> PostgresCell {
        let (r, c) = (Int32(truncatingIfNeeded: row), Int32(truncatingIfNeeded: column))
        let value = PQgetisnull(pointer, r, c) == 0 ? PQgetvalue(pointer, r, c) : nil
        return PostgresCell(
            owner: self, start: value.map { UnsafeRawPointer($0) }, byteCount: Int(PQgetlength(pointer, r, c)),
            typeOID: PQftype(pointer, c), isText: PQfformat(pointer, c) == 0, row: row, column: column)
    }

    /// The number of the only column with this name, compared byte by byte.
    func column(named name: String) throws(PostgresError) -> Int {
        var found: Int?
        for column in 0..<columnCount where isName(of: column, name) {
            guard found == nil else {
                throw PostgresError(
                    .decoding, "several columns are called \"\(name)\"", hint: "Read them by number, or rename them.")
            }
            found = column
        }
        guard let found else {
            let names = (0..<columnCount).map { "\"\(columnName($0))\"" }.joined(separator: ", ")
            throw PostgresError(.decoding, "no column is called \"\(name)\"", hint: "There are: \(names).")
        }
        return found
    }

    private func isName(of column: Int, _ name: String) -> Bool {
        guard let start = PQfname(pointer, Int32(column)) else { return false }
        var rest = UnsafePointer(start)
        for byte in name.utf8 {
            // A column's name ends with a NUL, which no byte of it equals; a NUL in `name` must not match that end.
            guard byte != 0, UInt8(bitPattern: rest.pointee) == byte else { return false }
            rest += 1
        }
        return rest.pointee == 0
    }
}
