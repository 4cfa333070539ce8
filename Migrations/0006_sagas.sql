-- 0006_sagas.sql: sagas. A row to go on from, a history in the log, inputs that wait, and transitions that write all at once.
--
-- THE ROW IS WHAT IS NEEDED TO GO ON, the history is why. A saga's history is the stream '$saga:<name>-<id>' in the log; its
-- row holds the state folded from it, and its revision is the version of that stream's last event. Status, step and due time
-- live on the row alone: there is no timer table and no queue that could disagree with it.
--
-- TRANSITIONS. saga_transitions writes the transitions of many sagas in one call and one commit: each saga's events, its row,
-- the messages it sends, and the inputs it used up; each succeeds or fails alone, failures are rows. A transition is written
-- only if (1) the lease on the saga's lane still has the epoch that its worker took it with, kept so until the commit, and
-- (2) the row still has the revision that the transition was decided on. A worker that was paused past its lease fails (1);
-- two decisions of one worker on one state fail (2).
--
-- LANES. A saga belongs to one of 256 buckets, for ever. Sixteen buckets are a lane, and a lane of one definition of one kind
-- of saga is what workers lease: 'saga/<name>@<definition>/<lane>'. So a process leases only what it has the code for, and a
-- new version of a definition does not wait for the old one's workers.
--
-- INPUTS. What others have to say to a saga (a reply, an operator's request) is put down in saga_inputs, by anybody who may,
-- and the row is made due. Whoever puts an input down locks the row first and always: then either the transition that has
-- the lock sees the input, or the input sees the transition's row. A running saga is not made due (its worker is busy with
-- it); the transition that ends the run looks for inputs.
--
-- POLLING costs what is due, not what has ever been: the partial index sagas_due equals the question in predicate and order.
-- A running saga has no due time here: its worker watches the call, and who takes a lane over asks for what was running.
-- From one call to the next no indexed column changes, so those updates are heap-only.

set local role skald_owner;

--------------------------------------------------------------------------------------------------------- the tables

create table skald.sagas (
    tenant      text collate "C" not null,
    name        text collate "C" not null,
    id          text collate "C" not null,
    definition  integer          not null,  -- the version it was started under, for ever
    bucket      smallint         not null,
    lane        smallint         not null generated always as (bucket >> 4) stored,
    attempt     integer          not null default 0,
    revision    bigint           not null,  -- version of the last event of its stream
    due_at      timestamptz,                -- when a worker has to look at it; null: nothing due, or running
    started_at  timestamptz      not null,
    changed_at  timestamptz      not null,
    status      text             not null default 'waiting',
    direction   text             not null default 'forward',
    waiting_for text             default 'start',
    step        text,
    reason      text,                       -- the last error, or why a person is needed
    state       jsonb            not null,
    constraint sagas_pkey primary key (tenant, name, id),
    constraint sagas_tenant_valid check (octet_length(tenant) <= 100 and tenant !~ '[[:cntrl:]]'),
    constraint sagas_name_valid check (name ~ '^[a-z][a-z0-9-]{0,63}$'),
    constraint sagas_id_valid check (octet_length(id) between 1 and 128 and id !~ '[[:cntrl:]]'),
    constraint sagas_definition_valid check (definition >= 1),
    constraint sagas_bucket_valid check (bucket between 0 and 255),
    constraint sagas_status_valid check (status in ('running', 'waiting', 'needs-attention', 'completed', 'compensated')),
    constraint sagas_direction_valid check (direction in ('forward', 'backward')),
    constraint sagas_waiting_valid check ((waiting_for in ('start', 'reply', 'retry', 'timer')) = (status = 'waiting')),
    constraint sagas_size_valid check (pg_column_size(state) <= 2097152)
) with (fillfactor = 70);
create index sagas_due on skald.sagas (name, definition, lane, due_at) where due_at is not null;
create index sagas_open on skald.sagas (name, definition, lane, status)
    where status in ('running', 'waiting', 'needs-attention');

