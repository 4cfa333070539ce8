-- 0001_log.sql: the log. Roles, streams, events, positions, the watermark, append and read.
--
-- Run by the Migrator, or by hand: psql --single-transaction -v ON_ERROR_STOP=1 -f 0001_log.sql
-- For another schema name replace every lower-case "skald" in this file: it stands only for the schema and the role prefix.
--
-- THE ORDER OF THE LOG. A position is drawn from a sequence when an event is inserted and becomes visible when its
-- transaction commits, so positions appear out of order. A reader that goes by position alone loses events. Therefore:
--
--   A writer, before it draws: reads the sequence's last value L0, then takes a SHARED transaction-level advisory lock
--   whose key is (log number, L0): its marker. Every position it draws afterwards is above L0. Shared locks never wait
--   for each other, so writers do not queue.
--   A reader, in three statements, each with a snapshot of its own, in this order: (1) L = the sequence's last value;
--   (2) F = the smallest L0 among the markers held; (3) the rows with position <= least(L, F), the watermark.
--
--   Why no row at or below the watermark can appear later: its position was drawn before (1), so its marker was held by
--   then. At (2) the marker is either still held, and F lies below the position; or it is released, and since PostgreSQL
--   makes a transaction visible before it releases its locks, (3) sees the row. What rolls back just never appears:
--   gaps need no judgement and no time-out. Only an open append to the same log can hold the watermark back.
--
--   Never: a sequence with CACHE above 1; a marker taken after the draw; the watermark and the rows in one statement;
--   a STABLE reading function; a reader under REPEATABLE READ. Each loses events, and a test shows it.
--
-- THE ORDER OF A STREAM. Whoever appends to an existing stream locks its row before drawing positions, so positions
-- rise with versions. A new stream has no row to lock: positions are drawn first and the row is created with them. Who
-- finds that another transaction created it meanwhile gives its positions up (a gap) and starts again, or is told 'busy'.
-- Version uniqueness rests on the stream row alone: events carry no unique index but their primary key.
--
-- LEAN ROWS. A stream is known to its events by its origin, the position of its first event: eight bytes, rising, and
-- also the place where reading the stream begins, so reading touches only the partitions from origin to last_position.

------------------------------------------------------------------------------------------------------------- roles

do $roles$
declare
    wanted text;
begin
    foreach wanted in array array['skald_owner', 'skald_writer', 'skald_reader', 'skald_operator'] loop
        if not exists (select from pg_roles where rolname = wanted) then
            begin
                execute format('create role %I nologin', wanted);
            exception
                when duplicate_object or unique_violation then null;  -- another database of the cluster was faster
                when insufficient_privilege then
                    raise exception 'the role % does not exist and % may not create it', wanted, current_user
                        using errcode = '42501', hint = format(
                            'As an administrator run: create role skald_owner nologin; create role skald_writer nologin; '
                            'create role skald_reader nologin; create role skald_operator nologin; '
                            'grant skald_reader to skald_writer, skald_operator; grant skald_owner to %I;', current_user);
            end;
        end if;
    end loop;
    -- Whoever writes also reads; so does the operator. The migrating role acts as the owner below.
    foreach wanted in array array['skald_writer', 'skald_operator'] loop
        if not pg_has_role(wanted, 'skald_reader', 'member') then
            begin
                execute format('grant skald_reader to %I', wanted);
            exception when unique_violation then null;
            end;
        end if;
    end loop;
    if not pg_has_role(current_user, 'skald_owner', 'member') then
        begin
            execute format('grant skald_owner to %I', current_user);
        exception when unique_violation then null;
        end;
    end if;
    -- To show how long a session has held the watermark back, the owner must see other roles' sessions.
    if not pg_has_role('skald_owner', 'pg_read_all_stats', 'member') then
        begin
            grant pg_read_all_stats to skald_owner;
        exception
            when unique_violation then null;
            when insufficient_privilege then
                raise notice 'skald_owner is not a member of pg_read_all_stats: log_status() cannot show ages';
        end;
    end if;
end
$roles$;

create schema if not exists skald authorization skald_owner;
set local role skald_owner;
grant usage on schema skald to skald_writer, skald_reader, skald_operator;
-- Not "in schema": there, PostgreSQL only adds to what is granted by default, and PUBLIC would keep EXECUTE.
alter default privileges for role skald_owner revoke execute on functions from public;

create table skald.migrations (
    number      integer     not null,
    name        text        not null,
    checksum    text,                   -- SHA-256 of the file; null where it was run by hand
    applied_at  timestamptz not null default clock_timestamp(),
    applied_by  text        not null default session_user,
    constraint migrations_pkey primary key (number)
);
grant select on skald.migrations to skald_reader;

------------------------------------------------------------------------------------------------------- log numbers

-- Advisory locks are shared by all schemas of a database, so each log (events here, the outbox later, and those of other
-- schemas) has a number of its own, 1 to 32767. It is the body of a constant function: free to read in hot statements,
-- and readable across schemas in pg_proc, whoever owns them.
create function skald.define_log_number(p_function text) returns void
    language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
declare
    next_number bigint;
begin
    perform pg_advisory_xact_lock(1936419684, 1);  -- one at a time in this database
    select coalesce(max(substr(prosrc, 8)::bigint), 0) + 1 into next_number
      from pg_proc
     where proname like '%\_log\_number' and pronargs = 0 and prosrc ~ '^select [0-9]{1,5}$';
    if next_number > 32767 then
        raise exception 'this database has no free log number' using errcode = '54000';
    end if;
    execute format('create function skald.%I() returns bigint language sql immutable parallel safe as %L',
                   p_function, 'select ' || next_number);
end
$$;
select skald.define_log_number('events_log_number');

--------------------------------------------------------------------------------------------------------- the tables

create sequence skald.events_position as bigint minvalue 1 start 1 cache 1;  -- CACHE must stay 1, see above

create table skald.streams (
    tenant        text collate "C" not null,
    name          text collate "C" not null,
    version       bigint           not null,  -- of the last event; the first is 0
    origin        bigint           not null,  -- position of the first event: the stream's short name in events
    last_position bigint           not null,
    closed_at     timestamptz,                -- set: nothing may be appended any more
    constraint streams_pkey primary key (tenant, name)
) with (fillfactor = 80);  -- room for heap-only updates: version and last_position are in no index

create table skald.events (
    position    bigint           not null,
    origin      bigint           not null,  -- of its stream
    version     bigint           not null,
    recorded_at timestamptz      not null,
    id          uuid             not null,
    append_id   uuid,
    tenant      text collate "C" not null,
    stream      text collate "C" not null,
    type        text collate "C" not null,
    data        jsonb            not null,
    metadata    jsonb,
    tags        text[],
    constraint events_pkey primary key (tenant, position)
) partition by range (position);
create index events_stream on skald.events (tenant, origin, version);

create function skald.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% on %.% is refused: events are append-only', tg_op, tg_table_schema, tg_table_name
        using errcode = '42501', hint = 'Append a new event that corrects the old one.';
end
$$;
create trigger events_append_only before update or delete on skald.events
    for each row execute function skald.refuse_change();
create trigger events_no_truncate before truncate on skald.events
    for each statement execute function skald.refuse_change();

-- A generation is a stretch of the log within which no position was ever given out twice. Recovering a backup or promoting
-- a standby that lagged begins a new one: the first writer who sees another system, timeline, database or sequence (a dump
-- that was restored beside its original) adds the row. Files that were copied back and started as they are (a snapshot of
-- the disk, a base backup without recovery.signal) show none of these: whoever does that says so, by begin_generation().
-- Numbers rise by a random step, so that two copies of one log, each with a generation that the other knows nothing of, do
-- not call them by the same number.
create table skald.generations (
    number            integer     not null,
    system_identifier bigint      not null,
    timeline          bigint      not null,
    database          oid         not null,
    sequence          oid         not null,
    starts_at         bigint      not null,  -- the first position that belongs to it
    asked_for         bigint      not null default 0,  -- the operation that began it; 0: what the first writer saw did
    began_at          timestamptz not null default clock_timestamp(),
    constraint generations_pkey primary key (number),
    constraint generations_once unique (system_identifier, timeline, database, sequence, starts_at, asked_for)
);

