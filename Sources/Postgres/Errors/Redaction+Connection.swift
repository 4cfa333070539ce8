import CLibPQ

extension Redaction {
    /// A connection string that may be logged: keywords and values with the passwords blotted out.
    ///
    /// libpq itself takes the string apart and says which of its options are secret. What it cannot take apart, or has
    /// taken apart in a way that nobody meant, is not shown at all.
    static func connectionString(_ text: String) -> String {
        guard let options = ConnectionOptions(text), !options.looksMisread else {
            return "(a connection string that cannot be shown: libpq does not read it as it was meant)"
        }
        return options.values.map { option in
            "\(option.keyword)=\(option.isSecret ? blot : quoted(option.value))"
        }.joined(separator: " ")
    }

    /// libpq's message about a connection, without the passwords of the connection string.
    static func message(_ message: String, connectionString: String) -> String {
        guard let options = ConnectionOptions(connectionString) else {
            // The message quotes the place where it stopped reading, which may be in the middle of a password.
            return cutAtQuote(message)
        }
        guard !options.looksMisread else {
            return
                "the connection string names no server that could be reached, probably because of a special character "
                + "in its password; in a URI, write @ : / ? # and % as %40 %3A %2F %3F %23 and %25"
        }
        return options.values.reduce(message) { message, option in
            // libpq never quotes the password it uses; this is for what a server or a proxy may send back.
            guard option.isSecret, option.value.utf8.count >= 3 else { return message }
            return message.split(separator: option.value, omittingEmptySubsequences: false).joined(separator: blot)
        }
    }

    /// The message up to the first thing that it quotes, other than punctuation.
    private static func cutAtQuote(_ message: String) -> String {
        var parts = message.split(separator: "\"", omittingEmptySubsequences: false)[...]
        var kept = String(parts.popFirst() ?? "")
        while let quoted = parts.popFirst() {
            guard ["=", "]", ":", "/", ":\" or \"/"].contains(quoted), let next = parts.popFirst() else {
                return kept + blot
            }
            kept += "\"\(quoted)\"\(next)"
        }
        return kept
    }

    /// A value as a connection string spells it.
    private static func quoted(_ value: String) -> String {
        let isPlain = !value.isEmpty && !value.contains { $0.isWhitespace || $0 == "'" || $0 == "\\" }
        guard !isPlain else { return value }
        return "'" + value.map { $0 == "'" || $0 == "\\" ? "\\\($0)" : String($0) }.joined() + "'"
    }
}

/// A connection string as libpq reads it.
private struct ConnectionOptions {
    struct Option {
        let keyword: String
        let value: String
        let isSecret: Bool
    }

    /// The options that the string sets, in libpq's order.
    let values: [Option]
    private let isURI: Bool

    /// Nil where libpq cannot read it.
    init?(_ text: String) {
        guard let options = PQconninfoParse(text, nil) else { return nil }
        defer { PQconninfoFree(options) }
        var values: [Option] = []
        var next = options
        while let keyword = next.pointee.keyword {
            if let value = next.pointee.val {
                // "*" marks the options that a program is asked to show as stars.
                let isSecret = next.pointee.dispchar.map { $0[0] == CChar(UInt8(ascii: "*")) } ?? false
                values.append(
                    Option(keyword: String(cString: keyword), value: String(cString: value), isSecret: isSecret))
            }
            next += 1
        }
        self.values = values
        isURI = text.hasPrefix("postgres://") || text.hasPrefix("postgresql://")
    }

    /// Whether a URI's password was probably cut apart at a character that it should have escaped, and its rest has become
    /// a host, a port or a database.
    var looksMisread: Bool {
        isURI
            && values.contains { option in
                switch option.keyword {
                case "host", "dbname": option.value.contains("@")
                case "port": !option.value.allSatisfy { $0.isNumber || $0 == "," }
                default: false
                }
            }
    }
}
