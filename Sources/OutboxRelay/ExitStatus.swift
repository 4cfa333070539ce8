/// How `outbox-relay` ends. The numbers are part of its interface: supervisors rely on them.
enum ExitStatus: Int32, Sendable, CaseIterable {
    /// It was asked to end, and has drained.
    case success = 0
    /// It failed while it ran.
    case failure = 1
    /// The command line or the configuration is not valid: starting again will not help.
    case configuration = 2
    /// The database's schema is not the one that this program needs.
    case schema = 4
    /// The database could not be reached at the start.
    case connection = 5
    /// The database does not allow it: the role lacks rights.
    case refused = 6
    /// It was asked to end, and what was in flight did not finish in time. Nothing is lost: it will be sent again.
    case drainTimeout = 7

    /// For `--help`.
    static let explanation = """
        EXIT STATUS
          0  ended as asked, with nothing left in flight
          1  failed while it ran
          2  the command line or the configuration is not valid
          4  the database's schema is not the one this program needs
          5  the database could not be reached at the start
          6  refused: the role lacks rights
          7  ended as asked, but not everything in flight was finished in time;
             nothing is lost, it will be sent again
        """
}