-- The watermark as last stored, for standbys: they cannot see the primary's markers. It only rises.
create table skald.watermarks (
    log       text        not null,
    position  bigint      not null,
    stored_at timestamptz not null,
    constraint watermarks_pkey primary key (log)
);

-------------------------------------------------------------------------------------------------------- partitions

create table skald.partition_widths (
    log   text   not null,
    width bigint not null,  -- positions per partition; a change counts from the next partition on
    constraint partition_widths_pkey primary key (log),
    constraint partition_widths_valid check (width >= 10)
);
create table skald.partitions (
    log         text        not null,
    upper_bound bigint      not null,  -- exclusive
    lower_bound bigint      not null,
    name        text        not null,
    made_at     timestamptz not null default clock_timestamp(),
    constraint partitions_pkey primary key (log, upper_bound)
);

-- Makes partitions until two whole ones lie ahead of p_position. A new partition is made stand-alone, with a check that
-- proves its range, and then attached: that takes no lock that a reader or an append would wait for.
create function skald.ensure_partitions(p_log text, p_position bigint) returns integer
    language plpgsql volatile security definer set search_path = skald, pg_temp as $$
declare
    v_width  bigint;
    v_lower  bigint;
    v_number bigint;
    v_name   text;
    v_made   integer := 0;
begin
    perform pg_advisory_xact_lock(1936419684, 2 + events_log_number()::integer);
    select width into strict v_width from partition_widths where log = p_log;
    loop
        select coalesce(max(upper_bound), 0), coalesce(max(substring(name from '[0-9]+$')::bigint), 0)
          into v_lower, v_number
          from partitions where log = p_log;
        exit when v_lower > p_position + 2 * v_width;
        loop  -- not by counting: whoever archives old ones may remove their rows, and keep the tables
            v_number := v_number + 1;
            v_name := format('%s_p%s', p_log, lpad(v_number::text, greatest(6, length(v_number::text)), '0'));
            exit when to_regclass(v_name) is null;
        end loop;
        -- First of all, and so: what another session has made since a REPEATABLE READ transaction began is a 40001 here.
        insert into partitions (log, upper_bound, lower_bound, name) values (p_log, v_lower + v_width, v_lower, v_name)
        on conflict do nothing;
        execute format('create table %I (like %I including defaults including constraints)', v_name, p_log);
        execute format('alter table %I add constraint in_range check (position >= %s and position < %s)',
                       v_name, v_lower, v_lower + v_width);
        execute format('alter table %I attach partition %I for values from (%s) to (%s)',
                       p_log, v_name, v_lower, v_lower + v_width);
        execute format('alter table %I drop constraint in_range', v_name);
        execute format('create trigger %I before truncate on %I for each statement execute function refuse_change()',
                       p_log || '_no_truncate', v_name);
        v_made := v_made + 1;
    end loop;
    return v_made;
end
$$;

-- A session hears of a partition that another has attached when it locks a table. A transaction that stays open has locked
-- all that it needs, hears nothing more, and would read past the new partition, or find no place for a position that it drew.
-- So it opens a table that nobody else opens, and that is locked anew each time.
create table skald.partition_news ();
create function skald.hear_of_partitions() returns bigint language sql volatile as $$
    select pg_relation_size('skald.partition_news')
$$;

insert into skald.partition_widths values ('events', 10000000);
select skald.ensure_partitions('events', 0);

------------------------------------------------------------------------------------------- sessions and generations

create function skald.wal_timeline() returns bigint
    language sql volatile set search_path = pg_catalog, pg_temp as
$$ select ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::bigint $$;

-- The starts of the server after which the log was looked over. Without a key, so that nobody waits to add a row.
create table skald.server_starts (
    started_at timestamptz not null
);

-- The last position of all. By tenant, because every index begins with it (a loose index scan).
create function skald.highest_position() returns bigint language plpgsql volatile
    set enable_seqscan = off set enable_bitmapscan = off as $$
begin
    return (with recursive tenants as (
                (select e.tenant from events e order by e.tenant limit 1)
                union all
                select (select e.tenant from events e where e.tenant > t.tenant order by e.tenant limit 1)
                  from tenants t where t.tenant is not null)
            select coalesce(max((select e.position from events e where e.tenant = t.tenant
                                  order by e.tenant desc, e.position desc limit 1)), 0)
              from tenants t where t.tenant is not null);
end
$$;

-- The first position above the stored watermark that no event has. What was lost in a promotion lies at or above it: below
-- the stored watermark all was there when it was stored, and up to the first gap all is there now.
create function skald.first_gap() returns bigint language plpgsql volatile
    set enable_seqscan = off set enable_bitmapscan = off as $$
declare
    v_stored constant bigint := coalesce((select w.position from watermarks w where w.log = 'events'), 0);
begin
    return (with recursive tenants as (
                (select e.tenant from events e order by e.tenant limit 1)
                union all
                select (select e.tenant from events e where e.tenant > t.tenant order by e.tenant limit 1)
                  from tenants t where t.tenant is not null),
            above as (
                select e.position, row_number() over (order by e.position) as n
                  from tenants t
                 cross join lateral (select x.position from events x
                                      where x.tenant = t.tenant and x.position > v_stored
                                      order by x.tenant, x.position offset 0) as e
                 where t.tenant is not null)
            select coalesce(min(v_stored + a.n) filter (where a.position <> v_stored + a.n), v_stored + 1 + count(*))
              from above a);
end
$$;

-- Once per session, before its first append: is this still the log we knew? A session never changes its system, and one
-- that lives through a promotion cannot have appended before it. What takes longer is done once per start of the server.
create function skald.begin_session() returns void
    language plpgsql volatile security definer set search_path = skald, pg_temp as $$
declare
    v_last     generations;
    v_system   constant bigint := (select system_identifier from pg_control_system());
    v_timeline constant bigint := wal_timeline();
    v_database constant oid := (select d.oid from pg_database d where d.datname = current_database());
    v_sequence constant oid := 'events_position'::regclass::oid;
    v_drawn    bigint;
    v_highest  bigint;
begin
    select * into v_last from generations order by number desc limit 1;
    if v_last.sequence is distinct from v_sequence
        or not exists (select from server_starts s where s.started_at = pg_postmaster_start_time()) then
        -- In this order: what is appended meanwhile raises the sequence first.
        v_highest := highest_position();
        v_drawn := coalesce(pg_sequence_last_value('events_position'), 0);
        if v_drawn < v_highest then
            raise exception
                'the position sequence stands at %, below the last event at %: appending would use positions twice',
                v_drawn, v_highest
                using errcode = 'SK008',
                      hint = format('After checking how this came about, run as owner: select setval(%L, %s);',
                                    'skald.events_position', v_highest);
        end if;
        -- A row that another session is deleting in a transaction that stays open must hold up nobody.
        delete from server_starts s
         where s.ctid in (select o.ctid from server_starts o where o.started_at < pg_postmaster_start_time()
                             for update skip locked);
        insert into server_starts values (pg_postmaster_start_time());
    end if;
    if v_last.number is not null and (v_last.system_identifier, v_last.timeline, v_last.database, v_last.sequence)
                                     is not distinct from (v_system, v_timeline, v_database, v_sequence) then
        null;  -- the log we knew
    elsif v_last.number is not null and pg_sequence_last_value('events_position') is null then
        -- A copy of a log that nothing was ever appended to has no past to be told apart from.
        update generations
           set system_identifier = v_system, timeline = v_timeline, database = v_database, sequence = v_sequence
         where number = v_last.number;
    else
        insert into generations (number, system_identifier, timeline, database, sequence, starts_at)
        values (case when v_last.number is null then 1 else v_last.number + 1 + floor(random() * 1000)::integer end,
                v_system, v_timeline, v_database, v_sequence,
                case when v_last.number is null then 1 else first_gap() end)
        on conflict do nothing;
    end if;
    perform set_config('skald.session', 'begun', false);  -- undone if this transaction rolls back, then asked again
