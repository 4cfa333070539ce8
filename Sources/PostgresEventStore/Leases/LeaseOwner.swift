#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// Who owns leases: one name for each start of a process, never used again.
///
/// A process that is started anew must not be taken for the one before it, or it would go on with leases whose work it
/// knows nothing about. The readable part says to an operator which process it is; the random part makes it unique.
public struct LeaseOwner: Sendable, Hashable, CustomStringConvertible {
    /// The name as it stands in the database, at most 250 bytes.
    public let name: String

    /// A new owner; `process` (a host or service name, cut to 150 bytes) is only there to be read.
    public init(process: String = ProcessInfo.processInfo.processName) {
        let readable = String(decoding: process.utf8.prefix(150), as: UTF8.self)
        name = "\(readable)/\(ProcessInfo.processInfo.processIdentifier)/\(UUID().uuidString.lowercased())"
    }

    /// The name.
    public var description: String {
        name
    }
}
