import Synchronization

/// What can be made to go wrong with the messages that a service receives. For the demo: a real service has no such switch.
struct Fault: Codable, Sendable, Hashable {
    enum Kind: String, Codable, Sendable {
        /// The message is lost: nothing is done, and nothing is acknowledged.
        case lose
        /// It is handled, and the acknowledgement is lost: the sender sends it again.
        case forget
        /// It arrives twice.
        case twice
        /// It is handled slowly.
        case slow
        /// The process kills itself (SIGKILL) in the middle of handling it, before the commit.
        case crash
    }
    let kind: Kind
    /// The type of message it is for; nil: any.
    var type: String?
    /// How likely it is, in percent.
    var percent = 100
    /// How often it happens at most.
    var times = 1
}

/// The faults that are switched on.
final class Faults: Sendable {
    private let armed: Mutex<[Fault]> = Mutex([])

    func arm(_ faults: [Fault]) { armed.withLock { $0 = faults } }

    /// What goes wrong with the next message of a type, if anything does.
    func next(for type: String) -> Fault.Kind? {
        armed.withLock { faults in
            for index in faults.indices {
                let fault = faults[index]
                guard fault.times > 0, fault.type ?? type == type, Int.random(in: 0..<100) < fault.percent else {
                    continue
                }
                faults[index].times -= 1
                return fault.kind
            }
            return nil
        }
    }
}
