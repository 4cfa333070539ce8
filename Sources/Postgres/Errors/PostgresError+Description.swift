extension PostgresError: CustomStringConvertible, CustomDebugStringConvertible {
    /// The kind of failure and nothing else: an error that leaks into a response gives nothing away.
    public var description: String {
        guard let sqlState else { return "PostgresError(\(code))" }
        return "PostgresError(\(code), SQLSTATE \(sqlState))"
    }

    /// All that is known, on several lines: for logs and developers.
    public var debugDescription: String {
        var lines = ["\(description): \(message)"]
        func add(_ label: String, _ value: String?) {
            if let value, !value.isEmpty { lines.append("  \(label): \(value)") }
        }
        add("severity", severity)
        add("detail", detail)
        add("hint", hint)
        add("schema", schemaName)
        add("table", tableName)
        add("column", columnName)
        add("data type", dataTypeName)
        add("constraint", constraintName)
        add("statement", statement)
        add("position", position.map(String.init))
        add("internal statement", internalStatement)
        add("context", context)
        add("outcome", "\(outcome)")
        add("underlying", underlying.map { String(reflecting: $0) })
        return lines.joined(separator: "\n")
    }
}
