/// A program could not be started, or did not do what a test waited for.
public struct ChildProgramError: Error, CustomStringConvertible {
    /// What was waited for, and what the program has said.
    public let description: String
}
