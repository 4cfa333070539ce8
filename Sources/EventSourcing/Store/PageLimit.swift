/// The rule for the size of a page.
public enum PageLimit {
    /// Checks the number of events asked for. Every store calls this before it reads.
    ///
    /// - Throws: `invalidArgument` unless it is from 1 to `EventLimits.pageSize`.
    public static func validate(_ limit: Int) throws(EventStoreError) {
        if limit < 1 || limit > EventLimits.pageSize {
            throw .invalidArgument("limit", "a page holds 1 to \(EventLimits.pageSize) events; \(limit) were asked for")
        }
    }
}