create table skald.saga_inputs (
    tenant      text collate "C" not null,
    name        text collate "C" not null,
    saga        text collate "C" not null,
    id          uuid             not null,  -- the first of an id counts
    number      bigint           not null generated always as identity,
    received_at timestamptz      not null,
    kind        text             not null,
    body        jsonb            not null,
    constraint saga_inputs_pkey primary key (tenant, name, saga, id),
    constraint saga_inputs_saga_known foreign key (tenant, name, saga) references skald.sagas,
    constraint saga_inputs_kind_valid check (kind in ('reply', 'request'))
);

create function skald.saga_unit(p_name text, p_definition integer, p_lane integer) returns text
    language sql immutable parallel safe as
$$ select 'saga/' || p_name || '@' || p_definition || '/' || p_lane $$;

create function skald.saga_stream(p_name text, p_id text) returns text language sql immutable parallel safe as
$$ select '$saga:' || p_name || '-' || p_id $$;

-- A time as the journal writes it.
create function skald.saga_time(p_time timestamptz) returns text language sql immutable parallel safe as
$$ select to_char(p_time at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') $$;

------------------------------------------------------------------------------------------------------------- start

-- Starts sagas of one tenant in the caller's transaction. status: 0 started, 1 there already with this input, 2 there already
-- with another one. A saga is due at once. They come in any order and are written in one, so that callers cannot deadlock.
create function skald.saga_start(
    p_tenant text, p_names text[], p_ids text[], p_definitions integer[], p_inputs jsonb[]
) returns table (number integer, status smallint)
    language plpgsql volatile security definer
    set search_path = skald, pg_temp set plan_cache_mode = force_generic_plan set jit = off
    set enable_seqscan = off set enable_bitmapscan = off
as $$
declare
    v_now     constant timestamptz := date_trunc('microseconds', clock_timestamp());
    v_new     integer[];
    v_streams text[];
begin
    with m as materialized (
        select x.n::integer as n, x.name, x.id, x.definition, x.input,
               row_number() over (partition by x.name, x.id order by x.n) as place
          from unnest(p_names, p_ids, p_definitions, p_inputs) with ordinality as x(name, id, definition, input, n)),
    made as (
        insert into sagas (tenant, name, id, definition, bucket, revision, due_at, started_at, changed_at, state)
        select p_tenant, m.name, m.id, m.definition,
               (hashtextextended(p_tenant || e'\x1f' || m.name || e'\x1f' || m.id, 0) & 255)::smallint,
               0, v_now, v_now, v_now, jsonb_build_object('data', jsonb_build_object('input', m.input))
          from m where m.place = 1
         order by m.name collate "C", m.id collate "C"
        on conflict on constraint sagas_pkey do nothing
        returning name, id)
    select array_agg(m.n order by saga_stream(m.name, m.id) collate "C"),
           array_agg(saga_stream(m.name, m.id) order by saga_stream(m.name, m.id) collate "C")
      into v_new, v_streams
      from m join made on made.name = m.name and made.id = m.id
     where m.place = 1;
    if v_new is not null then
        perform saga_append(
            p_tenant, v_streams, array_fill(-1::bigint, array[cardinality(v_new)]),
            array(select generate_series(1, cardinality(v_new))), array_fill('$saga.started'::text, array[cardinality(v_new)]),
            array(select jsonb_build_object('at', saga_time(v_now), 'definition', p_definitions[i], 'input', p_inputs[i])
                    from unnest(v_new) with ordinality as u(i, o) order by o),
            array(select uuid_v7() from unnest(v_new)));
    end if;
    return query
        select m.n::integer,
               case when m.n = any (v_new) then 0 when s.state #> '{data,input}' = m.input then 1 else 2 end::smallint
          from unnest(p_names, p_ids, p_inputs) with ordinality as m(name, id, input, n)
         cross join lateral (  -- a plain join may be planned as a hash of all the tenant's sagas
               select x.state from sagas x
                where x.tenant = p_tenant and x.name = m.name and x.id = m.id offset 0) as s;
end
$$;

-- Appends to histories. Nobody else writes to these streams, and the caller holds the sagas' rows: anything but success is a
-- row and a history that disagree.
create function skald.saga_append(
    p_tenant text, p_streams text[], p_expected bigint[], p_members integer[], p_types text[], p_data jsonb[], p_ids uuid[],
    out revisions bigint[]
)
    language plpgsql volatile as $$  -- inherits its caller's pinned search_path
declare
    v_row record;
begin
    for v_row in
        select * from append_group(
            p_tenant, p_streams, p_expected, array_fill(null::uuid, array[cardinality(p_streams)]),
            array_fill(false, array[cardinality(p_streams)]), p_members, p_types, p_data,
            array_fill(null::jsonb, array[cardinality(p_types)]), array_fill(null::text, array[cardinality(p_types)]), p_ids,
            p_known => null)
    loop
        if v_row.status <> 0 then
            raise exception 'the history % could not be written: status %, last version %', p_streams[v_row.member],
                v_row.status, v_row.last_version
                using errcode = 'SK013',
                      hint = 'The saga''s row and its history disagree. Somebody wrote to one of them by hand, or a part of the '
                          || 'database was restored. Compare skald.sagas.revision with the stream''s version.';
        end if;
        revisions[v_row.member] := v_row.last_version;
    end loop;
end
$$;

------------------------------------------------------------------------------------------------------ transitions

-- Writes the transitions of many sagas. The arrays: for each saga the lease that its transition was decided under (a worker
-- that lost a lane and has it again may send both epochs in one call); the sagas; their events, in order, with the place of
-- their saga; the inputs they used up; their messages.
-- status: 0 written, 1 the lease on its lane is lost, 2 the row has another revision (or is not there, or has got it from an
-- earlier one of this call), 3 the lease is held, but the row is locked by somebody who puts an input down: try again. revision: the row's, whether written or not. due: when the saga is due now; it may
-- be earlier than asked, for an input.
create function skald.saga_transitions(
    p_units text[], p_epochs bigint[],
    p_tenants text[], p_names text[], p_ids text[], p_revisions bigint[], p_statuses text[], p_directions text[],
    p_waiting_for text[], p_steps text[], p_attempts integer[], p_due timestamptz[], p_reasons text[], p_states jsonb[],
    p_event_sagas integer[], p_event_types text[], p_event_data jsonb[], p_event_ids uuid[],
    p_input_sagas integer[], p_input_ids uuid[],
    p_message_sagas integer[], p_topics text[], p_keys text[], p_message_ids uuid[], p_message_types text[],
    p_sources text[], p_subjects text[], p_headers jsonb[], p_payloads bytea[]
) returns table (number integer, status smallint, revision bigint, due timestamptz, now timestamptz)
    language plpgsql volatile security definer
    set search_path = skald, pg_temp set plan_cache_mode = force_generic_plan set jit = off
    set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
    v_held     text[];
    v_status   smallint[];
    v_revision bigint[];
    v_first    integer[];
    v_due      timestamptz[];
    v_tenant   text;
    v_members  integer[];
    v_streams  text[];
    v_written  bigint[];
    v_now      timestamptz;
begin
    -- 1. The leases that are still ours, kept so until the commit.
    select array_agg(h.unit || ' ' || h.epoch) into v_held
      from (select l.unit, l.epoch
              from (select distinct x.unit, x.epoch from unnest(p_units, p_epochs) as x(unit, epoch)) as u
              join leases l on l.unit = u.unit and l.epoch = u.epoch
             order by l.unit
               for key share of l) as h;

    -- 2. Lock the rows, waiting for none, and compare the revisions on the locked rows.
    select array_agg(case when s.revision is null then 3
                          when not s.unit || ' ' || m.epoch = any (coalesce(v_held, '{}')) then 1
                          when s.revision <> m.revision then 2
                          else 0 end::smallint order by m.n),
           array_agg(coalesce(s.revision, m.revision) order by m.n)
      into v_status, v_revision
      from unnest(p_tenants, p_names, p_ids, p_revisions, p_epochs) with ordinality as m(tenant, name, id, revision, epoch, n)
      left join lateral (
          select r.revision, saga_unit(r.name, r.definition, r.lane) as unit from sagas r
           where r.tenant = m.tenant and r.name = m.name and r.id = m.id
             for no key update skip locked) as s on true;
    if 3 = any (v_status) then  -- locked, or not there? And who is not the owner need not wait for it.
        select array_agg(case when m.status <> 3 then m.status
                              when s.unit is null then 2
                              when not (s.unit || ' ' || m.epoch) = any (coalesce(v_held, '{}')) then 1
                              else 3 end::smallint order by m.n)
          into v_status
          from unnest(p_tenants, p_names, p_ids, p_epochs, v_status) with ordinality as m(tenant, name, id, epoch, status, n)
          left join lateral (
              select saga_unit(r.name, r.definition, r.lane) as unit from sagas r
               where r.tenant = m.tenant and r.name = m.name and r.id = m.id) as s on true;
    end if;
    -- Of several decisions on one saga's state, the first counts.
    select array_agg(case when m.status = 0 and m.first <> m.n then 2::smallint else m.status end order by m.n),
           array_agg(m.first order by m.n)
      into v_status, v_first
      from (select x.n, x.status,
                   first_value(x.n::integer) over (partition by x.tenant, x.name, x.id, x.status order by x.n) as first
              from unnest(p_tenants, p_names, p_ids, v_status) with ordinality as x(tenant, name, id, status, n)) as m;

    -- 3. The histories, tenant by tenant.
    for v_tenant in
        select distinct m.tenant
          from unnest(p_tenants, v_status) with ordinality as m(tenant, status, n)
         where m.status = 0 and m.n = any (p_event_sagas)
    loop
        select array_agg(m.n::integer order by m.stream), array_agg(m.stream order by m.stream)
          into v_members, v_streams
          from (select x.n, saga_stream(x.name, x.id) collate "C" as stream
                  from unnest(p_tenants, p_names, p_ids, v_status) with ordinality as x(tenant, name, id, status, n)
                 where x.tenant = v_tenant and x.status = 0 and x.n = any (p_event_sagas)) as m;
        select saga_append(v_tenant, v_streams, array(select p_revisions[i] from unnest(v_members) with ordinality as u(i, o)
                                                       order by o),
                           e.members, e.types, e.data, e.ids)
          into v_written
          from (select array_agg(array_position(v_members, x.saga) order by array_position(v_members, x.saga), x.n) as members,
                       array_agg(x.type order by array_position(v_members, x.saga), x.n) as types,
                       array_agg(x.data order by array_position(v_members, x.saga), x.n) as data,
                       array_agg(x.id order by array_position(v_members, x.saga), x.n) as ids
                  from unnest(p_event_sagas, p_event_types, p_event_data, p_event_ids) with ordinality
                       as x(saga, type, data, id, n)
                 where x.saga = any (v_members)) as e;
        for i in 1 .. cardinality(v_members) loop
            v_revision[v_members[i]] := v_written[i];
        end loop;
    end loop;

    -- 4. The inputs that were used up, then the rows. An input that came meanwhile makes its saga due at once.
    delete from saga_inputs d
     using unnest(p_input_sagas, p_input_ids) as u(saga, id)
     where v_status[u.saga] = 0 and d.tenant = p_tenants[u.saga] and d.name = p_names[u.saga] and d.saga = p_ids[u.saga]
       and d.id = u.id;
    v_now := clock_timestamp();
    select array_agg(case when m.state = 'running' then null
                          when exists (select from saga_inputs i
                                        where i.tenant = m.tenant and i.name = m.name and i.saga = m.id) then v_now
                          else m.due end order by m.n)
      into v_due
      from unnest(p_tenants, p_names, p_ids, p_statuses, p_due) with ordinality as m(tenant, name, id, state, due, n);
    update sagas s
       set revision = v_revision[m.n], status = m.state, direction = m.direction, waiting_for = m.waiting_for,
           step = m.step, attempt = m.attempt, reason = m.reason, state = m.snapshot, due_at = v_due[m.n], changed_at = v_now
      from unnest(p_tenants, p_names, p_ids, p_statuses, p_directions, p_waiting_for, p_steps, p_attempts, p_reasons,
                  p_states) with ordinality
           as m(tenant, name, id, state, direction, waiting_for, step, attempt, reason, snapshot, n)
     where v_status[m.n] = 0 and s.tenant = m.tenant and s.name = m.name and s.id = m.id;

    -- 5. The messages.
    if exists (select from unnest(p_message_sagas) as m(saga) where v_status[m.saga] = 0) then
        perform from (
            select array_agg(p_tenants[x.saga] order by x.n) as tenants, array_agg(x.topic order by x.n) as topics,
                   array_agg(x.key order by x.n) as keys, array_agg(x.id order by x.n) as ids,
                   array_agg(x.type order by x.n) as types, array_agg(x.source order by x.n) as sources,
                   array_agg(x.subject order by x.n) as subjects, array_agg(x.headers order by x.n) as headers,
                   array_agg(x.payload order by x.n) as payloads, count(*)::integer as count
              from unnest(p_message_sagas, p_topics, p_keys, p_message_ids, p_message_types, p_sources, p_subjects, p_headers,
                          p_payloads) with ordinality
                   as x(saga, topic, key, id, type, source, subject, headers, payload, n)
             where v_status[x.saga] = 0) as g
         cross join lateral enqueue_group(
            g.tenants, g.topics, g.keys, g.ids, g.types, g.sources, g.subjects, array_fill(null::timestamptz, array[g.count]),
            array_fill('application/json'::text, array[g.count]), array_fill(null::text, array[g.count]),
            array_fill(null::text, array[g.count]), g.headers, g.payloads) as e;
    end if;

    return query
        select m.n::integer, m.status, v_revision[v_first[m.n]], v_due[m.n], v_now
          from unnest(v_status) with ordinality as m(status, n);
end
$$;

----------------------------------------------------------------------------------------------------------- reading

-- The sagas of the given lanes that are due, the longest due first, with the inputs that wait for them. The last row is a
-- mark: its id is null, and its due_at says when the next one of these lanes will be due (null: none is).
create function skald.saga_due(p_names text[], p_definitions integer[], p_lanes integer[], p_max_count integer)
    returns table (tenant text, name text, id text, definition integer, lane integer, revision bigint, status text,
                   state jsonb, started_at timestamptz, due_at timestamptz, now timestamptz, input_ids uuid[],
                   input_kinds text[], inputs jsonb[])
    language plpgsql volatile security definer rows 100
    set search_path = skald, pg_temp set plan_cache_mode = force_generic_plan set jit = off
    set enable_seqscan = off set enable_bitmapscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
    v_now constant timestamptz := clock_timestamp();
begin
    return query
        select d.tenant, d.name, d.id, d.definition, d.lane::integer, d.revision, d.status, d.state, d.started_at, d.due_at,
               v_now, i.ids, i.kinds, i.bodies
          from (select s.*
                  from unnest(p_names, p_definitions, p_lanes) as l(name, definition, lane)
                 cross join lateral (
                       select * from sagas x
                        where x.name = l.name and x.definition = l.definition and x.lane = l.lane and x.due_at <= v_now
                        order by x.due_at limit p_max_count) as s
                 order by s.due_at limit p_max_count) as d
         cross join lateral (
               select array_agg(n.id order by n.number) as ids, array_agg(n.kind order by n.number) as kinds,
                      array_agg(n.body order by n.number) as bodies
                 from saga_inputs n
                where n.tenant = d.tenant and n.name = d.name and n.saga = d.id) as i
         order by d.due_at;
    return query
        select null::text, null::text, null::text, null::integer, null::integer, null::bigint, null::text, null::jsonb,
               null::timestamptz, min(n.due_at), v_now, null::uuid[], null::text[], null::jsonb[]
          from unnest(p_names, p_definitions, p_lanes) as l(name, definition, lane)
         cross join lateral (
               select x.due_at from sagas x
                where x.name = l.name and x.definition = l.definition and x.lane = l.lane and x.due_at > v_now
                order by x.due_at limit 1) as n;
end
$$;

-- The sagas of one lane that were running, in pages: for the worker that takes the lane over, or that looks after its own.
create function skald.saga_running(
    p_name text, p_definition integer, p_lane integer, p_after_tenant text, p_after_id text, p_max_count integer
)
    returns table (tenant text, id text, revision bigint, state jsonb, started_at timestamptz, now timestamptz)
    language plpgsql volatile security definer rows 100
    set search_path = skald, pg_temp set plan_cache_mode = force_generic_plan set jit = off
    set enable_seqscan = off set enable_bitmapscan = off
as $$
declare
    v_now constant timestamptz := clock_timestamp();
begin
    return query
        select s.tenant, s.id, s.revision, s.state, s.started_at, v_now
          from sagas s
         where s.name = p_name and s.definition = p_definition and s.lane = p_lane and s.status = 'running'
           and (s.tenant, s.id) > (p_after_tenant, p_after_id)
         order by s.tenant, s.id limit p_max_count;
end
$$;

-- Puts off due sagas that their worker can't go on with, because their rows can't be read or what comes next can't be
-- written: or they would be what every look at what is due finds first, and enough of them would be all it finds. Under the
-- leases on their lanes, as transitions are, and only at the revision that the worker saw. Each waits for as long as it has
-- been standing still, from a second to a minute; its history says nothing, its row says why. An input makes it due at once.
-- Returns how many were put off: none whose row somebody else holds.
create function skald.saga_put_off(
    p_units text[], p_epochs bigint[], p_tenants text[], p_names text[], p_ids text[], p_revisions bigint[],
    p_reasons text[]
) returns integer
    language plpgsql volatile security definer
    set search_path = skald, pg_temp set plan_cache_mode = force_generic_plan set jit = off
    set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
    v_held  text[];
    v_count integer;
    v_now   timestamptz;
begin
    select array_agg(h.unit || ' ' || h.epoch) into v_held
      from (select l.unit, l.epoch
              from (select distinct x.unit, x.epoch from unnest(p_units, p_epochs) as x(unit, epoch)) as u
              join leases l on l.unit = u.unit and l.epoch = u.epoch
             order by l.unit
               for key share of l) as h;
    v_now := clock_timestamp();
    with stuck as materialized (
        select s.tenant, s.name, s.id, m.reason
          from unnest(p_units, p_epochs, p_tenants, p_names, p_ids, p_revisions, p_reasons)
               as m(unit, epoch, tenant, name, id, revision, reason)
         cross join lateral (
               select r.tenant, r.name, r.id from sagas r
                where r.tenant = m.tenant and r.name = m.name and r.id = m.id and r.revision = m.revision
                  and r.due_at <= v_now and saga_unit(r.name, r.definition, r.lane) = m.unit
                for no key update skip locked) as s
         where m.unit || ' ' || m.epoch = any (v_held))
    update sagas s
       set due_at = v_now + least(greatest(v_now - s.changed_at, interval '1 second'), interval '1 minute'), reason = x.reason
      from stuck x where s.tenant = x.tenant and s.name = x.name and s.id = x.id;
    get diagnostics v_count = row_count;
    return v_count;
end
$$;

------------------------------------------------------------------------------------------------------------ inputs

create function skald.saga_unknown(p_tenant text, p_name text, p_id text) returns void language plpgsql volatile as $$
begin
    raise exception 'there is no saga % with the id %', p_name, p_id
        using errcode = 'SK011',
              detail = jsonb_build_object('tenant', p_tenant, 'name', p_name, 'id', p_id)::text,
              hint = 'It was never started in this database, or under another tenant, kind or id.';
end
$$;

-- Puts an input down for a saga in the caller's transaction: of one id, the first counts.
create function skald.saga_input(p_tenant text, p_name text, p_id text, p_input uuid, p_kind text, p_body jsonb) returns void
    language plpgsql volatile as $$  -- inherits its caller's pinned search_path
declare
    v_status text;
    v_now    timestamptz;
begin
    select s.status into v_status from sagas s where s.tenant = p_tenant and s.name = p_name and s.id = p_id
       for no key update;
    if not found then
        perform saga_unknown(p_tenant, p_name, p_id);
    end if;
    v_now := clock_timestamp();
    insert into saga_inputs (tenant, name, saga, id, received_at, kind, body)
    values (p_tenant, p_name, p_id, p_input, v_now, p_kind, p_body)
    on conflict on constraint saga_inputs_pkey do nothing;
    if found and v_status <> 'running' then
        update sagas s set due_at = v_now
         where s.tenant = p_tenant and s.name = p_name and s.id = p_id and (s.due_at is null or s.due_at > v_now);
    end if;
end
$$;

-- A participant's reply, for the consumer of replies: in the transaction that accepts the message into the inbox. SK011 when
-- there is no such saga here.
create function skald.saga_reply(p_tenant text, p_name text, p_id text, p_message uuid, p_reply jsonb) returns void
    language plpgsql volatile security definer set search_path = skald, pg_temp as $$
begin
    perform saga_input(p_tenant, p_name, p_id, p_message, 'reply', p_reply);
end
$$;

-- PUBLIC, for operators. Asks a saga to retry, skip or set-result; its worker does it, or refuses it, and either is an event of
-- its history with actor and reason. step: the step that is meant, so that a saga which has moved on refuses; skip and
-- set-result must name it, because what they leave undone can't be told from what they were meant for. Asking again
-- with one request id within 30 days asks once, also when the request has been done meanwhile: ids stay in the inbox, while
-- what is used up leaves saga_inputs. SK011 when there is no such saga.
create function skald.saga_request(
    name text, id text, verb text, actor text, reason text, step text default null, result jsonb default null,
    request uuid default null, tenant text default ''
) returns uuid
    language plpgsql volatile security definer set search_path = skald, pg_temp as $$
declare
    v_request constant uuid := coalesce(request, uuid_v7());
begin
    if verb is null or verb not in ('retry', 'skip', 'set-result') then
        perform invalid_argument('verb', 'it must be retry, skip or set-result');
    elsif actor is null or octet_length(actor) not between 1 and 250 then
        perform invalid_argument('actor', 'say who asks, in 1 to 250 bytes');
    elsif reason is null or octet_length(reason) not between 1 and 2000 then
        perform invalid_argument('reason', 'say why, in 1 to 2,000 bytes');
    elsif (verb = 'set-result') <> (result is not null) then
        perform invalid_argument('result', 'set-result needs one, and only that');
    elsif step is null and verb <> 'retry' then
        perform invalid_argument('step', 'name the step that is meant: the saga may have moved on');
    end if;
    -- The saga's row first: of two that ask with one id, the second waits here, and then finds what the first has left.
    perform from sagas s
      where s.tenant = saga_request.tenant and s.name = saga_request.name and s.id = saga_request.id for no key update;
    if not found then
        perform saga_unknown(tenant, name, id);
    end if;
    if inbox_accept('$saga-request/' || name || '/' || id, v_request, tenant => tenant) then
        perform saga_input(tenant, name, id, v_request, 'request', jsonb_strip_nulls(jsonb_build_object(
            'verb', verb, 'actor', actor, 'reason', reason, 'step', step)) ||
            case when result is null then '{}' else jsonb_build_object('result', result) end);
    end if;
    return v_request;
end
$$;

------------------------------------------------------------------------------------------------------ participants

-- What a participant has done, refused and undone for sagas, by idempotency key: the guard against commands that come twice, or
-- after their undo. The row commits with the effect.
create table skald.saga_effects (
    tenant     text collate "C" not null,
    key        text collate "C" not null,
    state      text             not null,
    changed_at timestamptz      not null,
    reply      jsonb,                      -- what was answered to the action, so that a repetition gets the same
    constraint saga_effects_pkey primary key (tenant, key),
    constraint saga_effects_key_valid check (octet_length(key) between 1 and 500),
    constraint saga_effects_state_valid check (state in ('begun', 'done', 'refused', 'undone'))
);

-- PUBLIC. Called first in the transaction that handles a command. For the action: 'new', do it and call saga_effect_end;
-- 'done' or 'refused', it was handled before and was answered with reply; 'undone', its undo was here first: refuse it. For
-- the undo: 'done', undo it; 'new', 'refused' or 'undone', there is nothing to undo. From then on the action is refused.
create function skald.saga_effect_begin(key text, undo boolean, tenant text default '', out state text, out reply jsonb)
    language plpgsql volatile security definer set search_path = skald, pg_temp as $$
begin
    insert into saga_effects as e (tenant, key, state, changed_at)
    values (saga_effect_begin.tenant, saga_effect_begin.key, case when undo then 'undone' else 'begun' end, clock_timestamp())
    on conflict on constraint saga_effects_pkey do nothing;
    if found then
        state := 'new';
        return;
    end if;
    select e.state, e.reply into state, reply
      from saga_effects e where e.tenant = saga_effect_begin.tenant and e.key = saga_effect_begin.key for update;
    if undo and state <> 'undone' then
        update saga_effects e set state = 'undone', changed_at = clock_timestamp()
         where e.tenant = saga_effect_begin.tenant and e.key = saga_effect_begin.key;
    end if;
end
$$;

-- PUBLIC. Keeps what an action was answered with. done: whether it was done, or refused.
create function skald.saga_effect_end(key text, done boolean, reply jsonb, tenant text default '') returns void
    language plpgsql volatile security definer set search_path = skald, pg_temp as $$
begin
    update saga_effects e
       set state = case when done then 'done' else 'refused' end, reply = saga_effect_end.reply, changed_at = clock_timestamp()
     where e.tenant = saga_effect_end.tenant and e.key = saga_effect_end.key and e.state = 'begun';
    if not found then
        perform invalid_argument('key', 'no effect of this key has been begun');
    end if;
end
$$;

--------------------------------------------------------------------------------------------------------- operators

-- What every instance answers: what it waits for, since when, who holds it, and when it will move.
create view skald.saga_status as
    select s.tenant, s.name, s.id, s.definition, s.status, s.direction, s.step, s.attempt, s.waiting_for, s.due_at, s.reason,
           s.started_at, s.changed_at, s.revision, skald.saga_stream(s.name, s.id) as stream, s.state,
           case when l.expires_at > clock_timestamp() then l.owner end as owner
      from skald.sagas s
      left join skald.leases l on l.unit = skald.saga_unit(s.name, s.definition, s.lane);

-- How many sagas are under way, by state, and for how long the longest due one has been waiting for a worker. Finished ones
-- are not counted: that would cost what has ever been.
create function skald.saga_counts()
    returns table (name text, definition integer, status text, count bigint, overdue interval)
    language plpgsql volatile security definer set search_path = skald, pg_temp set jit = off set enable_seqscan = off as $$
begin
    return query
        select s.name, s.definition, s.status, count(*), greatest(clock_timestamp() - min(s.due_at), interval '0')
          from sagas s
         where s.status in ('running', 'waiting', 'needs-attention')
         group by s.name, s.definition, s.status
         order by 1, 2, 3;
end
$$;

------------------------------------------------------------------------------------------------------------ grants

grant execute on function
    skald.saga_start(text, text[], text[], integer[], jsonb[]),
    skald.saga_transitions(
        text[], bigint[], text[], text[], text[], bigint[], text[], text[], text[], text[], integer[], timestamptz[], text[],
        jsonb[], integer[], text[], jsonb[], uuid[], integer[], uuid[], integer[], text[], text[], uuid[], text[], text[],
        text[], jsonb[], bytea[]),
    skald.saga_due(text[], integer[], integer[], integer), skald.saga_running(text, integer, integer, text, text, integer),
    skald.saga_put_off(text[], bigint[], text[], text[], text[], bigint[], text[]),
    skald.saga_reply(text, text, text, uuid, jsonb),
    skald.saga_effect_begin(text, boolean, text), skald.saga_effect_end(text, boolean, jsonb, text)
    to skald_writer;
grant execute on function skald.saga_request(text, text, text, text, text, text, jsonb, uuid, text)
    to skald_operator, skald_writer;
grant execute on function skald.saga_counts(), skald.saga_unit(text, integer, integer), skald.saga_stream(text, text)
    to skald_reader;
grant select on skald.saga_status to skald_reader;

insert into skald.migrations (number, name) values (6, 'sagas');

reset role;
