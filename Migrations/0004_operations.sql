-- 0004_operations.sql: what operators did, who they were and why.
--
-- A change by hand must be explained where it is found: whoever meets a message that was replayed asks who did it. The
-- record is written in the transaction of the change itself, so there is no change without it and none of it without a
-- change. Sagas keep theirs in their own history, as events; this table is for what has no history of its own.

set local role skald_owner;

create table skald.operations (
    number     bigint           generated always as identity,
    at         timestamptz      not null default clock_timestamp(),
    tenant     text collate "C" not null,
    verb       text             not null,  -- what was done, such as outbox.replay
    target     jsonb            not null,  -- to what, as an object
    actor      text             not null,  -- who, in the words of the program that asked
    reason     text             not null,
    session    text             not null default session_user,  -- who, as the database knows them
    constraint operations_pkey primary key (tenant, number),
    constraint operations_verb_valid check (octet_length(verb) between 1 and 100),
    constraint operations_target_valid check (jsonb_typeof(target) = 'object'),
    constraint operations_actor_valid check (octet_length(actor) between 1 and 250)
);

-- Refuses a record that would not say who and why.
create function skald.operation_check(p_actor text, p_reason text) returns void language plpgsql immutable as $$
begin
    if p_actor is null or p_actor !~ '\S' then
        perform invalid_argument('actor', 'say who does it');
    elsif p_reason is null or p_reason !~ '\S' then
        perform invalid_argument('reason', 'say why: it is all that the next person will have');
    elsif octet_length(p_reason) > 10000 then
        perform invalid_argument('reason', 'it must have at most 10,000 bytes');
    end if;
end
$$;

-- PUBLIC, for operators. Keeps what is being done in this transaction, and returns the record's number.
create function skald.record_operation(verb text, target jsonb, actor text, reason text, tenant text default '')
    returns bigint
    language plpgsql volatile security definer set search_path = skald, pg_temp as $$
declare
    v_number bigint;
begin
    perform operation_check(actor, reason);
    insert into operations (tenant, verb, target, actor, reason)
    values (tenant, verb, target, actor, reason)
    returning number into v_number;
    return v_number;
end
$$;

-- PUBLIC, for operators. Lets parked keys be tried again at once, each from its first unsent message on and in order; keys
-- that wait for their next try are tried at once too. Null means all topics, all keys or all tenants. actor and reason are
-- kept with it. Returns how many keys; where there are none, nothing was done and nothing is kept.
create function skald.outbox_replay(
    sink text, actor text, reason text, topic text default null, key text default null, tenant text default null
) returns integer
    language plpgsql volatile security definer set search_path = skald, pg_temp as $$
declare
    v_keys integer;
begin
    perform operation_check(actor, reason);
    update outbox_blocked b
       set state = 'retrying', attempts = 0, unknowns = 0, next_try = clock_timestamp(), changed_at = clock_timestamp()
     where b.sink = outbox_replay.sink
       and (outbox_replay.topic is null or b.topic = outbox_replay.topic)
       and (outbox_replay.key is null or b.key = outbox_replay.key)
       and (outbox_replay.tenant is null or b.tenant = outbox_replay.tenant);
    get diagnostics v_keys = row_count;
    if v_keys > 0 then
        perform record_operation('outbox.replay', jsonb_strip_nulls(jsonb_build_object(
            'sink', sink, 'topic', topic, 'key', key, 'keys', v_keys)), actor, reason, coalesce(tenant, ''));
    end if;
    return v_keys;
end
$$;

-- PUBLIC, for operators. Forgets a sink that is not used any more: its cursors, and its blocked keys with what they have not
-- sent. Until then everything is kept for it, and nothing is purged. What no other sink takes is kept still: a topic without a
-- sink waits for one. Refused while a relay of this name runs (SK014) and where there is no such sink (SK003). actor and
-- reason are kept with it. Returns how many keys were blocked. A relay that is started under the name later begins anew.
--
-- The leases on its lanes are taken, by nobody and under a new epoch, and stay: a relay that was paused and wakes up is refused
-- what it writes, and epochs never come again.
create function skald.outbox_unregister(sink text, actor text, reason text) returns integer
    language plpgsql volatile security definer set search_path = skald, pg_temp as $$
