import Foundation

/// The files of this package, as the tests of the house see them.
enum House {
    /// The package's root: this file is Tests/ArchitectureTests/House.swift, also behind a symbolic link.
    static let root = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    struct File {
        /// From the package's root on.
        let path: String
        let text: String

        var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
    }

    /// The files below a folder whose name ends so, in the order of their paths.
    static func files(below folder: String, ending: String) throws -> [File] {
        let start = root.appending(path: folder)
        guard let paths = FileManager.default.enumerator(atPath: start.path) else { return [] }
        return try paths.compactMap { $0 as? String }.filter { $0.hasSuffix(ending) }.sorted().map { path in
            let text = try String(contentsOf: start.appending(path: path), encoding: .utf8)
            return File(path: "\(folder)/\(path)", text: text)
        }
    }

    static func swiftFiles() throws -> [File] {
        try ["Sources", "SampleApps", "Migrations", "Tests"].flatMap { try files(below: $0, ending: ".swift") }
    }

    /// The names of the targets that `Package.swift` declares.
    static func declaredTargets() throws -> Set<String> {
        let manifest = try String(contentsOf: root.appending(path: "Package.swift"), encoding: .utf8)
        let declaration = /\.(?:target|executableTarget|testTarget|systemLibrary|plugin)\(\s*name:\s*"([A-Za-z0-9]+)"/
        return Set(manifest.matches(of: declaration).map { String($0.output.1) })
    }
}
