-- 0003_outbox.sql: the outbox and the inbox. Messages that leave with the transaction that causes them, and are handled once.
--
-- A LOG, NOT A QUEUE. A queue table is updated or deleted for every message: it bloats, and it loses order. The outbox is
-- a second log beside the events: its own sequence, markers and watermark (0001_log.sql says why that loses nothing),
-- rows that never change, and whole partitions that are dropped when everybody is past them. What moves is a cursor.
--
-- ORDER PER KEY. A message has a topic and a key (a booking, a saga). Enqueueing locks the key's row in outbox_keys, in the
-- order of the keys, and draws (key, version) and then the position under it: within a key, positions rise with versions,
-- and versions have no holes among committed messages. The version of a key's first message is 1, or, when keys have been
-- purged, one above every version that a purged key had: whoever orders a key's messages by version never sees it fall.
--
-- LANES. A key belongs to one of 256 buckets, for ever (the bucket is kept in its row, so a changed hash function cannot
-- move it). A sink (a name for "where to, and which topics") has 1 to 256 lanes, each a range of buckets with a cursor
-- under a lease: relays share the lanes. A cursor says: every message of the lane up to here is acknowledged by the sink,
-- or its key stands in outbox_blocked.
--
-- BLOCKED KEYS. A message that the sink does not take must neither hold up the other keys nor be passed. Its key enters
-- outbox_blocked with its first unsent version in the same transaction that moves the cursor past it. From then on the
-- lane's reader leaves the key out, and the relay reads it by (key, version). A key leaves the table only when none of
-- its messages up to the cursor is unsent, which outbox_advance checks itself, after it has moved the cursor.
--
-- THE TENANT comes first in every key but one: (bucket, position), by which a relay reads the messages of all tenants.

set local role skald_owner;

select skald.define_log_number('outbox_log_number');
create sequence skald.outbox_position as bigint minvalue 1 start 1 cache 1;  -- CACHE must stay 1, see 0001_log.sql

--------------------------------------------------------------------------------------------------------- the tables

create table skald.outbox_keys (
    tenant  text collate "C" not null,
    topic   text collate "C" not null,
    key     text collate "C" not null,
    version bigint           not null,  -- of the last message
    bucket  smallint         not null,
    constraint outbox_keys_pkey primary key (tenant, topic, key)
) with (fillfactor = 80);

-- The highest version of all keys that were purged: one row.
create table skald.outbox_purged_keys (
    version bigint  not null default 0,
    one_row boolean not null default true,
    constraint outbox_purged_keys_pkey primary key (one_row),
    constraint outbox_purged_keys_one_row check (one_row)
);
insert into skald.outbox_purged_keys default values;

create table skald.outbox (
    position        bigint           not null,
    key_version     bigint           not null,
    recorded_at     timestamptz      not null,
    id              uuid             not null,
    bucket          smallint         not null,
    tenant          text collate "C" not null,
    topic           text collate "C" not null,
    key             text collate "C" not null,
    -- The attributes of CloudEvents 1.0; the id and specversion are implied.
    type            text collate "C" not null,
    source          text             not null,
    subject         text,
    time            timestamptz      not null,
    datacontenttype text,
    dataschema      text,
    traceparent     text,              -- of the transaction that enqueued: never overwritten on the way
    headers         jsonb,             -- extension attributes, as an object of strings
    payload         bytea,             -- byte for byte what every delivery carries
    constraint outbox_pkey primary key (bucket, position)
) partition by range (position);
create index outbox_by_key on skald.outbox (tenant, topic, key, key_version);

create trigger outbox_append_only before update or delete on skald.outbox
    for each row execute function skald.refuse_change();
create trigger outbox_no_truncate before truncate on skald.outbox
    for each statement execute function skald.refuse_change();

alter table skald.partitions add column dropped_at timestamptz;
insert into skald.partition_widths values ('outbox', 1000000);
select skald.ensure_partitions('outbox', 0);

