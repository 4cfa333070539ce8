import ArgumentParser

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Who changes something, and why. Both are kept with the change.
struct OperatorOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Why: kept with the change, for those who ask later.", valueName: "text"))
    var reason: String

    @Option(help: ArgumentHelp("Who: kept with the change. Default: $USER@host.", valueName: "name"))
    var actor: String?

    var actorName: String {
        let user = ProcessInfo.processInfo.environment["USER"] ?? "unknown"
        return actor ?? "\(user)@\(ProcessInfo.processInfo.hostName)"
    }

    func validate() throws {
        guard reason.contains(where: { !$0.isWhitespace }) else {
            throw ValidationError("--reason must say something: it is all that the next person will have.")
        }
    }
}
