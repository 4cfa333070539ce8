/// How `skald` ends. The numbers are part of its interface: scripts rely on them.
enum ExitStatus: Int32, Sendable, CaseIterable {
    /// It did what was asked.
    case success = 0
    /// Something failed that none of the others names.
    case failure = 1
    /// The command was not understood; nothing was done.
    case usage = 2
    /// What was asked for does not exist.
    case notFound = 3
    /// The database's schema is not the one that this program needs.
    case schema = 4
    /// The database cannot be reached.
    case connection = 5
    /// The database or the state of the thing does not allow it.
    case refused = 6

    /// For `--help`.
    static let explanation = """
        EXIT STATUS
          0  done
          1  failed
          2  the command was not understood; nothing was done
          3  what was asked for does not exist
          4  the database's schema is not the one this program needs
          5  the database cannot be reached
          6  refused: missing rights, or the state does not allow it
        """
}
