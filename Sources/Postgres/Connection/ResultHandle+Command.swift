import CLibPQ

extension ResultHandle {
    /// What the server says that it did, such as `COMMIT` or `INSERT 0 1`.
    var commandTag: String { PQcmdStatus(pointer).map { String(cString: $0) } ?? "" }
}

extension SQL {
    /// The text of a statement that goes by the simple protocol, which has no parameters.
    func textWithoutBinds() throws(PostgresError) -> String {
        try validated()
        guard binds.isEmpty else {
            throw PostgresError(
                .invalidArgument, "COPY takes no values", hint: "Put constants in with \\(unescaped:), quoted.",
                outcome: .failed
            ).naming(statement: text)
        }
        return text
    }
}
