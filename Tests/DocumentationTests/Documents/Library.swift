import Foundation

/// The documents of this package, and the compiled files that their code comes from.
enum Library {
    /// The package's root: this file is Tests/DocumentationTests/Documents/Library.swift, also behind a symbolic link.
    static let root = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static let catalog = "Sources/Skald/Skald.docc"

    static func documents() throws -> [Document] {
        try ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"].map(document) + articles()
    }

    static func articles() throws -> [Document] {
        try files(below: catalog, ending: ".md").map(document)
    }

    static func regions() throws -> [Region] {
        try files(below: "Tests/DocumentationTests/Examples", ending: ".swift").flatMap { path in
            try Region.all(in: text(of: path), path: path)
        }
    }

    /// The texts of the Swift files below folders.
    static func sources(below folders: [String]) throws -> [String] {
        try folders.flatMap { try files(below: $0, ending: ".swift") }.map(text)
    }

    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root.appending(path: path).path)
    }

    static func text(of path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    private static func document(_ path: String) throws -> Document {
        Document(path: path, text: try text(of: path))
    }

    private static func files(below folder: String, ending: String) throws -> [String] {
        let start = root.appending(path: folder)
        guard let paths = FileManager.default.enumerator(atPath: start.path) else { return [] }
        return paths.compactMap { $0 as? String }.filter { $0.hasSuffix(ending) }.sorted().map { "\(folder)/\($0)" }
    }
}
