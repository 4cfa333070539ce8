import CLibPQ

extension ResultHandle {
    /// What the server says that it did, such as `COMMIT` or `INSERT 0 1`.
    var commandTag: String { PQcmdStatus(pointer).map { String(cString: $0) } ?? "" }
}