end
$$;

-- The writer's marker. One per transaction: the first has the lowest L0, and thousands would run the lock table dry. It is
-- remembered in a transaction-local setting, which a savepoint rolls back exactly when it rolls back the lock. The lock is
-- asked for again each time, which costs nothing where it is held: so whatever a client writes into the setting, there is
-- a marker at or below what was drawn last.
create function skald.mark(p_log_number bigint, p_last_drawn bigint) returns bigint
    language plpgsql volatile as $$  -- inherits its caller's pinned search_path
declare
    v_setting constant text := 'skald.marker_' || p_log_number;
    v_marked  bigint := nullif(current_setting(v_setting, true), '')::bigint;
    v_set     text;
begin
    if v_marked is null or v_marked not between 0 and p_last_drawn then
        v_marked := p_last_drawn;
        v_set := set_config(v_setting, v_marked::text, true);
    end if;
    -- Nobody takes these locks exclusively, so it is there at once; as an expression, because a statement costs ten times more.
    if not pg_try_advisory_xact_lock_shared((p_log_number << 48) | v_marked) then
        perform pg_advisory_xact_lock_shared((p_log_number << 48) | v_marked);
    end if;
    return v_marked;
end
$$;

------------------------------------------------------------------------------------------------------------ append

-- Keeps two partitions ahead of what was drawn. Nobody waits for another who does it, unless there is little room left. Up
-- to where there is room is remembered by the session: a partition ahead of what was drawn is never taken away.
create function skald.make_room(p_log text, p_position bigint) returns boolean
    language plpgsql volatile as $$
declare
    v_room  bigint;
    v_width bigint;
    v_set   text;
begin
    if p_position < coalesce(nullif(current_setting('skald.room_' || p_log, true), ''), '0')::bigint then
        return true;
    end if;
    select p.upper_bound - p_position, p.upper_bound - p.lower_bound into v_room, v_width
      from partitions p where p.log = p_log order by p.upper_bound desc limit 1;
    if v_room > 2 * v_width then
        v_set := set_config('skald.room_' || p_log, (p_position + v_room - 2 * v_width)::text, false);
    else
        -- By the width that the next one will have: measured by a wide old one, little room would last for long.
        select width into strict v_width from partition_widths where log = p_log;
        if v_room <= 2 * v_width
            and (v_room < v_width / 10 or pg_try_advisory_xact_lock(1936419684, 2 + events_log_number()::integer)) then
            perform ensure_partitions(p_log, p_position);
        end if;
    end if;
    perform hear_of_partitions();
    return false;
end
$$;

-- Refuses what no stream and no event may be called. Here and not in constraints, which are parsed anew by every statement.
create function skald.check_append(p_tenant text, p_streams text[], p_types text[], p_data jsonb[]) returns boolean
    language plpgsql immutable as $$
begin
    if octet_length(p_tenant) > 100 or p_tenant ~ '[\u0001-\u001f\u007f-\u009f]' then
        perform invalid_argument('tenant', 'it must have at most 100 bytes and no control characters');
    elsif exists (select from unnest(p_streams) as n
                   where octet_length(n) not between 1 and 250 or n ~ '[\u0001-\u001f\u007f-\u009f]') then
        perform invalid_argument('stream_name', 'it must have 1 to 250 bytes and no control characters');
    elsif exists (select from unnest(p_types) as t where octet_length(t) not between 1 and 250) then
        perform invalid_argument('type', 'it must have 1 to 250 bytes');
    elsif exists (select from unnest(p_data) as d where pg_column_size(d) > 8388608) then
        -- 1 MiB of JSON is at most 6 MiB here: a number of one digit and its comma, 2 bytes, become 12.
        perform invalid_argument('data', 'an event has at most 8 MiB as jsonb, which 1 MiB of JSON never needs');
    end if;
    return true;
end
$$;

-- Was this append id used on this stream? The same content is: stream, types, data, tags, and the event ids that were given.
-- No row: never used. Where it is looked for:
--   p_given_id false  only an earlier attempt of the same call can have used it, and drew above p_known, the log's end as
--                     the caller knew it before the first attempt. All of that is searched.
--   p_given_id true   the events after the expected version; and, whatever is expected, the stream's last 1,000 events: the
--                     window within which an append is recognised as a repetition; and what is above p_known, if that is
--                     given: a call that is sent again finds its first attempt however much was appended in between.
create function skald.replayed(
    p_tenant text, p_origin bigint, p_version bigint, p_expected bigint, p_append_id uuid, p_given_id boolean, p_known bigint,
    p_types text[], p_data jsonb[], p_tags text[], p_ids uuid[], p_given boolean[]
) returns table (first_version bigint, last_version bigint, last_position bigint, same boolean)
    language plpgsql volatile
    set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off
as $$
declare
    v_event record;
    v_last  bigint;
begin
    -- The inner order makes events_stream the only index that serves, whatever the table looked like when this was planned;
    -- by the primary key it would read the log from the stream's first event on.
    if p_given_id then
        select max(e.version) into v_last
          from (select x.version, x.append_id from events x
                 where x.tenant = p_tenant and x.origin = p_origin and x.position >= p_origin
                   and x.version > least(case when p_expected >= -1 then p_expected end, p_version - 1000)
                 order by x.tenant, x.origin, x.version offset 0) as e
         where e.append_id = p_append_id;
    end if;
    if v_last is null and p_known is not null and (not p_given_id or p_expected < -1 and p_version >= 1000) then
        -- Backwards, as far as what is new: positions rise with versions.
        for v_event in
            select x.version, x.position, x.append_id from events x
             where x.tenant = p_tenant and x.origin = p_origin and x.position >= p_origin
               and x.version <= case when p_given_id then p_version - 1000 else p_version end
             order by x.tenant desc, x.origin desc, x.version desc
        loop
            exit when v_event.position <= p_known or v_event.version <= p_expected;
            if v_event.append_id = p_append_id then
                v_last := v_event.version;
                exit;
            end if;
        end loop;
    end if;
    if v_last is null then
        return;
    end if;
    -- An append's versions are adjacent, so all of it stands here, also where its first events lie before the window.
    return query
        select min(e.version), max(e.version), max(e.position),
               array_agg(e.type order by e.version) = p_types
                   and array_agg(e.data order by e.version) = p_data
                   and array_agg(coalesce(e.tags, '{}')::text order by e.version)
                       = (select array_agg(coalesce(t.tags::text[], '{}')::text order by t.n)
                            from unnest(p_tags) with ordinality as t(tags, n))
                   and (select bool_and(not coalesce(g.given, false) or g.id = g.stored)
                          from unnest(p_ids, p_given, array_agg(e.id order by e.version)) as g(id, given, stored))
          from (select * from events x
                 where x.tenant = p_tenant and x.origin = p_origin and x.position >= p_origin
                   and x.version between v_last - cardinality(p_types) and v_last
                 order by x.tenant, x.origin, x.version offset 0) as e
         where e.append_id = p_append_id;
end
$$;