declare
    v_units text[];
    v_owner text;
    v_keys  integer;
    v_floor bigint;
begin
    perform operation_check(actor, reason);
    v_units := array(select outbox_unit(c.sink, c.lane) from outbox_cursors c where c.sink = outbox_unregister.sink);
    -- From here on nobody takes a lane or writes under one that he has. The leases first, as in every write under them.
    perform from leases l where l.unit = any (v_units) order by l.unit for update;
    perform from outbox_sinks s where s.sink = outbox_unregister.sink for update;
    if not found then
        perform invalid_argument('sink', format('there is no sink %s', sink));
    end if;
    select coalesce(
               (select min(l.owner) from leases l
                 where l.unit = any (v_units) and l.owner is not null and l.expires_at > clock_timestamp()),
               (select min(m.owner) from lease_members m
                 where m.kind = 'outbox/' || outbox_unregister.sink and m.expires_at > clock_timestamp()))
      into v_owner;
    if v_owner is not null then
        raise exception 'the sink % is in use', sink
            using errcode = 'SK014', detail = jsonb_build_object('sink', sink, 'owner', v_owner)::text,
                  hint = 'Stop the relays of this name first. One that was killed counts until its lease has ended.';
    end if;
    update leases l set epoch = l.epoch + 1, owner = null, expires_at = '-infinity' where l.unit = any (v_units);
    delete from outbox_blocked b where b.sink = outbox_unregister.sink;
    get diagnostics v_keys = row_count;
    select min(c.position) into v_floor from outbox_cursors c where c.sink = outbox_unregister.sink;
    delete from outbox_cursors c where c.sink = outbox_unregister.sink;
    delete from outbox_sinks s where s.sink = outbox_unregister.sink;
    perform record_operation('outbox.unregister', jsonb_build_object(
        'sink', sink, 'position', v_floor, 'keys', v_keys), actor, reason);
    return v_keys;
end
$$;

-- PUBLIC, for operators. Begins a new generation of the log: to be called when files of the server were copied back and
-- started as they are (a snapshot of the disk, a base backup without recovery.signal), which nothing in them shows, and
-- before anything is appended. Cursors that were handed out beyond the copy are refused from then on, instead of passing over
-- the events that get their positions. actor and reason are kept with it.
--   from_position  the first position that may have been lost, where something was appended already; by default the first
--                  one that no event has
-- Returns the generation's number.
create function skald.begin_generation(actor text, reason text, from_position bigint default null) returns integer
    language plpgsql volatile security definer set search_path = skald, pg_temp as $$
declare
    v_gap       bigint;
    v_operation bigint;
    v_number    integer;
begin
    perform operation_check(actor, reason);
    v_gap := first_gap();
    if from_position not between 1 and v_gap then
        perform invalid_argument('from_position', format('it must be from 1 to %s, the first that no event has', v_gap));
    end if;
    v_number := (select max(g.number) from generations g) + 1 + floor(random() * 1000)::integer;
    v_operation := record_operation('log.begin_generation', jsonb_build_object(
        'generation', v_number, 'from_position', coalesce(from_position, v_gap)), actor, reason);
    insert into generations (number, system_identifier, timeline, database, sequence, starts_at, asked_for)
    values (v_number, (select c.system_identifier from pg_control_system() as c), wal_timeline(),
            (select d.oid from pg_database d where d.datname = current_database()), 'events_position'::regclass::oid,
            coalesce(from_position, v_gap), v_operation);
    return v_number;
end
$$;

create view skald.operation_list as
    select tenant, number, at, verb, target, actor, reason, session from skald.operations;

grant execute on function
    skald.record_operation(text, jsonb, text, text, text), skald.outbox_replay(text, text, text, text, text, text),
    skald.outbox_unregister(text, text, text),
    skald.begin_generation(text, text, bigint)
    to skald_operator;
grant select on skald.operation_list to skald_reader;

insert into skald.migrations (number, name) values (4, 'operations');

reset role;
