// The connection string may hold a password, and configurations are printed, logged and dumped.
extension PostgresClient.Configuration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// What it connects to, without passwords.
    public var description: String {
        "PostgresClient.Configuration(\(Redaction.connectionString(connectionString)))"
    }

    /// The same as `description`.
    public var debugDescription: String { description }

    /// What `dump` shows: the connection string without passwords.
    public var customMirror: Mirror {
        Mirror(
            self,
            children: [
                "connectionString": Redaction.connectionString(connectionString), "applicationName": applicationName,
                "sharedConnections": sharedConnections, "maximumExclusiveConnections": maximumExclusiveConnections,
                "usesTransactionPooler": usesTransactionPooler,
            ], displayStyle: .struct)
    }
}
