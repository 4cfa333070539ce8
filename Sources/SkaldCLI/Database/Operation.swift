import Postgres

/// The record of what an operator did: it commits with the change, or not at all.
struct Operation: Sendable {
    private let verb: String
    private let actor: String
    private let reason: String
    private let tenant: String
    private let target: OutputJSON

    init(verb: String, _ options: OperatorOptions, tenant: String, target: () -> OutputJSON) {
        self.verb = verb
        actor = options.actorName
        reason = options.reason
        self.tenant = tenant
        self.target = target()
    }

    func statement(in store: Store) -> SQL {
        """
        select \(store.name).record_operation(\(verb), \(JSONB(target.text)), \(actor), \(reason), \(tenant))
        """
    }
}