-- Appends a group of appends ("members") of many callers in one call: each succeeds or fails alone, failures are rows.
-- Members come sorted by stream, their events by member. A stream has either one member with an expectation or any number
-- without (-2). Nothing here waits for another transaction, save a few milliseconds for the creation of a stream that
-- another is just creating: a stream whose row is locked makes its members 'busy', and they go through append_one.
--
-- p_members: the member of each event, 1-based, rising. p_lookup: whether the append id was given by the caller, so that it
-- may have been used before; or the member was sent before. p_known: the end of the log as the caller knew it when it sent
-- the oldest member for the first time; a stream that was appended to after that is searched for another attempt of the same
-- call, whose answer was lost, or which has overtaken this one. Where it lies above the log's end, a crash has taken
-- positions back that were drawn and not flushed, and it says nothing.
-- p_tags: array literals. p_given: whether the event's id was given by the caller.
-- status: 0 appended, 1 replayed (was appended before with this id), 2 conflict (last_version is the actual version, -1
-- where there is no stream), 3 the append id was used with other content, 4 busy, 5 the stream is closed.
--
-- Plans: generic, over index lookups only, so they are the same on an empty table and on one of ten million rows.
create function skald.append_group(
    p_tenant text, p_streams text[], p_expected bigint[], p_append_ids uuid[], p_lookup boolean[],
    p_members integer[], p_types text[], p_data jsonb[], p_metadata jsonb[], p_tags text[], p_ids uuid[],
    p_given boolean[] default null, p_known bigint default 0
) returns table (member integer, status smallint, first_version bigint, last_version bigint, last_position bigint)
    language plpgsql volatile security definer
    set search_path = skald, pg_temp set plan_cache_mode = force_generic_plan set jit = off
    set enable_seqscan = off set enable_bitmapscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
    v_members   constant integer := cardinality(p_streams);
    v_are_new   boolean := -1 = all (p_expected) and not true = any (p_lookup);  -- all of them, as far as is known
    v_row_id    tid[];       -- by member: where the locked stream row stands; null where there is none
    v_version   bigint[];    -- by member: of that row
    v_origin    bigint[];
    v_position  bigint[];
    v_closed    boolean[];
    v_status    smallint[];
    v_first     bigint[];    -- by member: first version
    v_count     bigint[];    -- by member: its events
    v_begin     bigint[];    -- by member: its first event's place in the event arrays
    v_draw      bigint[];    -- by member: the places in v_positions before its first event's
    v_positions bigint[];
    v_total     bigint;
    v_last      bigint;
    v_marker    bigint;
    v_patience  constant text := current_setting('lock_timeout');
    v_row       record;
    v_set       text;
    v_done      boolean;
begin
    if current_setting('skald.session', true) is distinct from 'begun' then
        perform begin_session();
    end if;
    v_done := check_append(p_tenant, p_streams, p_types, p_data);
    if cardinality(p_members) = v_members then
        v_count := array_fill(1::bigint, array[v_members]);
        v_begin := p_members;
    else
        select array_agg(e.count order by e.n), array_agg(e.first order by e.n)
          into v_count, v_begin
          from (select x.n, count(*) as count, min(x.i) as first
                  from unnest(p_members) with ordinality as x(n, i) group by x.n) as e;
    end if;

    loop
        if v_are_new then
            -- Nothing to lock, to compare or to look up: the streams' own key says whether they were new.
            v_status := array_fill(0::smallint, array[v_members]);
            v_first := array_fill(0::bigint, array[v_members]);
            v_total := cardinality(p_members);
            select array_agg(b - 1) into v_draw from unnest(v_begin) as b;
        else
            -- 1. Lock the rows of streams that exist, in order, waiting for none.
            select array_agg(s.row_id), array_agg(s.version), array_agg(s.origin), array_agg(s.last_position),
                   array_agg(s.closed)
              into v_row_id, v_version, v_origin, v_position, v_closed
              from (select t.row_id, t.version, t.origin, t.last_position, t.closed
                      from unnest(p_streams) with ordinality as m(name, n)
                      left join lateral (
                          select t.ctid as row_id, t.version, t.origin, t.last_position, t.closed_at is not null as closed
                            from streams t where t.tenant = p_tenant and t.name = m.name
                             for no key update skip locked) as t on true
                     order by m.n) as s;

            -- 2. Compare the expectations on the locked rows. Who loses draws no positions.
            select array_agg(x.status) into v_status
              from (select case
                       -- Not locked: new, or held by another. To insert a stream that exists would wait for its holder.
                       when v_version[m.n] is null then
                           -- Not "exists": that may be planned as a hash of all the tenant's streams.
                           case when (select true from streams t where t.tenant = p_tenant and t.name = m.name) then 4
                                when m.expected in (-1, -2) then 0
                                else 2 end
                       when v_closed[m.n] then 5
                       when m.expected = -2 or m.expected = -4 or m.expected = v_version[m.n] then 0
                       else 2 end::smallint as status
                      from unnest(p_streams, p_expected) with ordinality as m(name, expected, n)
                     order by m.n) as x;
            -- A holder that ended between two looks at its row: who was looked at later must not pass who found it held.
            if 4 = any (v_status) then
                select array_agg(x.status order by x.n) into v_status
                  from (select m.n, case when bool_or(m.status = 4) over (partition by m.name) then 4::smallint
                                         else m.status end as status
                          from unnest(p_streams, v_status) with ordinality as m(name, status, n)) as x;
            end if;
            v_first := array_fill(null::bigint, array[v_members]);
            v_draw := v_first;

            -- 3. Look up the append ids that can have been used; also where the stream was closed meanwhile.
            if true = any (p_lookup) or p_known < any (v_position) then
                for v_row in
                    select m.n, r.*
                      from unnest(p_streams, p_expected, p_append_ids, p_lookup) with ordinality as m(name, expected, id, given, n)
                     cross join lateral replayed(p_tenant, v_origin[m.n], v_version[m.n], m.expected, m.id, m.given, p_known,
                                                 p_types[v_begin[m.n]:v_begin[m.n] + v_count[m.n] - 1],
                                                 p_data[v_begin[m.n]:v_begin[m.n] + v_count[m.n] - 1],
                                                 p_tags[v_begin[m.n]:v_begin[m.n] + v_count[m.n] - 1],
                                                 p_ids[v_begin[m.n]:v_begin[m.n] + v_count[m.n] - 1],
                                                 p_given[v_begin[m.n]:v_begin[m.n] + v_count[m.n] - 1]) as r
                     where m.id is not null and v_version[m.n] is not null and (m.given or p_known < v_position[m.n])
                loop
                    v_status[v_row.n] := case when v_row.same then 1 else 3 end;
                    v_version[v_row.n] := v_row.last_version;  -- read only for the answer from here on
                    v_first[v_row.n] := v_row.first_version;
                    v_draw[v_row.n] := v_row.last_position;
                end loop;
            end if;

            -- 4. The winners' versions, and their places among the positions to draw.
            select array_agg(case when w.status = 0 then coalesce(v_version[w.n], -1) + 1 + w.before else v_first[w.n] end
                             order by w.n),
                   array_agg(case when w.status = 0 then w.drawn else v_draw[w.n] end order by w.n),
                   coalesce(sum(v_count[w.n]) filter (where w.status = 0), 0)
              into v_first, v_draw, v_total
              from (select m.n, m.status,
                           coalesce(sum(v_count[m.n]) filter (where m.status = 0)
                               over (partition by m.name order by m.n rows between unbounded preceding and 1 preceding), 0)
                               as before,
                           coalesce(sum(v_count[m.n]) filter (where m.status = 0)
                               over (order by m.n rows between unbounded preceding and 1 preceding), 0) as drawn
                      from unnest(p_streams, v_status) with ordinality as m(name, status, n)) as w;
        end if;
        exit when v_total = 0;

        -- 5. The marker, then the draw.
        v_last := coalesce(pg_sequence_last_value('events_position'), 0);
        if p_known > v_last and not v_are_new then
            p_known := 0;
            continue;
        end if;
        v_marker := mark(events_log_number(), v_last);
        select array_agg(nextval('events_position')) into v_positions from generate_series(1, v_total);
        v_done := make_room('events', v_positions[v_total]);

        -- 6. Create the missing streams, with their final version. What exists after all gives up the positions drawn for
        --    it, for its other events may have higher ones.
        exit when not v_are_new and array_position(v_version, null) is null;
        begin
            v_set := set_config('lock_timeout', '10ms', true);  -- for who is just creating one of them
            if v_are_new then
                insert into streams (tenant, name, version, origin, last_position)
                select p_tenant, m.name, m.count - 1, v_positions[m.begin], v_positions[m.begin + m.count - 1]
                  from unnest(p_streams, v_begin, v_count) as m(name, begin, count);
            else
                insert into streams (tenant, name, version, origin, last_position)
                select p_tenant, m.name, max(v_first[m.n] + v_count[m.n] - 1), min(v_positions[v_draw[m.n] + 1]),
                       max(v_positions[v_draw[m.n] + v_count[m.n]])
                  from unnest(p_streams, v_status, v_version) with ordinality as m(name, status, version, n)
                 where m.status = 0 and m.version is null
                 group by m.name order by m.name;
            end if;
            v_set := set_config('lock_timeout', v_patience, true);
        exception when unique_violation or lock_not_available then
            if v_are_new then
                v_are_new := false;
                continue;  -- from the beginning, each with a look at what there is
            end if;
            -- One by one, so that those in the way are found.
            for v_row in
                select m.name, max(v_first[m.n] + v_count[m.n] - 1) as version, min(v_positions[v_draw[m.n] + 1]) as origin,
                       max(v_positions[v_draw[m.n] + v_count[m.n]]) as last_position
                  from unnest(p_streams, v_status, v_version) with ordinality as m(name, status, version, n)
                 where m.status = 0 and m.version is null
                 group by m.name order by m.name
            loop
                begin
                    v_set := set_config('lock_timeout', '1ms', true);
                    insert into streams (tenant, name, version, origin, last_position)
                    values (p_tenant, v_row.name, v_row.version, v_row.origin, v_row.last_position);
                    v_set := set_config('lock_timeout', v_patience, true);
                exception when unique_violation or lock_not_available then
                    select array_agg(case when m.status = 0 and m.name = v_row.name then 4::smallint else m.status end
                                     order by m.n)
                      into v_status
                      from unnest(p_streams, v_status) with ordinality as m(name, status, n);
                end;
            end loop;
        end;
        exit;
    end loop;

    if v_total > 0 then
        -- 7. The events, and the versions of the streams that existed. A new stream's origin is its first member's first
        --    position.
        if v_are_new then
            select array_agg(v_positions[b]) into v_origin from unnest(v_begin) as b;
        elsif array_position(v_version, null) is not null then
            for v_row in
                select m.n, min(v_positions[v_draw[m.n] + 1]) over (partition by m.name) as origin
                  from unnest(p_streams, v_status, v_version) with ordinality as m(name, status, version, n)
                 where m.status = 0 and m.version is null
            loop
                v_origin[v_row.n] := v_row.origin;
            end loop;
        end if;
        insert into events (position, origin, version, recorded_at, id, append_id, tenant, stream, type, data, metadata, tags)
        select v_positions[v_draw[e.m] + e.i - v_begin[e.m] + 1], v_origin[e.m], v_first[e.m] + e.i - v_begin[e.m],
               clock_timestamp(), e.id, p_append_ids[e.m], p_tenant, p_streams[e.m], e.type, e.data, e.metadata,
               e.tags::text[]
          from unnest(p_members, p_types, p_data, p_metadata, p_tags, p_ids)
               with ordinality as e(m, type, data, metadata, tags, id, i)
         where v_status[e.m] = 0;
        if not v_are_new then
            update streams as t
               set version = w.version, last_position = w.last_position
              from (select m.row_id, max(v_first[m.n] + v_count[m.n] - 1) as version,
                           max(v_positions[v_draw[m.n] + v_count[m.n]]) as last_position
                      from unnest(v_row_id, v_status) with ordinality as m(row_id, status, n)
                     where m.status = 0 and m.row_id is not null
                     group by m.row_id) as w
             where t.ctid = w.row_id;  -- the row is locked, so it has not moved; by name, a plan made early would search
        end if;
    end if;

    return query
        select m.n::integer, m.status,
               v_first[m.n],
               case when m.status = 0 then v_first[m.n] + v_count[m.n] - 1
                    when v_version[m.n] is null and m.status = 2 then -1
                    else v_version[m.n] end,
               case when m.status = 0 then v_positions[v_draw[m.n] + v_count[m.n]] else v_draw[m.n] end
          from unnest(v_status) with ordinality as m(status, n);
