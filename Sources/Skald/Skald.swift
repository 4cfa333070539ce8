@_exported public import EventSourcing
@_exported public import Outbox
@_exported public import PostgresEventStore
@_exported public import Projections
@_exported public import Sagas
