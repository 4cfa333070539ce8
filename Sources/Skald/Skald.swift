// The umbrella: `import Skald` is all that a service author needs.
@_exported public import EventSourcing
@_exported public import Outbox
@_exported public import Postgres
@_exported public import PostgresEventStore
@_exported public import Projections
@_exported public import Resilience
@_exported public import Sagas