end
$$;

-- Appends to one stream: for a lone append, for a stream that was busy, and for transactions. The arguments and statuses are
-- append_group's. p_patience: how many milliseconds to wait for a stream that another transaction holds; 0: none, report it
-- busy; null: as long as the session's lock_timeout lets it. Whoever waited in vain gets 55P03.
create function skald.append_one(
    p_tenant text, p_stream text, p_expected bigint, p_append_id uuid, p_lookup boolean,
    p_types text[], p_data jsonb[], p_metadata jsonb[], p_tags text[], p_ids uuid[], p_given boolean[],
    p_patience integer default null, p_known bigint default 0,
    out status smallint, out first_version bigint, out last_version bigint, out last_position bigint
)
    language plpgsql volatile security definer
    set search_path = skald, pg_temp set plan_cache_mode = force_generic_plan set jit = off
    set enable_seqscan = off set enable_bitmapscan = off
as $$
declare
    v_count     constant integer := cardinality(p_types);
    v_waits     constant boolean := p_patience is distinct from 0;
    v_patience  constant text := coalesce(nullif(p_patience, 0) || 'ms', current_setting('lock_timeout'));
    v_stream    skald.streams;
    v_replay    record;
    v_last      bigint;
    v_marker    bigint;
    v_positions bigint[];
    v_set       text;
    v_done      boolean;
begin
    if current_setting('skald.session', true) is distinct from 'begun' then
        perform begin_session();
    end if;
    v_done := check_append(p_tenant, array[p_stream], p_types, p_data);
    if p_patience > 0 then
        v_set := set_config('lock_timeout', v_patience, true);
    end if;
    loop
        -- 1. Lock the stream's row, if there is one.
        if v_waits then
            select * into v_stream from streams t where t.tenant = p_tenant and t.name = p_stream for no key update;
        else
            select * into v_stream from streams t where t.tenant = p_tenant and t.name = p_stream
               for no key update skip locked;
        end if;

        -- 2. Compare, and look the append id up where it can have been used; also where the stream was closed meanwhile.
        if v_stream.version is null then
            if not v_waits and exists (select from streams t where t.tenant = p_tenant and t.name = p_stream) then
                status := 4;
            elsif p_expected in (-1, -2) then
                status := 0;
            else
                status := 2;
                last_version := -1;
            end if;
        else
            status := case when v_stream.closed_at is not null then 5
                           when p_expected in (-2, -4, v_stream.version) then 0 else 2 end;
            last_version := v_stream.version;
            if p_append_id is not null and (p_lookup or p_known < v_stream.last_position) then
                select r.* into v_replay
                  from replayed(p_tenant, v_stream.origin, v_stream.version, p_expected, p_append_id, p_lookup, p_known,
                                p_types, p_data, p_tags, p_ids, p_given) as r;
                if v_replay.last_version is not null then
                    status := case when v_replay.same then 1 else 3 end;
                    first_version := v_replay.first_version;
                    last_version := v_replay.last_version;
                    last_position := v_replay.last_position;
                end if;
            end if;
        end if;
        if status <> 0 then
            return;
        end if;

        -- 3. The marker, the draw, and a missing stream with its final version.
        v_last := coalesce(pg_sequence_last_value('events_position'), 0);
        if p_known > v_last then  -- it says nothing, see append_group
            p_known := 0;
            continue;
        end if;
        v_marker := mark(events_log_number(), v_last);
        if v_count = 1 then
            v_positions := array[nextval('events_position')];
        else
            select array_agg(nextval('events_position')) into v_positions from generate_series(1, v_count);
        end if;
        v_done := make_room('events', v_positions[v_count]);
        first_version := coalesce(v_stream.version, -1) + 1;
        last_version := first_version + v_count - 1;
        last_position := v_positions[v_count];
        exit when v_stream.version is not null;
        v_stream.origin := v_positions[1];
        if not v_waits then  -- whoever is just creating it gets a moment to finish
            v_set := set_config('lock_timeout', '10ms', true);
        end if;
        insert into streams (tenant, name, version, origin, last_position)
        values (p_tenant, p_stream, last_version, v_stream.origin, last_position)
        on conflict on constraint streams_pkey do nothing;
        if not v_waits then
            v_set := set_config('lock_timeout', v_patience, true);
        end if;
        exit when found;
        -- There is one after all: the positions are given up, for its other events may have higher ones.
        if not v_waits then
            status := 4;
            return;
        end if;
    end loop;

    -- 4. The events, and the version of a stream that existed.
    if v_count = 1 then
        insert into events (position, origin, version, recorded_at, id, append_id, tenant, stream, type, data, metadata, tags)
        values (last_position, v_stream.origin, first_version, clock_timestamp(), p_ids[1], p_append_id,
                p_tenant, p_stream, p_types[1], p_data[1], p_metadata[1], p_tags[1]::text[]);
    else
        insert into events (position, origin, version, recorded_at, id, append_id, tenant, stream, type, data, metadata, tags)
        select v_positions[e.i], v_stream.origin, first_version + e.i - 1, clock_timestamp(), e.id, p_append_id,
               p_tenant, p_stream, e.type, e.data, e.metadata, e.tags::text[]
          from unnest(p_types, p_data, p_metadata, p_tags, p_ids) with ordinality as e(type, data, metadata, tags, id, i);
    end if;
    if first_version > 0 then
        update streams as t set version = append_one.last_version, last_position = append_one.last_position
         where t.tenant = p_tenant and t.name = p_stream;
    end if;
