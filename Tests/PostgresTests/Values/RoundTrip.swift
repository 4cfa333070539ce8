import Testing

@testable import Postgres

/// Encodes a value as a bind and reads it back from a cell, as if the server had returned what it was sent.
func roundTrip<T: PostgresEncodable & PostgresDecodable>(_ value: T) throws -> T {
    try cell(holding: value).decode(T.self)
}

/// A cell with the bytes that a value is encoded to.
func cell<T: PostgresEncodable>(holding value: T) throws -> PostgresCell {
    let bind = PostgresBind(value)
    if let error = bind.error { throw error }
    return PostgresCell(bind.bytes, type: bind.type)
}

/// The bytes that a value is encoded to.
func encoded<T: PostgresEncodable>(_ value: T) throws -> [UInt8] {
    var buffer = PostgresBuffer()
    try value.encode(into: &buffer)
    return buffer.bytes
}

/// Bytes written as hexadecimal digits; blanks between them are for the reader.
func hex(_ digits: String) -> [UInt8] {
    let digits = Array(digits.filter { !$0.isWhitespace })
    return stride(from: 0, to: digits.count, by: 2).compactMap { UInt8(String(digits[$0...$0 + 1]), radix: 16) }
}

/// The error that `body` throws, for a closer look at it.
func postgresError(
    sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
) throws -> PostgresError {
    try #require(throws: PostgresError.self, sourceLocation: sourceLocation) { try body() }
}
