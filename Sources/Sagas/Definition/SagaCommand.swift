/// A command that a step sends to another service through the outbox, and the type of its reply.
///
/// ```swift
/// struct HoldSeat: SagaCommand {
///     typealias Reply = SeatHold
///     let booking: String, seat: String
/// }
/// ```
public protocol SagaCommand: Codable, Sendable {
    /// What the participant answers when it has done the command; ``Done`` by default.
    associatedtype Reply: Codable & Sendable = Done

    /// The stored and sent name of the command. By default the type's name with hyphens: `HoldSeat` is `hold-seat`.
    static var messageType: String { get }
}

extension SagaCommand {
    /// The type's name with hyphens.
    public static var messageType: String { String(describing: Self.self).hyphenated }
}

/// The reply to a command that has nothing to say but that it was done.
public struct Done: Codable, Sendable, Hashable {
    /// Makes a reply without content.
    public init() {}
}

extension String {
    /// `HoldSeat` as `hold-seat`, `HTTPCall` as `http-call`.
    var hyphenated: String {
        let letters = Array(self)
        var result = ""
        for (index, letter) in letters.enumerated() {
            if letter.isUppercase, index > 0 {
                let afterLower = !letters[index - 1].isUppercase
                let beforeLower = index + 1 < letters.count && letters[index + 1].isLowercase
                if afterLower || beforeLower { result += "-" }
            }
            result += letter.lowercased()
        }
        return result
    }
}
