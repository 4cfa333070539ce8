import CLibPQ

extension ResultHandle {
    /// What the server says that it did, such as `COMMIT` or `INSERT 0 1`.
    var commandTag: String { PQcmdStatus(pointer).map { String(cString: $0) } ?? "" }

    /// The command, where it changes the session for those who come next. The usual ones are told by their first letters.
    var sessionCommand: String? {
        guard let tag = PQcmdStatus(pointer) else { return nil }
        switch UInt8(bitPattern: tag[0]) {
        case UInt8(ascii: "B"), UInt8(ascii: "L"), UInt8(ascii: "P"), UInt8(ascii: "D"): break
        case UInt8(ascii: "S") where UInt8(bitPattern: tag[2]) != UInt8(ascii: "L"): break
        default: return nil
        }
        let command = String(cString: tag)
        return Self.sessionCommands.contains(command) ? command : nil
    }

    private static let sessionCommands: Set = [
        "BEGIN", "START TRANSACTION", "SET", "LISTEN", "DECLARE CURSOR", "PREPARE", "LOAD",
    ]
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
