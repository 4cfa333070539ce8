// Statements end up in logs. Their values must not, and would without these.

extension SQL: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The text with `$1` in place of its values, and passwords blotted out.
    public var description: String { Redaction.statement(text) }

    /// The text with `$1` in place of its values, and passwords blotted out.
    public var debugDescription: String { description }

    /// Shows the text and the types of the values.
    public var customMirror: Mirror {
        Mirror(self, children: ["text": description, "binds": binds.map(\.type.name)])
    }
}

extension PostgresBind: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The type and whether there is a value, but not the value.
    public var description: String {
        if error != nil { return "\(type) (refused)" }
        return bytes.map { "\(type) (\($0.count) bytes)" } ?? "\(type) (null)"
    }

    /// The type and whether there is a value, but not the value.
    public var debugDescription: String { description }

    /// Shows what the description says.
    public var customMirror: Mirror { Mirror(self, children: ["description": description]) }
}