create table skald.outbox_sinks (
    sink          text collate "C" not null,
    lanes         integer          not null,
    topics        text[],                      -- null: all of them
    registered_at timestamptz      not null default clock_timestamp(),
    constraint outbox_sinks_pkey primary key (sink),
    constraint outbox_sinks_name_valid check (sink ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$'),
    constraint outbox_sinks_lanes_valid check (lanes between 1 and 256)
);

create table skald.outbox_cursors (
    sink         text collate "C" not null,
    lane         integer          not null,
    first_bucket integer          not null,
    last_bucket  integer          not null,
    position     bigint           not null,
    moved_at     timestamptz      not null default clock_timestamp(),
    constraint outbox_cursors_pkey primary key (sink, lane),
    constraint outbox_cursors_sink_known foreign key (sink) references skald.outbox_sinks
) with (fillfactor = 50);

create table skald.outbox_blocked (
    tenant         text collate "C" not null,
    sink           text collate "C" not null,
    topic          text collate "C" not null,
    key            text collate "C" not null,
    lane           integer          not null,
    first_version  bigint           not null,  -- the first message that was not acknowledged
    first_position bigint           not null,  -- its place: nothing from here on may be purged
    message_id     uuid             not null,
    state          text             not null,
    attempts       integer          not null,  -- refusals of that message; an unreachable sink counts none
    reason         text             not null,
    next_try       timestamptz      not null,
    blocked_at     timestamptz      not null,
    changed_at     timestamptz      not null,
    unknowns       integer          not null default 0,  -- unknown outcomes of that message in a row: the wait grows with them
    constraint outbox_blocked_pkey primary key (tenant, sink, topic, key),
    constraint outbox_blocked_sink_known foreign key (sink) references skald.outbox_sinks,
    constraint outbox_blocked_state_valid check (state in ('retrying', 'parked'))
);
create index outbox_blocked_due on skald.outbox_blocked (sink, lane, next_try) where state = 'retrying';

----------------------------------------------------------------------------------------------------------- enqueue

create function skald.outbox_bucket(p_tenant text, p_topic text, p_key text) returns smallint
    language sql immutable parallel safe as
$$ select (hashtextextended(p_tenant || e'\x1f' || p_topic || e'\x1f' || p_key, 0) & 255)::smallint $$;

-- Names the first message that is not valid, so that the one at fault can be found in a group.
create function skald.outbox_check(
    p_tenants text[], p_topics text[], p_keys text[], p_ids uuid[], p_types text[], p_sources text[], p_times timestamptz[],
    p_content_types text[], p_traceparents text[], p_headers jsonb[], p_payloads bytea[]
) returns void language plpgsql immutable as $$
declare
    v_fault record;
begin
    select m.n - 1 as number, f.field, f.reason into v_fault
      from unnest(p_tenants, p_topics, p_keys, p_ids, p_types, p_sources, p_times, p_content_types, p_traceparents, p_headers,
                  p_payloads) with ordinality
           as m(tenant, topic, key, id, type, source, time, content_type, traceparent, headers, payload, n)
     cross join lateral (values
           ('tenant', 'it must have at most 100 bytes and no control characters',
            octet_length(m.tenant) <= 100 and m.tenant !~ '[[:cntrl:]]'),
           ('topic', 'it must have 1 to 250 bytes and no control characters',
            octet_length(m.topic) between 1 and 250 and m.topic !~ '[[:cntrl:]]'),
           ('key', 'it must have 1 to 250 bytes and no control characters',
            octet_length(m.key) between 1 and 250 and m.key !~ '[[:cntrl:]]'),
           ('id', 'it is missing', m.id is not null),
           ('type', 'it must have 1 to 250 bytes', octet_length(m.type) between 1 and 250),
           ('source', 'it must have 1 to 250 bytes', octet_length(m.source) between 1 and 250),
           -- What follows leaves as it is in a header of its own. A time must be one that RFC 3339 can write.
           ('time', 'it must be in the years 1 to 9999',
            m.time is null or m.time between '0001-01-01 00:00:00+00' and '9999-12-31 23:59:59.999999+00'),
           ('datacontenttype', 'it must have no control characters',
            m.content_type is null or m.content_type !~ '[[:cntrl:]]'),
           ('traceparent', 'it must have no control characters',
            m.traceparent is null or m.traceparent !~ '[[:cntrl:]]'),
           ('headers', 'it must be an object of strings whose names are lower-case letters and digits',
            m.headers is null or jsonb_typeof(m.headers) = 'object' and not exists (
                select from jsonb_each(case when jsonb_typeof(m.headers) = 'object' then m.headers end) as h(name, value)
                 where jsonb_typeof(h.value) <> 'string' or h.name !~ '^[a-z0-9]{1,64}$')),
           ('payload', 'it must have at most 1,048,576 bytes', coalesce(octet_length(m.payload), 0) <= 1048576)
     ) as f(field, reason, valid)
     where f.valid is not true
     order by m.n limit 1;
    if found then
        perform invalid_argument(format('messages[%s].%s', v_fault.number, v_fault.field), v_fault.reason);
    end if;
end
$$;

-- Enqueues messages of any tenants, topics and keys in the caller's transaction; all or none. Messages of one key get
-- versions in the order of the arrays. For the Swift library and for functions of ours that write messages with their
-- own rows (a saga's transition). Null times mean now; the other attributes may be null where CloudEvents lets them.
create function skald.enqueue_group(
    p_tenants text[], p_topics text[], p_keys text[], p_ids uuid[], p_types text[], p_sources text[], p_subjects text[],
    p_times timestamptz[], p_content_types text[], p_schemas text[], p_traceparents text[], p_headers jsonb[],
    p_payloads bytea[]
) returns table (number integer, key_version bigint, "position" bigint)
    language plpgsql volatile security definer
    set search_path = skald, pg_temp set plan_cache_mode = force_generic_plan set jit = off set enable_seqscan = off
as $$
declare
    v_count     constant integer := coalesce(cardinality(p_topics), 0);
    v_versions  bigint[];
    v_buckets   smallint[];
    v_new       boolean[];
    v_purged    bigint;
    v_positions bigint[];
    v_last      bigint;
begin
    if v_count = 0 then
        return;
    end if;
    perform outbox_check(p_tenants, p_topics, p_keys, p_ids, p_types, p_sources, p_times, p_content_types, p_traceparents,
                         p_headers, p_payloads);

    -- 1. Lock the rows of the keys in order, creating missing ones in the same pass, and draw the versions under the locks.
    with m as materialized (
        select a.n, a.tenant, a.topic, a.key,
               row_number() over (partition by a.tenant, a.topic, a.key order by a.n) as place,
               count(*) over (partition by a.tenant, a.topic, a.key) as messages
          from (select x.n, x.tenant collate "C" as tenant, x.topic collate "C" as topic, x.key collate "C" as key
                  from unnest(p_tenants, p_topics, p_keys) with ordinality as x(tenant, topic, key, n)) as a),
    locked as (
        insert into outbox_keys as k (tenant, topic, key, version, bucket)
        select m.tenant, m.topic, m.key, m.messages, outbox_bucket(m.tenant, m.topic, m.key)
          from m where m.place = 1
         order by m.tenant, m.topic, m.key
        on conflict on constraint outbox_keys_pkey do update set version = k.version + excluded.version
        returning k.tenant, k.topic, k.key, k.version, k.bucket, k.xmax = 0 as is_new)  -- no updater: it was inserted
    select array_agg(l.version - m.messages + m.place order by m.n), array_agg(l.bucket order by m.n),
           array_agg(l.is_new order by m.n)
      into v_versions, v_buckets, v_new
      from m join locked l on l.tenant = m.tenant and l.topic = m.topic and l.key = m.key;

    -- A key that was purged begins above what it had. Asked only now, by a statement of its own: this one sees what the
    -- transaction wrote that purged the key while the first one waited for it.
    if true = any (v_new) then
        select p.version into v_purged from outbox_purged_keys p;
        if v_purged > 0 then
            update outbox_keys k set version = k.version + v_purged
              from (select distinct x.tenant, x.topic, x.key
                      from unnest(p_tenants, p_topics, p_keys, v_new) as x(tenant, topic, key, is_new) where x.is_new) as m
             where k.tenant = m.tenant and k.topic = m.topic and k.key = m.key;
            v_versions := array(select case when x.is_new then x.version + v_purged else x.version end
                                  from unnest(v_versions, v_new) with ordinality as x(version, is_new, n) order by x.n);
        end if;
    end if;

    -- 2. The marker, then the draw.
    select case when is_called then s.last_value else 0 end into v_last from outbox_position as s;
    perform mark(outbox_log_number(), v_last);
    perform make_room('outbox', v_last + v_count);
    select array_agg(nextval('outbox_position')) into v_positions from generate_series(1, v_count);

    -- 3. The messages.
    insert into outbox (position, key_version, recorded_at, id, bucket, tenant, topic, key, type, source, subject, time,
                        datacontenttype, dataschema, traceparent, headers, payload)
    select v_positions[m.n], v_versions[m.n], clock_timestamp(), m.id, v_buckets[m.n], m.tenant, m.topic, m.key, m.type,
           m.source, m.subject, coalesce(m.time, clock_timestamp()), m.content_type, m.schema, m.traceparent, m.headers,
           m.payload
      from unnest(p_tenants, p_topics, p_keys, p_ids, p_types, p_sources, p_subjects, p_times, p_content_types, p_schemas,
                  p_traceparents, p_headers, p_payloads) with ordinality
           as m(tenant, topic, key, id, type, source, subject, time, content_type, schema, traceparent, headers, payload, n);

    return query select m.n::integer, v_versions[m.n], v_positions[m.n] from generate_series(1, v_count) as m(n);
end
$$;

-- PUBLIC. Enqueues one message in the caller's transaction and returns its id and its version within the key. The first
-- delivery of a key's message never comes before the first delivery of the one before it.
--   data         the payload as JSON; where it is something else, pass payload and datacontenttype instead
--   source, time, subject, dataschema, traceparent: attributes of CloudEvents 1.0; headers: extension attributes
create function skald.enqueue(
    topic text, key text, type text, data jsonb default null, id uuid default null, source text default '/skald',
    subject text default null, "time" timestamptz default null, datacontenttype text default 'application/json',
    dataschema text default null, traceparent text default null, headers jsonb default null, payload bytea default null,
    tenant text default ''
) returns table (message_id uuid, key_version bigint)
    language plpgsql volatile security definer
    set search_path = skald, pg_temp set plan_cache_mode = force_generic_plan set jit = off
as $$
declare
    v_id constant uuid := coalesce(id, uuid_v7());
begin
    if data is not null and payload is not null then
        perform invalid_argument('payload', 'give either data or payload');
    end if;
    return query
        select v_id, g.key_version
          from enqueue_group(array[tenant], array[topic], array[key], array[v_id], array[type], array[source],
                             array[subject], array["time"], array[datacontenttype], array[dataschema], array[traceparent],
                             array[headers], array[coalesce(payload, convert_to(data::text, 'UTF8'))]) as g;
end
$$;

------------------------------------------------------------------------------------------------------------- sinks

create function skald.outbox_unit(p_sink text, p_lane integer) returns text language sql immutable parallel safe as
$$ select 'outbox/' || p_sink || '/' || p_lane $$;

-- Makes a sink known: its lanes, and the topics it takes (null: all). It begins with the oldest message still there, or,
-- with p_from_now, with those that are not final yet. Doing it again changes nothing; another number of lanes or other
-- topics are refused, because the cursors have already passed what they were not asked for. Returns the units to lease.
create function skald.outbox_register(p_sink text, p_lanes integer, p_topics text[], p_from_now boolean)
    returns text[]
    language plpgsql volatile security definer set search_path = skald, pg_temp as $$
declare
    v_sink outbox_sinks;
begin
    if p_sink is null or p_sink !~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$' then
        perform invalid_argument('sink', 'it must have 1 to 100 letters, digits, dots, hyphens or underscores');
    elsif p_lanes is null or p_lanes not between 1 and 256 then
        perform invalid_argument('lanes', 'a sink has 1 to 256 lanes');
    elsif cardinality(p_topics) = 0 then
        perform invalid_argument('topics', 'a sink takes all topics (null) or at least one');
    end if;
    insert into outbox_sinks (sink, lanes, topics) values (p_sink, p_lanes, p_topics)
    on conflict on constraint outbox_sinks_pkey do nothing;
    if found then
        insert into outbox_cursors (sink, lane, first_bucket, last_bucket, position)
        select p_sink, l, l * 256 / p_lanes, (l + 1) * 256 / p_lanes - 1, case when p_from_now then outbox_watermark() else 0 end
          from generate_series(0, p_lanes - 1) as l;
    else
        select * into v_sink from outbox_sinks s where s.sink = p_sink;
        if v_sink.lanes <> p_lanes then
            perform invalid_argument('lanes', format('the sink %s was registered with %s lanes', p_sink, v_sink.lanes));
        elsif not coalesce(v_sink.topics <@ p_topics and v_sink.topics @> p_topics,
                           v_sink.topics is null and p_topics is null) then
            perform invalid_argument('topics', format(
                'the sink %s was registered for %s: for other topics register another sink', p_sink,
                coalesce(array_to_string(v_sink.topics, ', '), 'all topics')));
        end if;
    end if;
    return array(select outbox_unit(c.sink, c.lane) from outbox_cursors c where c.sink = p_sink order by c.lane);
end
$$;

----------------------------------------------------------------------------------------------------------- reading

-- The position up to which the outbox is final.
create function skald.outbox_watermark() returns bigint
    language plpgsql volatile security definer set search_path = skald, pg_temp as $$
begin
    return log_watermark('outbox', outbox_log_number(), 'outbox_position');
end
$$;

-- What a relay asks for every now and then: how far its lanes can read, and which of them have a blocked key to try again.
create function skald.outbox_pulse(p_sink text, out watermark bigint, out due integer[])
    language plpgsql volatile security definer set search_path = skald, pg_temp set enable_seqscan = off as $$
begin
    watermark := outbox_watermark();
    due := array(select distinct b.lane from outbox_blocked b
                  where b.sink = p_sink and b.state = 'retrying' and b.next_try <= clock_timestamp());
end
$$;

-- A lane's cursor, for a relay that takes the lane over.
create function skald.outbox_cursor(p_sink text, p_lane integer) returns bigint
    language plpgsql volatile security definer set search_path = skald, pg_temp as $$
declare
    v_position bigint;
begin
    select c.position into v_position from outbox_cursors c where c.sink = p_sink and c.lane = p_lane;
    if not found then
        perform invalid_argument('lane', format('the sink %s has no lane %s', p_sink, p_lane));
    end if;
    return v_position;
end
$$;

-- The next messages of a lane after a position, in order, leaving out blocked keys and topics of other sinks; it looks at
-- p_max_count rows at most. The last row is a mark: its id is null, and its position says how far this reading went.
-- Once everything before the mark is acknowledged or blocked, the cursor may go there.
create function skald.outbox_next(p_sink text, p_lane integer, p_after bigint, p_max_count integer)
    returns table ("position" bigint, key_version bigint, recorded_at timestamptz, id uuid, tenant text, topic text, key text,
                   type text, source text, subject text, "time" timestamptz, datacontenttype text, dataschema text,
                   traceparent text, headers jsonb, payload bytea)
    language plpgsql volatile security definer rows 100
    set search_path = skald, pg_temp set plan_cache_mode = force_generic_plan set jit = off
    set enable_seqscan = off set enable_bitmapscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
    v_watermark constant bigint := log_watermark('outbox', outbox_log_number(), 'outbox_position');
    v_cursor    outbox_cursors;
    v_topics    text[];
    v_positions bigint[];
    v_buckets   smallint[];
begin
    select * into v_cursor from outbox_cursors c where c.sink = p_sink and c.lane = p_lane;
    select s.topics into v_topics from outbox_sinks s where s.sink = p_sink;
    if v_cursor.position > coalesce(pg_sequence_last_value('outbox_position'), 0) then
        raise exception 'the cursor of lane % of sink % stands at %, beyond the last message: the outbox was rewound',
            p_lane, p_sink, v_cursor.position
            using errcode = 'SK009', hint = format('After checking how this came about, run as owner: select setval(%L, %s);',
                                                   'skald.outbox_position', v_cursor.position);
    end if;

    select array_agg(s.position order by s.position), array_agg(s.bucket order by s.position)
      into v_positions, v_buckets
      from (select i.position, i.bucket
              from generate_series(v_cursor.first_bucket, v_cursor.last_bucket) as b(bucket)
             cross join lateral (
                   select o.position, o.bucket from outbox o
                    where o.bucket = b.bucket::smallint and o.position > p_after and o.position <= v_watermark
                    order by o.position limit p_max_count) as i
             order by i.position limit p_max_count) as s;

    return query
        select o.position, o.key_version, o.recorded_at, o.id, o.tenant, o.topic, o.key, o.type, o.source, o.subject, o.time,
               o.datacontenttype, o.dataschema, o.traceparent, o.headers, o.payload
          from unnest(v_positions, v_buckets) as s(position, bucket)
          join outbox o on o.bucket = s.bucket and o.position = s.position
         where (v_topics is null or o.topic = any (v_topics))
           and not exists (select from outbox_blocked b
                            where b.tenant = o.tenant and b.sink = p_sink and b.topic = o.topic and b.key = o.key)
         order by s.position;
    return query
        select case when cardinality(v_positions) = p_max_count then v_positions[p_max_count]
                    else greatest(v_watermark, p_after) end,
               null::bigint, null::timestamptz, null::uuid, null::text, null::text, null::text, null::text, null::text,
               null::text, null::timestamptz, null::text, null::text, null::text, null::jsonb, null::bytea;
end
$$;

-- The messages of a lane's blocked keys that are due to be tried again: of each key the first ones that are unsent, in
-- order, none beyond p_upto (what lies beyond comes through outbox_next once the key is free).
create function skald.outbox_due(p_sink text, p_lane integer, p_upto bigint, p_max_keys integer, p_max_count integer)
    returns table ("position" bigint, key_version bigint, recorded_at timestamptz, id uuid, tenant text, topic text, key text,
                   type text, source text, subject text, "time" timestamptz, datacontenttype text, dataschema text,
                   traceparent text, headers jsonb, payload bytea, attempts integer, unknowns integer)
    language plpgsql volatile security definer rows 100
    set search_path = skald, pg_temp set plan_cache_mode = force_generic_plan set jit = off
    set enable_seqscan = off set enable_bitmapscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
begin
    perform require_read_committed();
    return query
        select o.position, o.key_version, o.recorded_at, o.id, o.tenant, o.topic, o.key, o.type, o.source, o.subject, o.time,
               o.datacontenttype, o.dataschema, o.traceparent, o.headers, o.payload, d.attempts, d.unknowns
          from (select b.tenant, b.topic, b.key, b.first_version, b.first_position, b.attempts, b.unknowns, b.next_try
                  from outbox_blocked b
                 where b.sink = p_sink and b.lane = p_lane and b.state = 'retrying' and b.next_try <= clock_timestamp()
                 order by b.next_try limit p_max_keys) as d
         cross join lateral (
               select * from outbox k
                where k.tenant = d.tenant and k.topic = d.topic and k.key = d.key and k.key_version >= d.first_version
                  and k.position >= d.first_position and k.position <= p_upto
                order by k.key_version limit p_max_count) as o
         order by d.next_try, o.tenant, o.topic, o.key, o.key_version;
end
$$;

----------------------------------------------------------------------------------------------------------- advance

-- What a relay has achieved on a lane, in one transaction under its lease (SK007 when it is no longer the owner's): the
-- cursor goes to p_position, and for each of the given keys
--   'free'   everything before p_versions is acknowledged: the key leaves outbox_blocked, unless one of its messages that
--            the lane's reader has passed is unsent; then it is due again at once
--   'retry'  the message p_versions was not taken: the key is blocked and tried again after p_delays seconds
--   'park'   the same, but it waits for an operator
-- p_read_to: how far the relay has read the lane, at or beyond the cursor; up to there its reader left blocked keys out.
-- An operator may have moved a key on meanwhile: what would move it back is left out.
create function skald.outbox_advance(
    p_sink text, p_lane integer, p_epoch bigint, p_position bigint, p_read_to bigint,
    p_tenants text[] default '{}', p_topics text[] default '{}', p_keys text[] default '{}', p_verdicts text[] default '{}',
    p_versions bigint[] default '{}', p_attempts integer[] default '{}', p_delays float8[] default '{}',
    p_reasons text[] default '{}', p_unknowns integer[] default '{}'
) returns void
    language plpgsql volatile security definer
    set search_path = skald, pg_temp set plan_cache_mode = force_generic_plan set jit = off
    set enable_seqscan = off set enable_bitmapscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
    v_now constant timestamptz := clock_timestamp();
begin
    perform lease_guard(outbox_unit(p_sink, p_lane), p_epoch);

    update outbox_cursors c set position = p_position, moved_at = v_now
     where c.sink = p_sink and c.lane = p_lane and c.position <= p_position;
    if not found then
        perform invalid_argument('position', format('lane %s of sink %s stands beyond %s', p_lane, p_sink, p_position));
    end if;
    if cardinality(p_keys) = 0 then
        return;
    end if;

    delete from outbox_blocked b
     using unnest(p_tenants, p_topics, p_keys, p_verdicts, p_versions) as v(tenant, topic, key, verdict, version)
     where v.verdict = 'free' and b.tenant = v.tenant and b.sink = p_sink and b.topic = v.topic and b.key = v.key
       and b.first_version <= v.version
       and not exists (select from outbox o
                        where o.tenant = v.tenant and o.topic = v.topic and o.key = v.key and o.key_version >= v.version
                          and o.position <= p_read_to);
    insert into outbox_blocked as b (tenant, sink, topic, key, lane, first_version, first_position, message_id, state,
                                     attempts, unknowns, reason, next_try, blocked_at, changed_at)
    select v.tenant, p_sink, v.topic, v.key, p_lane, v.version, o.position, o.id,
           case v.verdict when 'park' then 'parked' else 'retrying' end,
           case v.verdict when 'free' then 0 else v.attempts end,
           case v.verdict when 'free' then 0 else coalesce(v.unknowns, 0) end, coalesce(v.reason, ''),
           case v.verdict when 'free' then v_now else v_now + make_interval(secs => v.delay) end, v_now, v_now
      from unnest(p_tenants, p_topics, p_keys, p_verdicts, p_versions, p_attempts, p_delays, p_reasons, p_unknowns)
           as v(tenant, topic, key, verdict, version, attempts, delay, reason, unknowns)
     cross join lateral (
           select k.position, k.id from outbox k
            where k.tenant = v.tenant and k.topic = v.topic and k.key = v.key and k.key_version >= v.version
              and k.position <= p_read_to
            order by k.key_version limit 1) as o
     where v.verdict in ('retry', 'park')
           -- Not "exists": that may be planned as a hash of all the sink's blocked keys.
        or (select true from outbox_blocked x
             where x.tenant = v.tenant and x.sink = p_sink and x.topic = v.topic and x.key = v.key)
    on conflict on constraint outbox_blocked_pkey do update
       set first_version = excluded.first_version, first_position = excluded.first_position,
           message_id = excluded.message_id, state = excluded.state, attempts = excluded.attempts,
           unknowns = excluded.unknowns, reason = excluded.reason, next_try = excluded.next_try, changed_at = excluded.changed_at
     where b.first_version <= excluded.first_version;
end
$$;

------------------------------------------------------------------------------------------------------------- purge

-- Drops the oldest partition if nobody needs it: every cursor is past it, no blocked key has a message from it on, every
-- topic in it has a sink, and its youngest message is older than p_keep. Returns how many were dropped, 0 or 1: call it again
-- after 1, in another transaction. Writers wait for the lock that dropping takes on the whole outbox, and the lock stays until
-- the commit: so it is taken last, for one partition, and given up after 50 ms; then the partition is left for the next time.
create function skald.outbox_purge(p_keep interval) returns integer
    language plpgsql volatile security definer
    set search_path = skald, pg_temp set lock_timeout = '50ms' set plan_cache_mode = force_custom_plan
as $$
declare
    v_floor     bigint;
    v_topics    text[];
    v_partition partitions;
    v_needed    boolean;
begin
    -- One statement, one snapshot: a key that is blocked later is blocked at a place beyond these cursors.
    select least((select min(c.position) from outbox_cursors c), (select min(b.first_position) - 1 from outbox_blocked b)),
           (select case when not bool_or(s.topics is null) then array(
                        select distinct t.topic from outbox_sinks x cross join lateral unnest(x.topics) as t(topic)) end
              from outbox_sinks s)
      into v_floor, v_topics;
    select * into v_partition from partitions p
     where p.log = 'outbox' and p.dropped_at is null and p.upper_bound <= v_floor + 1
     order by p.upper_bound limit 1;
    if not found then
        return 0;
    end if;
    begin
        execute format(
            'select coalesce(max(m.recorded_at) >= clock_timestamp() - $1, false) or $2 is not null and exists (
                        select from %1$I where topic <> all ($2))
               from generate_series(0, 255) as b(bucket)
              cross join lateral (select o.recorded_at from %1$I o where o.bucket = b.bucket::smallint
                                   order by o.position desc limit 1) as m', v_partition.name)
           into v_needed using p_keep, v_topics;
        -- What nobody needs will not be needed again: cursors only rise, and a key is blocked beyond them. Of two that come to
        -- drop it, one does.
        if v_needed or not pg_try_advisory_xact_lock(1936419684, 65536 + outbox_log_number()::integer)
           or not exists (select from partitions p
                           where p.log = 'outbox' and p.upper_bound = v_partition.upper_bound and p.dropped_at is null) then
            return 0;
        end if;
        execute format('drop table %I', v_partition.name);
    exception when lock_not_available or deadlock_detected or undefined_table then
        return 0;
    end;
    update partitions p set dropped_at = clock_timestamp()
     where p.log = 'outbox' and p.upper_bound = v_partition.upper_bound;
    return 1;
end
$$;

-- Removes keys that have no message any more, of up to p_max_count keys that come after a given one. All messages of such a
-- key were in partitions that outbox_purge has dropped, so they are older than what it was told to keep. Returns how many
-- were removed, and the key to go on from; null: that was the last one.
create function skald.outbox_purge_keys(
    p_tenant text, p_topic text, p_key text, p_max_count integer,
    out removed integer, out tenant text, out topic text, out key text
)
    language plpgsql volatile security definer
    set search_path = skald, pg_temp set plan_cache_mode = force_generic_plan set jit = off
    set enable_seqscan = off set enable_bitmapscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
    v_tenants text[];
    v_topics  text[];
    v_keys    text[];
    v_version bigint;
begin
    perform require_read_committed();
    select array_agg(p.tenant order by p.n), array_agg(p.topic order by p.n), array_agg(p.key order by p.n)
      into v_tenants, v_topics, v_keys
      from (select k.tenant, k.topic, k.key, row_number() over (order by k.tenant, k.topic, k.key) as n
              from outbox_keys k
             where (k.tenant, k.topic, k.key) > (p_tenant, p_topic, p_key)
             order by k.tenant, k.topic, k.key limit p_max_count) as p;
    if cardinality(v_keys) = p_max_count then
        tenant := v_tenants[p_max_count];
        topic := v_topics[p_max_count];
        key := v_keys[p_max_count];
    end if;

    -- Lock those that seem to be unused. Whoever is enqueueing has his key's row: it is passed over, and nobody waits here.
    select array_agg(u.tenant), array_agg(u.topic), array_agg(u.key) into v_tenants, v_topics, v_keys
      from (select k.tenant, k.topic, k.key
              from unnest(v_tenants, v_topics, v_keys) as x(tenant, topic, key)
              join outbox_keys k on k.tenant = x.tenant and k.topic = x.topic and k.key = x.key
             where not exists (select from outbox o where o.tenant = k.tenant and o.topic = k.topic and o.key = k.key)
               for update of k skip locked) as u;

    -- Look again: a message may have been committed after that statement began and before its row was locked. Now nobody
    -- can add one.
    with gone as (
        delete from outbox_keys k
         using unnest(v_tenants, v_topics, v_keys) as x(tenant, topic, key)
         where k.tenant = x.tenant and k.topic = x.topic and k.key = x.key
           and not exists (select from outbox o where o.tenant = k.tenant and o.topic = k.topic and o.key = k.key)
        returning k.version)
    select count(*), max(g.version) into removed, v_version from gone g;
    if removed > 0 then
        update outbox_purged_keys p set version = v_version where p.version < v_version;
    end if;
end
$$;

--------------------------------------------------------------------------------------------------------- operators

-- How every lane stands. pending counts the messages beyond the cursor and those of blocked keys, up to 1,000 per bucket
-- and per key; oldest is when the oldest of them was enqueued.
create function skald.outbox_status(p_sink text default null)
    returns table (sink text, lane integer, "position" bigint, watermark bigint, pending bigint, oldest timestamptz,
                   retrying bigint, parked bigint, owner text, epoch bigint, lease_remaining interval)
    language plpgsql volatile security definer
    set search_path = skald, pg_temp set enable_seqscan = off set jit = off as $$
declare
    v_watermark constant bigint := outbox_watermark();
begin
    return query
        select c.sink, c.lane, c.position, v_watermark, ahead.count + blocked.count, least(ahead.oldest, blocked.oldest),
               blocked.retrying, blocked.parked, l.owner, l.epoch, l.remaining
          from outbox_cursors c
          join outbox_sinks s on s.sink = c.sink
          left join lease_status l on l.unit = outbox_unit(c.sink, c.lane)
         cross join lateral (
               select count(*) as count, min(m.recorded_at) as oldest
                 from generate_series(c.first_bucket, c.last_bucket) as b(bucket)
                cross join lateral (
                      select o.recorded_at, o.tenant, o.topic, o.key from outbox o
                       where o.bucket = b.bucket::smallint and o.position > c.position
                         and (s.topics is null or o.topic = any (s.topics))
                       order by o.position limit 1000) as m
                where not exists (select from outbox_blocked x
                                   where x.tenant = m.tenant and x.sink = c.sink and x.topic = m.topic and x.key = m.key)
               ) as ahead
         cross join lateral (
               select coalesce(sum(w.count), 0)::bigint as count, min(w.oldest) as oldest,
                      count(*) filter (where b.state = 'retrying') as retrying,
                      count(*) filter (where b.state = 'parked') as parked
                 from outbox_blocked b
                cross join lateral outbox_waiting(b) as w
                where b.sink = c.sink and b.lane = c.lane) as blocked
         where p_sink is null or c.sink = p_sink
         order by c.sink, c.lane;
end
$$;

-- The unsent messages of a blocked key: how many (up to 1,000), and since when.
create function skald.outbox_waiting(p_blocked skald.outbox_blocked, out count bigint, out oldest timestamptz)
    language sql stable as $$
    select count(*), min(m.recorded_at)
      from (select o.recorded_at from skald.outbox o
             where o.tenant = p_blocked.tenant and o.topic = p_blocked.topic and o.key = p_blocked.key
               and o.key_version >= p_blocked.first_version and o.position >= p_blocked.first_position
             order by o.key_version limit 1000) as m
$$;

-- PUBLIC, for operators. The messages after a position, in order, and how each stands with a sink: sent, pending, retrying
-- or parked (its own refusal, or waiting behind an earlier message of its key).
create function skald.outbox_list(sink text, after bigint default 0, max_count integer default 100)
    returns table ("position" bigint, state text, id uuid, tenant text, topic text, key text, key_version bigint, type text,
                   recorded_at timestamptz)
    language plpgsql volatile security definer
    set search_path = skald, pg_temp set enable_seqscan = off set jit = off as $$
begin
    return query
        select o.position,
               case when b.first_version <= o.key_version then b.state when o.position <= c.position then 'sent'
                    else 'pending' end,
               o.id, o.tenant, o.topic, o.key, o.key_version, o.type, o.recorded_at
          from outbox_cursors c
          join outbox_sinks s on s.sink = c.sink
         cross join lateral generate_series(c.first_bucket, c.last_bucket) as g(bucket)
         cross join lateral (
               select * from outbox r
                where r.bucket = g.bucket::smallint and r.position > after and (s.topics is null or r.topic = any (s.topics))
                order by r.position limit max_count) as o
          left join outbox_blocked b
            on b.tenant = o.tenant and b.sink = c.sink and b.topic = o.topic and b.key = o.key
         where c.sink = outbox_list.sink
         order by o.position limit max_count;
end
$$;

-- PUBLIC, for operators. The keys that a sink did not take a message of: parked ones wait for outbox_replay, the others are
-- tried again at next_try. waiting counts their unsent messages, up to 1,000.
create function skald.outbox_parked(sink text default null, include_retrying boolean default false)
    returns table (sink_name text, tenant text, topic text, key text, state text, key_version bigint, message_id uuid,
                   attempts integer, reason text, next_try timestamptz, blocked_at timestamptz, waiting bigint)
    language plpgsql volatile security definer set search_path = skald, pg_temp set jit = off as $$
begin
    return query
        select b.sink, b.tenant, b.topic, b.key, b.state, b.first_version, b.message_id, b.attempts, b.reason, b.next_try,
               b.blocked_at, (outbox_waiting(b)).count
          from outbox_blocked b
         where (outbox_parked.sink is null or b.sink = outbox_parked.sink) and (include_retrying or b.state = 'parked')
         order by b.blocked_at, b.tenant, b.topic, b.key;
end
$$;

------------------------------------------------------------------------------------------------------------- inbox

-- What a consumer has handled. The row commits with the effect of handling, so a message that is delivered again finds
-- it. It is kept until expires_at: that is the window within which a duplicate is recognised.
create table skald.inbox (
    tenant     text collate "C" not null,
    consumer   text collate "C" not null,
    message_id uuid             not null,
    handled_at timestamptz      not null,
    expires_at timestamptz      not null,
    constraint inbox_pkey primary key (tenant, consumer, message_id),
    constraint inbox_consumer_valid check (octet_length(consumer) between 1 and 250)
);
create index inbox_expired on skald.inbox (expires_at);

-- PUBLIC. Called first in the transaction that handles a message: true, handle it; false, it was handled before. A second
-- delivery at the same moment waits until the first one's transaction has ended. A message that was made before the
-- window (p_keep) began is refused (SK012): whether it is a duplicate can no longer be known.
create function skald.inbox_accept(
    consumer text, message_id uuid, made_at timestamptz default null, keep interval default '30 days', tenant text default ''
) returns boolean
    language plpgsql volatile security definer set search_path = skald, pg_temp as $$
begin
    if keep is null or keep <= interval '0' then
        perform invalid_argument('keep', 'it must be longer than nothing');
    elsif made_at < clock_timestamp() - keep then
        raise exception 'message % was made before the inbox''s window began', message_id
            using errcode = 'SK012',
                  detail = jsonb_build_object('consumer', consumer, 'message_id', message_id, 'made_at', made_at)::text,
                  hint = 'Whether it was handled before can no longer be known. Look, and handle it by hand or drop it.';
    end if;
    insert into inbox (tenant, consumer, message_id, handled_at, expires_at)
    values (tenant, consumer, message_id, clock_timestamp(), clock_timestamp() + keep)
    on conflict on constraint inbox_pkey do nothing;
    return found;
end
$$;

-- Forgets what has expired, up to p_max_count rows at a time. Returns how many.
create function skald.inbox_purge(p_max_count integer) returns integer
    language plpgsql volatile security definer set search_path = skald, pg_temp as $$
declare
    v_forgotten integer;
begin
    with expired as materialized (
        select i.tenant, i.consumer, i.message_id from inbox i
         where i.expires_at < clock_timestamp() order by i.expires_at limit p_max_count for update skip locked)
    delete from inbox i using expired e
     where i.tenant = e.tenant and i.consumer = e.consumer and i.message_id = e.message_id;
    get diagnostics v_forgotten = row_count;
    return v_forgotten;
end
$$;

------------------------------------------------------------------------------------------------------------ grants

grant execute on function
    skald.enqueue(text, text, text, jsonb, uuid, text, text, timestamptz, text, text, text, jsonb, bytea, text),
    skald.enqueue_group(text[], text[], text[], uuid[], text[], text[], text[], timestamptz[], text[], text[], text[],
                        jsonb[], bytea[]),
    skald.outbox_register(text, integer, text[], boolean),
    skald.outbox_pulse(text), skald.outbox_cursor(text, integer),
    skald.outbox_next(text, integer, bigint, integer),
    skald.outbox_due(text, integer, bigint, integer, integer),
    skald.outbox_advance(text, integer, bigint, bigint, bigint, text[], text[], text[], text[], bigint[], integer[],
                         float8[], text[], integer[]),
    skald.outbox_purge(interval), skald.outbox_purge_keys(text, text, text, integer),
    skald.inbox_accept(text, uuid, timestamptz, interval, text), skald.inbox_purge(integer)
    to skald_writer;
grant execute on function skald.outbox_status(text), skald.outbox_watermark(), skald.outbox_log_number() to skald_reader;
grant execute on function
    skald.outbox_list(text, bigint, integer), skald.outbox_parked(text, boolean)
    to skald_operator;

insert into skald.migrations (number, name) values (3, 'outbox');

reset role;