end
$$;

-- Begins a stream with its first event, the most frequent append of all, and gives the event's position; null where the
-- stream exists or is just being created: then nothing was appended, and append_one says what there is. It stands alone in
-- its transaction.
--
-- A caller that waits for the disk finds the processor's caches cold, and then every statement, every array and every call
-- more is felt: so these are two inserts and a few expressions over scalars, and the marker is taken without mark(), which
-- has to remember it for a transaction's later appends.
create function skald.begin_stream(
    p_tenant text, p_stream text, p_append_id uuid, p_id uuid, p_type text, p_data jsonb, p_metadata jsonb, p_tags text
) returns bigint
    language plpgsql volatile security definer set search_path = skald, pg_temp
as $$
declare
    v_last     bigint;
    v_marked   boolean;
    v_position bigint;
    v_set      text;  -- takes what a function returns that is called for its effect: as a statement it costs ten times more
begin
    if current_setting('skald.session', true) is distinct from 'begun' then
        perform begin_session();
    end if;
    if p_tenant <> '' or octet_length(p_stream) not between 1 and 250 or p_stream ~ '[\u0001-\u001f\u007f-\u009f]'
        or octet_length(p_type) not between 1 and 250 or pg_column_size(p_data) > 8388608
    then
        perform check_append(p_tenant, array[p_stream], array[p_type], array[p_data]);
    end if;
    v_last := coalesce(pg_sequence_last_value('events_position'), 0);
    v_marked := pg_try_advisory_xact_lock_shared((events_log_number() << 48) | v_last);
    if not v_marked then  -- nobody takes it exclusively
        return null;
    end if;
    v_position := nextval('events_position');
    if v_position >= coalesce(nullif(current_setting('skald.room_events', true), ''), '0')::bigint then
        perform make_room('events', v_position);
    end if;
    v_set := set_config('lock_timeout', '10', true);  -- milliseconds, for who is just creating the same stream
    insert into streams (tenant, name, version, origin, last_position)
    values (p_tenant, p_stream, 0, v_position, v_position)
    on conflict on constraint streams_pkey do nothing;
    if not found then
        return null;  -- the position is given up, for the stream's other events may have higher ones
    end if;
    insert into events (position, origin, version, recorded_at, id, append_id, tenant, stream, type, data, metadata, tags)
    values (v_position, v_position, 0, clock_timestamp(), p_id, p_append_id, p_tenant, p_stream, p_type, p_data, p_metadata,
            p_tags::text[]);
    return v_position;
end
$$;

-- A UUID of version 7 (RFC 9562): milliseconds since 1970, then random bits.
create function skald.uuid_v7() returns uuid language sql volatile parallel safe set search_path = pg_catalog, pg_temp as $$
    select encode(
        set_byte(
            set_byte(
                overlay(uuid_send(gen_random_uuid())
                        placing substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3)
                        from 1 for 6),
                6, 112 + (get_byte(uuid_send(gen_random_uuid()), 6) & 15)),
            8, 128 + (get_byte(uuid_send(gen_random_uuid()), 8) & 63)), 'hex')::uuid
$$;

create function skald.json_depth(p_value jsonb, p_limit integer) returns boolean
    language plpgsql immutable parallel safe as $$
begin
    if p_limit <= 0 then
        return jsonb_typeof(p_value) not in ('object', 'array');
    elsif jsonb_typeof(p_value) = 'object' then
        return not exists (select from jsonb_each(p_value) as m(key, value)
                            where jsonb_typeof(m.value) in ('object', 'array') and not json_depth(m.value, p_limit - 1));
    elsif jsonb_typeof(p_value) = 'array' then
        return not exists (select from jsonb_array_elements(p_value) as m(value)
                            where jsonb_typeof(m.value) in ('object', 'array') and not json_depth(m.value, p_limit - 1));
    end if;
    return true;
end
$$;

create function skald.invalid_argument(p_argument text, p_reason text) returns void language plpgsql immutable as $$
begin
    raise exception 'the argument % is not valid: %', p_argument, p_reason
        using errcode = 'SK003', detail = jsonb_build_object('argument', p_argument, 'reason', p_reason)::text;
end
$$;

-- PUBLIC. Appends events to a stream; all or none.
--   expected   the version of the last event (0 is the first), or -1: the stream must not exist, -2: any, -4: must exist
--   events     an array of 1 to 10,000 objects {"type": text, "data": any, "metadata": object?, "tags": [text]?, "id": uuid?}
--   append_id  calling again with the same id and content returns the first call's result and appends nothing
-- The limits are EventLimits'. Bytes of JSON are counted as PostgreSQL writes it, with a space after each comma and colon.
-- Errors: SK001 version conflict, SK002 append id reused, SK003 invalid argument, SK004 stream closed.
create function skald.append(
    stream_name text, expected bigint, events jsonb, append_id uuid default null, tenant text default ''
) returns table (first_version bigint, last_version bigint, last_position bigint)
    language plpgsql volatile security definer
    set search_path = skald, pg_temp set plan_cache_mode = force_generic_plan set jit = off
as $$
declare
    v_event    jsonb;
    v_key      text;
    v_number   integer := 0;
    v_types    text[] := '{}';
    v_data     jsonb[] := '{}';
    v_metadata jsonb[] := '{}';
    v_tags     text[] := '{}';
    v_ids      uuid[] := '{}';
    v_given    boolean[] := '{}';
    v_bytes    bigint := 0;
    v_result   record;
