/// What can go wrong with sagas, apart from the errors that the steps themselves throw.
public struct SagaError: Error, Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    /// The kind of error; more can be added.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The code's name.
        public let description: String

        /// The definition can't be registered: a name is not valid or used twice.
        public static let invalidDefinition = Code(description: "invalid-definition")
        /// A step reads the result of another that has none.
        public static let missingResult = Code(description: "missing-result")
        /// The journalled state or result does not fit the definition's types.
        public static let undecodable = Code(description: "undecodable")
        /// A saga id, an input or a result can't be stored.
        public static let invalidArgument = Code(description: "invalid-argument")
        /// The id was used for another saga: same name, another input.
        public static let idTaken = Code(description: "id-taken")
        /// There is no saga of this name and id in this database.
        public static let unknownSaga = Code(description: "unknown-saga")
    }

    /// The kind of error.
    public let code: Code
    /// What was wrong and what to do.
    public let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    static func unknownSaga(_ name: SagaName, _ id: SagaID) -> SagaError {
        SagaError(
            .unknownSaga,
            """
            There is no saga '\(name)' with the id '\(id)': it was never started in this database, or under another tenant, \
            kind or id.
            """)
    }

    /// The message. It holds names of steps and properties, never values of the state.
    public var description: String { message }

    /// Code and message.
    public var debugDescription: String { "SagaError(\(code)): \(message)" }
}
