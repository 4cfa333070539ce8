/// A test asked for its database and has none.
public struct NoTestDatabase: Error, CustomStringConvertible {
    /// What to do.
    public var description: String {
        "this test has no database: give it or its suite the trait .testDatabase(…), or use withTestDatabase { }"
    }
}
