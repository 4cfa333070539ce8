/// A value bound to a parameter of a statement, in PostgreSQL's binary form.
public struct PostgresBind: Sendable {
    /// The type that the parameter is declared with.
    public let type: PostgresType

    /// The value's bytes; nil for null.
    public let bytes: [UInt8]?

    /// Why the value has no binary form. It is thrown when the statement is sent.
    public let error: PostgresError?

    /// Bytes that are the binary form of `type`; nil for null.
    public init(_ bytes: [UInt8]?, type: PostgresType) {
        self.type = type
        self.bytes = bytes
        error = nil
    }

    /// A value, or null.
    @inlinable
    public init<T: PostgresEncodable>(_ value: T?) {
        guard let value else {
            self.init(nil, type: T.postgresType)
            return
        }
        var buffer = PostgresBuffer()
        do {
            try value.encode(into: &buffer)
            self.init(buffer.bytes, type: T.postgresType)
        } catch {
            self.init(refusing: error, type: T.postgresType)
        }
    }

    @usableFromInline
    init(refusing error: PostgresError, type: PostgresType) {
        self.type = type
        bytes = nil
        self.error = error
    }
}

extension PostgresBind: Hashable {
    /// Binds are equal when type and bytes are; refused ones when they were refused with the same words.
    public static func == (a: PostgresBind, b: PostgresBind) -> Bool {
        a.type == b.type && a.bytes == b.bytes && a.error?.message == b.error?.message
    }

    /// Hashes type, bytes and the words of the refusal.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(type)
        hasher.combine(bytes)
        hasher.combine(error?.message)
    }
}
