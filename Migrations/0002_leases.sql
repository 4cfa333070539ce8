-- Leases with an epoch: who owns a unit of work, and how a former owner is kept from writing.
--
-- A unit is a text that names a piece of work: a projection's lane, a relay's bucket group, a bucket of sagas. Its lease
-- has an owner (one name per process start), an epoch that rises with every change of hands, and an end on the
-- database's clock. Three rules make it a fence and not a courtesy:
--
-- 1. A write of the owner's calls lease_guard(unit, epoch) in its own transaction. The guard takes FOR KEY SHARE on the row
--    with that epoch, and the epoch is in a unique key while the end is not. So PostgreSQL lets a renewal pass a slow
--    batch (it updates no key: FOR NO KEY UPDATE) and makes a takeover wait for it (it updates a key: FOR UPDATE). A guard
--    written as `exists (select … where epoch = 5)` takes no lock and lets a stale write commit after the takeover.
-- 2. The expiry only says when others may take the unit. Safety rests on the epoch alone, so a clock that jumps costs a
--    needless change of hands and never a double write.
-- 3. Takers skip locked rows. A unit with an open guarded write is simply not taken in this turn, and the other units
--    are not held up by it; nothing here can deadlock.
--
-- The expiry stands in no index, so that renewals are heap-only updates, and half of each page is left free for them.
-- All times are clock_timestamp(): now() is the start of the transaction and may be long past.

create table skald.leases (
    unit text not null,
    epoch bigint not null,
    owner text,
    expires_at timestamptz not null,
    constraint leases_pkey primary key (unit),
    constraint leases_unit_epoch_key unique (unit, epoch),
    constraint leases_unit_check check (octet_length(unit) between 1 and 250),
    constraint leases_epoch_check check (epoch >= 0)
) with (fillfactor = 50);

comment on table skald.leases is 'One row per unit of work: its owner, the epoch that fences its writes, and its end';

-- Who is ready to own units of a kind, whether it holds any or not: without it a newcomer that holds nothing would
-- not be counted when the units are shared out.
create table skald.lease_members (
    kind text not null,
    owner text not null,
    joined_at timestamptz not null,
    expires_at timestamptz not null,
    constraint lease_members_pkey primary key (kind, owner)
) with (fillfactor = 50);

comment on table skald.lease_members is 'One row per live process and kind of work; the order of joining decides who gets the odd unit';

-- Says that `owner` is alive and ready for units of `kind`, and returns how many such owners there are and the
-- caller's place among them (0 is the oldest). With n units and m members the fair share is n/m, plus one for the first n mod m.
create function skald.lease_join(kind text, owner text, duration interval, out members integer, out place integer)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    moment timestamptz := clock_timestamp();
begin
    perform skald.lease_check(lease_join.owner, lease_join.duration);
    insert into skald.lease_members as m (kind, owner, joined_at, expires_at)
    values (lease_join.kind, lease_join.owner, moment, moment + lease_join.duration)
    on conflict (kind, owner) do update set expires_at = excluded.expires_at;

    with gone as materialized (
        select m.kind, m.owner from skald.lease_members m
        where m.kind = lease_join.kind and m.expires_at < moment - interval '1 minute'
        for update skip locked
    )
    delete from skald.lease_members m using gone where m.kind = gone.kind and m.owner = gone.owner;

    select count(*), count(*) filter (where (m.joined_at, m.owner) < (me.joined_at, me.owner))
    into members, place
    from skald.lease_members m
    join skald.lease_members me on me.kind = lease_join.kind and me.owner = lease_join.owner
    where m.kind = lease_join.kind and m.expires_at > moment;
end $$;

comment on function skald.lease_join is 'Keeps the caller among the live owners of a kind and returns their number and its place';

-- Says that `owner` wants no more units of `kind`, so that the others can share them out at once.
create function skald.lease_leave(kind text, owner text) returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
    delete from skald.lease_members m where m.kind = lease_leave.kind and m.owner = lease_leave.owner
$$;

comment on function skald.lease_leave is 'Takes the caller out of the live owners of a kind';

-- Takes up to `max_count` of `units` that are free or expired, in random order, and returns them with their new epochs.
-- A unit that is owned, or whose row is locked by a guarded write, is passed over. Units never seen before are created.
create function skald.lease_acquire(units text[], owner text, duration interval, max_count integer)
returns table (unit text, epoch bigint)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    moment timestamptz;
begin
    perform skald.lease_check(lease_acquire.owner, lease_acquire.duration);
    insert into skald.leases (unit, epoch, expires_at)
    select u, 0, '-infinity' from unnest(units) u
    where not exists (select from skald.leases l where l.unit = u)
    order by u collate "C"
    on conflict (unit) do nothing;

    moment := clock_timestamp();
    return query
    with free as materialized (
        select l.unit from skald.leases l
        where l.unit = any (units) and l.expires_at <= moment
        order by random()
        limit greatest(max_count, 0)
        for update skip locked
    )
    update skald.leases l
    set epoch = l.epoch + 1, owner = lease_acquire.owner, expires_at = moment + lease_acquire.duration
    from free
    where l.unit = free.unit
    returning l.unit, l.epoch;
end $$;

comment on function skald.lease_acquire is 'Takes free or expired units up to a maximum; every change of hands raises the epoch';

