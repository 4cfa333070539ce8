import PackagePlugin

/// Writes the SQL files of a target into one Swift file, as raw string literals.
///
/// SwiftPM's own `.embedInCode` makes an array literal with one number per byte, which takes the compiler 0.1 s per
/// kilobyte (0.2 s in release); a string literal of 110 KB takes 0.1 s in all. And a new file needs no line in
/// `Package.swift`: whatever is called `*.sql` in the target's folder is embedded.
@main
struct EmbedSQL: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        guard let sources = target.sourceModule?.sourceFiles(withSuffix: "sql") else { return [] }
        let files = sources.map(\.url).sorted { $0.lastPathComponent < $1.lastPathComponent }
        let output = context.pluginWorkDirectoryURL.appending(path: "EmbeddedSQL.swift")
        return [
            .buildCommand(
                displayName: "Embedding \(files.count) SQL files",
                executable: .init(filePath: "/bin/sh"),
                arguments: ["-c", Self.script, "sh", output.path] + files.map(\.path),
                inputFiles: files,
                outputFiles: [output])
        ]
    }

    /// Copies every file byte for byte: the line break before the closing quotes is not part of a literal, so one is
    /// added. A file that holds the closing quotes itself would end the literal early, and is refused.
    private static let script = ####"""
        set -eu
        output=$1
        shift
        {
            echo 'enum EmbeddedSQL {'
            echo '    static let files: [(name: String, text: String)] = ['
            for file in "$@"; do
                if grep -q '"""###' "$file"; then
                    echo "$file:1: error: holds the characters that end the literal it is embedded in" >&2
                    exit 1
                fi
                printf '(name: "%s", text: ###"""\n' "${file##*/}"
                cat "$file"
                printf '\n"""###),\n'
            done
            echo '    ]'
            echo '}'
        } > "$output"
        """####
}
