extension PostgresCell {
    /// An error that says where the cell is, what it is and what was wanted of it.
    ///
    /// For decoders: `reason` is the rest of a sentence, without the value itself.
    @inline(never)
    public func error<T>(_ wanted: T.Type, _ reason: String, hint: String? = nil) -> PostgresError {
        PostgresError(
            .decoding, "cannot decode \(place), of type \(type.name), as Swift's \(wanted): \(reason)", hint: hint)
    }

    /// The error for a null where a value is needed.
    @inline(never)
    func nullError<T>(_ wanted: T.Type) -> PostgresError {
        error(wanted, "it is null", hint: "Decode it as \(wanted)? where null is allowed.")
    }

    /// The error for a value of another type.
    @inline(never)
    func typeError<T>(_ wanted: T.Type, accepted: String) -> PostgresError {
        if isText {
            return error(
                wanted, "it came as text", hint: "Results of the simple protocol can only be decoded as String.")
        }
        return error(wanted, "that Swift type reads \(accepted)", hint: "Decode another Swift type, or cast in SQL.")
    }

    /// The error for bytes that are not the type's binary form.
    @inline(never)
    func malformed<T>(_ wanted: T.Type) -> PostgresError {
        error(wanted, "its \(byteCountForErrors) bytes are not the binary form of its type")
    }

    private var byteCountForErrors: Int { withBytes { $0?.count ?? 0 } }
}
