import Migrations

/// What the programs answer to `--version`.
package enum Release {
    /// The release, and the schema that it needs. To be set with every release, as `CHANGELOG.md` is.
    package static let text = "unreleased, schema \(Migration.all.count)"
}
