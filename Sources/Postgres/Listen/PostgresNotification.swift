/// What a listener hears.
public enum PostgresNotification: Sendable, Hashable {
    /// Somebody has sent a NOTIFY. The payload is empty where none was given.
    case notified(channel: String, payload: String, backendPID: Int32)

    /// From now on the server is listening again, and what was sent before may have been missed: look for yourself.
    ///
    /// It comes first of all, after every loss of the connection, and when notifications came faster than they were taken.
    case resubscribed
}
