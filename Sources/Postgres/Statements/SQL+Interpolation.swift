extension SQL: ExpressibleByStringInterpolation {
    /// A statement without values.
    public init(stringLiteral text: String) {
        self.init(unescaped: text)
    }

    /// A statement with its values.
    public init(stringInterpolation: StringInterpolation) {
        self = stringInterpolation.sql
    }

    /// Collects text and values.
    public struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var sql: SQL

        /// Called by the compiler.
        public init(literalCapacity: Int, interpolationCount: Int) {
            sql = SQL(literalCapacity: literalCapacity, interpolationCount: interpolationCount)
        }

        /// Called by the compiler.
        public mutating func appendLiteral(_ literal: String) {
            sql.append(unescaped: literal)
        }

        /// Binds a value.
        @inlinable
        public mutating func appendInterpolation<T: PostgresEncodable>(_ value: T) {
            append(PostgresBind(value))
        }

        /// Binds a value, or null.
        @inlinable
        public mutating func appendInterpolation<T: PostgresEncodable>(_ value: T?) {
            append(PostgresBind(value))
        }

        /// Binds what has been encoded already.
        public mutating func appendInterpolation(_ bind: PostgresBind) {
            sql.append(bind)
        }

        /// Puts in another statement's text, with its parameters renumbered.
        public mutating func appendInterpolation(_ fragment: SQL) {
            sql.append(fragment)
        }

        /// Puts in a name, quoted as an identifier. Case counts; a name is at most 63 bytes long.
        public mutating func appendInterpolation(identifier name: String) {
            sql.append(identifier: name)
        }

        /// Puts in text as it is. Never use it with anything that comes from outside.
        public mutating func appendInterpolation(unescaped text: String) {
            sql.append(unescaped: text)
        }

        @usableFromInline
        mutating func append(_ bind: PostgresBind) {
            sql.append(bind)
        }
    }
}