begin
    if stream_name is null or octet_length(stream_name) not between 1 and 250
        or stream_name ~ '[\u0001-\u001f\u007f-\u009f]' then
        perform invalid_argument('stream_name', 'it must have 1 to 250 bytes and no control characters');
    elsif left(stream_name, 1) = '$' then
        perform invalid_argument('stream_name', 'streams that begin with $ are the framework''s own');
    elsif tenant is null or octet_length(tenant) > 100 or tenant ~ '[\u0001-\u001f\u007f-\u009f]' then
        perform invalid_argument('tenant', 'it must have at most 100 bytes and no control characters');
    elsif expected is null or expected < -4 or expected = -3 then
        perform invalid_argument('expected', 'it must be a version from 0 on, -1 (no stream), -2 (any) or -4 (stream exists)');
    elsif events is null or jsonb_typeof(events) <> 'array' then
        perform invalid_argument('events', 'it must be a JSON array');
    elsif jsonb_array_length(events) not between 1 and 10000 then
        perform invalid_argument('events', 'it must have 1 to 10,000 elements');
    end if;
    for v_event in select value from jsonb_array_elements(events) loop
        if jsonb_typeof(v_event) <> 'object' then
            perform invalid_argument(format('events[%s]', v_number), 'it must be an object');
        end if;
        for v_key in select k from jsonb_object_keys(v_event) as k loop
            if v_key not in ('type', 'data', 'metadata', 'tags', 'id') then
                perform invalid_argument(format('events[%s]', v_number), format(
                    'it has the unknown key %s; known are type, data, metadata, tags, id', to_json(v_key)));
            end if;
        end loop;
        if jsonb_typeof(v_event -> 'type') is distinct from 'string'
            or octet_length(v_event ->> 'type') not between 1 and 250
            or v_event ->> 'type' ~ '[\u0001-\u001f\u007f-\u009f]' then
            perform invalid_argument(format('events[%s].type', v_number),
                                     'it must be a string of 1 to 250 bytes without control characters');
        elsif not v_event ? 'data' then
            perform invalid_argument(format('events[%s].data', v_number), 'it is missing');
        elsif octet_length((v_event -> 'data')::text) > 1048576 then
            perform invalid_argument(format('events[%s].data', v_number), 'it must have at most 1,048,576 bytes');
        elsif not json_depth(v_event -> 'data', 64) then
            perform invalid_argument(format('events[%s].data', v_number), 'it may be nested 64 levels deep at most');
        elsif v_event ? 'metadata' and jsonb_typeof(v_event -> 'metadata') <> 'object' then
            perform invalid_argument(format('events[%s].metadata', v_number), 'it must be an object');
        elsif octet_length((v_event -> 'metadata')::text) > 65536 then
            perform invalid_argument(format('events[%s].metadata', v_number), 'it must have at most 65,536 bytes');
        elsif v_event ? 'tags' and (jsonb_typeof(v_event -> 'tags') <> 'array' or exists (
            select from jsonb_array_elements(v_event -> 'tags') as t where jsonb_typeof(t) <> 'string')) then
            perform invalid_argument(format('events[%s].tags', v_number), 'it must be an array of strings');
        elsif v_event ? 'tags' and (jsonb_array_length(v_event -> 'tags') > 64 or exists (
            select from jsonb_array_elements_text(v_event -> 'tags') as t
             where octet_length(t) not between 1 and 250 or t ~ '[\u0001-\u001f\u007f-\u009f]')) then
            perform invalid_argument(format('events[%s].tags', v_number),
                                     'it must have at most 64 tags of 1 to 250 bytes without control characters');
        end if;
        v_bytes := v_bytes + octet_length((v_event -> 'data')::text)
            + coalesce(octet_length((v_event -> 'metadata')::text), 2);
        if v_bytes > 67108864 then
            perform invalid_argument('events', 'they must have at most 64 MiB of data and metadata');
        end if;
        begin
            v_ids := v_ids || coalesce((v_event ->> 'id')::uuid, uuid_v7());
        exception when invalid_text_representation then
            perform invalid_argument(format('events[%s].id', v_number), 'it must be a UUID');
        end;
        v_given := v_given || (v_event ->> 'id' is not null);
        v_types := v_types || (v_event ->> 'type');
        v_data := array_append(v_data, v_event -> 'data');
        v_metadata := array_append(v_metadata, v_event -> 'metadata');
        v_tags := array_append(v_tags, (select array_agg(t)::text from jsonb_array_elements_text(v_event -> 'tags') as t));
        v_number := v_number + 1;
    end loop;

    select * into v_result
      from append_one(tenant, stream_name, expected, append_id, append_id is not null,
                      v_types, v_data, v_metadata, v_tags, v_ids, v_given, p_known => null);
    case v_result.status
        when 0, 1 then
            return query select v_result.first_version, v_result.last_version, v_result.last_position;
        when 2 then
            raise exception 'stream % is at version %, expected was %', stream_name, v_result.last_version, expected
                using errcode = 'SK001', detail = jsonb_build_object(
                    'stream', stream_name, 'expected', expected, 'actual', v_result.last_version)::text;
        when 3 then
            raise exception 'the append id % was used on stream % with other content', append_id, stream_name
                using errcode = 'SK002', detail = jsonb_build_object('append_id', append_id)::text;
        else
            raise exception 'stream % is closed', stream_name
                using errcode = 'SK004', detail = jsonb_build_object('stream', stream_name)::text;
    end case;
end
$$;

-------------------------------------------------------------------------------------------------------------- read

create function skald.require_read_committed() returns void language plpgsql volatile as $$
begin
    if current_setting('transaction_isolation') <> 'read committed' then
        raise exception 'the log cannot be read in order under %', current_setting('transaction_isolation')
            using errcode = 'SK006', hint = 'Read under READ COMMITTED: each step needs a snapshot of its own.';
    end if;
end
$$;

-- The two steps of a log's watermark. On a standby: the watermark as stored by the primary.
create function skald.log_watermark(p_log text, p_log_number bigint, p_sequence regclass) returns bigint
    language plpgsql volatile as $$
declare
    v_last  bigint;
    v_floor bigint;
begin
    perform require_read_committed();
    if pg_is_in_recovery() then
        v_last := coalesce((select position from watermarks where log = p_log), 0);
        perform hear_of_partitions();
        return v_last;
    end if;
    v_last := coalesce(pg_sequence_last_value(p_sequence), 0);
    select min(((l.classid::bigint & 65535) << 32) | l.objid::bigint) into v_floor
      from pg_locks l
     where l.locktype = 'advisory' and l.objsubid = 1 and l.mode = 'ShareLock' and l.granted
       and l.database = (select d.oid from pg_database d where d.datname = current_database())
       and (l.classid::bigint >> 16) = p_log_number;
    perform hear_of_partitions();  -- after the markers: who releases one has told of the partitions it made
    return least(v_last, v_floor);  -- no marker, no floor
end
$$;

-- PUBLIC. The position up to which the log is final: nothing at or below it can still appear.
create function skald.watermark() returns bigint
    language plpgsql volatile security definer set search_path = skald, pg_temp as $$
begin
    return log_watermark('events', events_log_number(), 'events_position');
end
$$;

-- Refuses a cursor that was handed out before the log was rewound and lies in what was lost (SK009). A standby that lags has
-- not heard yet of what a cursor from the primary knows: there is nothing after it to read, until it has.
create function skald.check_cursor(p_generation integer, p_position bigint) returns void
    language plpgsql volatile as $$
declare
    v_lags  constant boolean := pg_is_in_recovery();
    v_start bigint;
begin
    select min(g.starts_at) into v_start from generations g where g.number > p_generation;
    if not v_lags and p_position > 0 and not exists (select from generations g where g.number = p_generation) then
        raise exception 'the log was rewound, or is another one: it has had no generation %', p_generation
            using errcode = 'SK009',
                  detail = jsonb_build_object('generation', p_generation, 'position', p_position)::text,
                  hint = 'The cursor comes from another log, or from a copy of this one that went its own way. Rebuild from '
                      || 'an earlier cursor, or from the beginning.';
    end if;
    if v_start <= p_position
        or not v_lags and p_position > coalesce(pg_sequence_last_value('events_position'), 0) then
        raise exception 'the log was rewound: the cursor %-% lies beyond what it still holds', p_generation, p_position
            using errcode = 'SK009',
                  detail = jsonb_build_object('generation', p_generation, 'position', p_position,
                                              'rewound_to', coalesce(v_start - 1, pg_sequence_last_value('events_position')))::text,
                  hint = 'A backup was restored or a standby that lagged was promoted. What was read beyond is gone or '
                      || 'has changed: rebuild from an earlier cursor.';
    end if;