-- Renews many leases in one statement and returns those that were still the caller's. A unit that is not returned is lost.
-- A lease that has expired and that nobody has taken is renewed: its hands have not changed.
create function skald.lease_renew(owner text, units text[], epochs bigint[], duration interval)
returns table (unit text, epoch bigint)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
begin
    perform skald.lease_check(lease_renew.owner, lease_renew.duration);
    return query
    update skald.leases l set expires_at = clock_timestamp() + lease_renew.duration
    from unnest(units, epochs) as held (unit, epoch)
    where l.unit = held.unit and l.epoch = held.epoch and l.owner = lease_renew.owner
    returning l.unit, l.epoch;
end $$;

comment on function skald.lease_renew is 'Renews the caller''s leases; what is not returned is lost';

-- Gives leases back, so that others need not wait for their end. Returns how many were still the caller's.
create function skald.lease_release(owner text, units text[], epochs bigint[]) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    released integer;
begin
    update skald.leases l set owner = null, expires_at = '-infinity'
    from unnest(units, epochs) as held (unit, epoch)
    where l.unit = held.unit and l.epoch = held.epoch and l.owner = lease_release.owner;
    get diagnostics released = row_count;
    return released;
end $$;

comment on function skald.lease_release is 'Gives the caller''s leases back at once';

-- The fence: to be called in the transaction of every write that a lease stands for, before the write. Returns if the
-- unit still has this epoch, and keeps it so until the transaction ends; otherwise raises SK007.
create function skald.lease_guard(unit text, epoch bigint) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
begin
    perform from skald.leases l
    where l.unit = lease_guard.unit and l.epoch = lease_guard.epoch
    for key share;
    if not found then
        perform skald.lease_lost(lease_guard.unit, lease_guard.epoch);
    end if;
end $$;

comment on function skald.lease_guard(text, bigint) is 'Refuses (SK007) the write of an owner whose lease has changed hands';

-- The same for a write that covers several units: all of them or none, locked in the order of their names.
create function skald.lease_guard(units text[], epochs bigint[]) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    held text[];
    missing record;
begin
    select array_agg(g.unit) into held from (
        select l.unit from skald.leases l
        join unnest(units, epochs) as wanted (unit, epoch) on l.unit = wanted.unit and l.epoch = wanted.epoch
        order by l.unit collate "C"
        for key share of l) g;
    for missing in
        select w.unit, w.epoch from unnest(units, epochs) as w (unit, epoch)
        where w.unit is null or w.unit <> all (coalesce(held, '{}'))
    loop
        perform skald.lease_lost(missing.unit, missing.epoch);
    end loop;
end $$;

comment on function skald.lease_guard(text[], bigint[]) is 'Refuses (SK007) a write over several units if one of their leases has changed hands';

-- Raises SK007 with what the caller should know.
create function skald.lease_lost(unit text, epoch bigint) returns void
language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    current bigint;
begin
    select l.epoch into current from skald.leases l where l.unit = lease_lost.unit;
    raise exception using
        errcode = 'SK007',
        message = format('the lease on %L with epoch %s is lost', lease_lost.unit, lease_lost.epoch),
        detail = json_build_object('unit', lease_lost.unit, 'epoch', lease_lost.epoch, 'current', current)::text,
        hint = 'Another process owns this unit of work now. Stop working on it and write nothing more for it.';
end $$;

-- Refuses arguments that would make a lease without an owner or without an end.
create function skald.lease_check(owner text, duration interval) returns void
language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
begin
    if owner is null or octet_length(owner) not between 1 and 250 then
        raise exception using errcode = 'SK003', message = 'the owner of a lease is a text of 1 to 250 bytes',
            detail = json_build_object('argument', 'owner', 'reason', 'length')::text;
    end if;
    if duration is null or duration < interval '100 milliseconds' or duration > interval '1 hour' then
        raise exception using errcode = 'SK003', message = 'a lease lasts between 100 milliseconds and an hour',
            detail = json_build_object('argument', 'duration', 'reason', 'range')::text;
    end if;
end $$;

-- What an operator sees: every unit, who has it and for how long still (negative: expired, free to take).
create view skald.lease_status as
    select l.unit, l.epoch, l.owner, l.expires_at, l.expires_at - clock_timestamp() as remaining
    from skald.leases l;

comment on view skald.lease_status is 'Every unit of work with its owner and the time that is left';

do $$
declare
    signature text;
begin
    foreach signature in array array[
        'lease_join(text, text, interval)', 'lease_leave(text, text)', 'lease_acquire(text[], text, interval, integer)',
        'lease_renew(text, text[], bigint[], interval)', 'lease_release(text, text[], bigint[])',
        'lease_guard(text, bigint)', 'lease_guard(text[], bigint[])']
    loop
        execute format('alter function skald.%s owner to skald_owner', signature);
        execute format('revoke all on function skald.%s from public', signature);
        execute format('grant execute on function skald.%s to skald_writer', signature);
    end loop;
    foreach signature in array array['lease_lost(text, bigint)', 'lease_check(text, interval)'] loop
        execute format('alter function skald.%s owner to skald_owner', signature);
        execute format('revoke all on function skald.%s from public', signature);
    end loop;
end $$;

alter table skald.leases owner to skald_owner;
alter table skald.lease_members owner to skald_owner;
alter view skald.lease_status owner to skald_owner;
grant select on skald.lease_status to skald_reader, skald_operator;
