extension Scan {
    /// Throws where PostgreSQL could not store the bytes as JSON text, whatever the JSON says.
    static func requireStorable(_ json: [UInt8], asJSONB: Bool) throws(PostgresError) {
        let refusal = json.withUnsafeBytes { bytes -> PostgresError? in
            if hasNUL(bytes) {
                return PostgresError(.encoding, "the JSON has a NUL byte in it", hint: "No JSON text may.")
            }
            if let position = firstInvalidUTF8(bytes) {
                return PostgresError(
                    .encoding, "the JSON is not UTF-8 from byte \(position) on", hint: "Encode it as UTF-8.")
            }
            if asJSONB, hasEscapedNUL(bytes) {
                return PostgresError(
                    .encoding, "the JSON has the escape \\u0000 in it, which jsonb cannot store",
                    hint: "Remove the NUL from the text, or bind it as JSON, which keeps the escape as it is.")
            }
            return nil
        }
        if let refusal { throw refusal }
    }
}