end
$$;

-- PUBLIC. The events after a position, in order, up to the watermark. What it returns is final.
create function skald.read_all(after bigint default 0, max_count integer default 1000, tenant text default '')
    returns table ("position" bigint, stream text, version bigint, type text, data jsonb, metadata jsonb, tags text[],
                   id uuid, recorded_at timestamptz)
    language plpgsql volatile security definer rows 1000
    set search_path = skald, pg_temp set plan_cache_mode = force_generic_plan set jit = off
    set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off
as $$
declare
    v_watermark constant bigint := log_watermark('events', events_log_number(), 'events_position');
begin
    return query
        select e.position, e.stream, e.version, e.type, e.data, e.metadata, e.tags, e.id, e.recorded_at
          from events e
         where e.tenant = read_all.tenant and e.position > after and e.position <= v_watermark
         order by e.position limit max_count;
end
$$;

-- The same for readers that keep their cursor outside this database: refuses one that the log was rewound below.
create function skald.read_all_in_generation(
    p_generation integer, p_after bigint, p_max_count integer, p_tenant text, p_types text[] default null
) returns table (generation integer, "position" bigint, stream text, version bigint, type text, data jsonb, metadata jsonb, tags text[],
                 id uuid, recorded_at timestamptz)
    language plpgsql volatile security definer rows 1000
    set search_path = skald, pg_temp set plan_cache_mode = force_generic_plan set jit = off
    set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off
as $$
declare
    v_watermark  constant bigint := log_watermark('events', events_log_number(), 'events_position');
    v_generation constant integer := coalesce((select max(g.number) from generations g), 1);
begin
    perform check_cursor(p_generation, p_after);
    return query
        select v_generation, e.position, e.stream, e.version, e.type, e.data, e.metadata, e.tags, e.id, e.recorded_at
          from events e
         where e.tenant = p_tenant and e.position > p_after and e.position <= v_watermark
           and (p_types is null or e.type = any (p_types))
         order by e.position limit p_max_count;
end
$$;

-- PUBLIC. A stream's events by version, from from_version on (null: from the first, or backwards from the last).
create function skald.read_stream(
    stream_name text, from_version bigint default null, max_count integer default 1000, backwards boolean default false,
    tenant text default ''
) returns table ("position" bigint, stream text, version bigint, type text, data jsonb, metadata jsonb, tags text[],
                 id uuid, recorded_at timestamptz)
    language plpgsql volatile security definer rows 100
    set search_path = skald, pg_temp set plan_cache_mode = force_generic_plan set jit = off
    set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off
as $$
declare
    v_stream streams;
begin
    select * into v_stream from streams t where t.tenant = read_stream.tenant and t.name = stream_name;
    if v_stream.version is null then
        return;
    end if;
    perform hear_of_partitions();
    if backwards then
        return query
            select e.position, e.stream, e.version, e.type, e.data, e.metadata, e.tags, e.id, e.recorded_at
              from events e
             where e.tenant = read_stream.tenant and e.origin = v_stream.origin
               and e.version <= least(from_version, v_stream.version)
               and e.position between v_stream.origin and v_stream.last_position
             order by e.version desc limit max_count;
    else
        return query
            select e.position, e.stream, e.version, e.type, e.data, e.metadata, e.tags, e.id, e.recorded_at
              from events e
             where e.tenant = read_stream.tenant and e.origin = v_stream.origin
               and e.version between coalesce(from_version, 0) and v_stream.version
               and e.position between v_stream.origin and v_stream.last_position
             order by e.version limit max_count;
    end if;
end
$$;

-- Stores the watermark for standbys; it only rises. Called now and then by every store, so it makes partitions too, in a
-- transaction that ends at once: what a caller's long transaction made would be kept from others until that ends.
create function skald.store_watermark() returns bigint
    language plpgsql volatile security definer set search_path = skald, pg_temp as $$
declare
    v_watermark constant bigint := watermark();
begin
    perform make_room('events', coalesce(pg_sequence_last_value('events_position'), 0));
    insert into watermarks as w (log, position, stored_at) values ('events', v_watermark, clock_timestamp())
    on conflict on constraint watermarks_pkey do update
       set position = excluded.position, stored_at = excluded.stored_at
     where w.position < excluded.position;
    return v_watermark;
end
$$;

-- For a follower that has read all there was: is there more by now, and if not, is that because somebody holds the
-- watermark back? Not by the watermark alone: behind it there may be a gap, or other tenants' events.
create function skald.is_more(p_generation integer, p_after bigint, p_tenant text, out has_more boolean, out held_back boolean)
    language plpgsql volatile security definer
    set search_path = skald, pg_temp set plan_cache_mode = force_generic_plan set jit = off
    set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off
as $$
declare
    v_watermark constant bigint := log_watermark('events', events_log_number(), 'events_position');
begin
    perform check_cursor(p_generation, p_after);
    has_more := (select e.position from events e
                  where e.tenant = p_tenant and e.position > p_after and e.position <= v_watermark
                  order by e.position limit 1) is not null;
    held_back := v_watermark < coalesce(pg_sequence_last_value('events_position'), 0) and not pg_is_in_recovery();
end
$$;

-- PUBLIC. How the log stands, and which session holds the watermark back. A prepared transaction has no pid.
create function skald.log_status()
    returns table (head bigint, watermark bigint, generation integer, holder_pid integer, holder_application text,
                   holder_user text, holder_since timestamptz, holder_state text)
    language plpgsql volatile security definer set search_path = skald, pg_temp as $$
declare
    v_watermark bigint := watermark();
begin
    return query
        select coalesce(pg_sequence_last_value('events_position'), 0), v_watermark,
               (select max(g.number) from generations g), h.pid, a.application_name, a.usename::text, a.xact_start, a.state
          from (select true) as always
          left join lateral (
              select l.pid from pg_locks l
               where l.locktype = 'advisory' and l.objsubid = 1 and l.mode = 'ShareLock' and l.granted
                 and l.database = (select d.oid from pg_database d where d.datname = current_database())
                 and (l.classid::bigint >> 16) = events_log_number()
               order by ((l.classid::bigint & 65535) << 32) | l.objid::bigint limit 1) as h on true
          left join pg_stat_activity a on a.pid = h.pid;
end
$$;

create view skald.stream_list as
    select tenant, name, version, origin, last_position, closed_at from skald.streams;

------------------------------------------------------------------------------------------------------------ grants

grant execute on function
    skald.append(text, bigint, jsonb, uuid, text),
    skald.append_group(text, text[], bigint[], uuid[], boolean[], integer[], text[], jsonb[], jsonb[], text[], uuid[],
                       boolean[], bigint),
    skald.append_one(text, text, bigint, uuid, boolean, text[], jsonb[], jsonb[], text[], uuid[], boolean[], integer,
                     bigint),
    skald.begin_stream(text, text, uuid, uuid, text, jsonb, jsonb, text),
    skald.store_watermark(), skald.begin_session()
    to skald_writer;
grant execute on function
    skald.watermark(), skald.read_all(bigint, integer, text), skald.log_status(),
    skald.read_all_in_generation(integer, bigint, integer, text, text[]), skald.is_more(integer, bigint, text),
    skald.read_stream(text, bigint, integer, boolean, text),
    skald.events_log_number()
    to skald_reader;
grant select on skald.stream_list, skald.generations, skald.partitions to skald_reader;

-- The first generation. Left to the first append it would stand in that append's transaction, and if that stayed open,
-- every other session's first append would wait for it.
select skald.begin_session();

insert into skald.migrations (number, name) values (1, 'log');

reset role;
