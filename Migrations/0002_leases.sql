-- 0002_leases.sql: leases with an epoch. Who owns a unit of work, and how a former owner is kept from writing.
--
-- A unit is a text that names a piece of work: a projection's lane, a relay's lane, a bucket of sagas. Its lease has an
-- owner (one name per process start), an epoch that rises with every change of hands, and an end on the database's clock.
--
-- A FENCE, NOT A COURTESY. A write of the owner's calls lease_guard(unit, epoch) in its own transaction. The guard takes
-- FOR KEY SHARE on the row with that epoch, and the epoch is in a unique key while the end is not. So a renewal, which
-- changes no key (FOR NO KEY UPDATE), passes a slow batch, and a takeover, which does (FOR UPDATE), waits for it.
-- Never: a guard by `exists (select … where epoch = 5)`. It locks nothing, and lets a stale write commit after the takeover.
--
-- The end of a lease only says when others may take the unit. Safety rests on the epoch alone: a clock that jumps costs a
-- needless change of hands, never a double write.
--
-- NOBODY WAITS IN LINE. Takers skip locked rows: a unit with an open guarded write is not taken in this turn, holds up no
-- other unit, and nothing here can deadlock.
--
-- The end stands in no index, so renewals are heap-only updates; half of each page is left free for them. Times are
-- clock_timestamp(): now() is the start of the transaction and may be long past.

set local role skald_owner;

create table skald.leases (
    unit       text collate "C" not null,
    epoch      bigint           not null,
    owner      text,                       -- null: given back, nobody's
    expires_at timestamptz      not null,
    constraint leases_pkey primary key (unit),
    constraint leases_unit_epoch_key unique (unit, epoch),  -- makes a rise of the epoch a change of key
    constraint leases_unit_valid check (octet_length(unit) between 1 and 250),
    constraint leases_epoch_valid check (epoch >= 0)
) with (fillfactor = 50);

-- Who is ready to own units of a kind, whether it holds any or not: a newcomer that holds nothing must be counted when
-- the units are shared out, or it would get none.
create table skald.lease_members (
    kind       text collate "C" not null,
    owner      text collate "C" not null,
    joined_at  timestamptz      not null,
    expires_at timestamptz      not null,
    constraint lease_members_pkey primary key (kind, owner)
) with (fillfactor = 50);

-- Refuses arguments that would make a lease without an owner or without an end.
create function skald.lease_check(p_owner text, p_duration interval) returns void language plpgsql immutable as $$
begin
    if p_owner is null or octet_length(p_owner) not between 1 and 250 then
        perform invalid_argument('owner', 'it must have 1 to 250 bytes');
    elsif p_duration is null or p_duration < interval '100 milliseconds' or p_duration > interval '1 hour' then
        perform invalid_argument('duration', 'a lease lasts between 100 milliseconds and an hour');
    end if;
end
$$;

-- Says that an owner is alive and ready for units of a kind. Returns how many such owners there are, and the caller's
-- place among them (0 is the oldest). Of n units and m members its share is n / m, plus one if its place is below n mod m.
create function skald.lease_join(p_kind text, p_owner text, p_duration interval, out members integer, out place integer)
    language plpgsql volatile security definer set search_path = skald, pg_temp as $$
declare
    v_now constant timestamptz := clock_timestamp();
begin
    perform lease_check(p_owner, p_duration);
    insert into lease_members as m (kind, owner, joined_at, expires_at)
    values (p_kind, p_owner, v_now, v_now + p_duration)
    on conflict on constraint lease_members_pkey do update set expires_at = excluded.expires_at;

    with gone as materialized (
        select m.owner from lease_members m
         where m.kind = p_kind and m.expires_at < v_now - interval '1 minute'
           for update skip locked)
    delete from lease_members m using gone where m.kind = p_kind and m.owner = gone.owner;

    select count(*), count(*) filter (where (m.joined_at, m.owner) < (me.joined_at, me.owner))
      into members, place
      from lease_members m
      join lease_members me on me.kind = p_kind and me.owner = p_owner
     where m.kind = p_kind and m.expires_at > v_now;
end
$$;

-- Says that an owner wants no more units of a kind, so that the others can share them out at once.
create function skald.lease_leave(p_kind text, p_owner text) returns void
    language plpgsql volatile security definer set search_path = skald, pg_temp as $$
begin
    delete from lease_members m where m.kind = p_kind and m.owner = p_owner;
end
$$;

-- Takes up to p_max_count of the units that are free or expired, in random order (so that takers do not all try the same
-- ones), and returns them with their new epochs. Units never seen before are created. A unit that is the caller's already
-- counts as free: it asks only for units that it does not know it has, because the answer to an earlier call was lost.
create function skald.lease_acquire(p_units text[], p_owner text, p_duration interval, p_max_count integer)
    returns table (unit text, epoch bigint)
    language plpgsql volatile security definer set search_path = skald, pg_temp as $$
declare
    v_now timestamptz;
begin
    perform lease_check(p_owner, p_duration);
    insert into leases (unit, epoch, expires_at)
    select u.unit, 0, '-infinity' from unnest(p_units) as u(unit)
     where not exists (select from leases l where l.unit = u.unit)
     order by u.unit collate "C"  -- two processes that create the same units must do so in one order
    on conflict on constraint leases_pkey do nothing;

    v_now := clock_timestamp();
    return query
        with free as materialized (
            select l.unit from leases l
             where l.unit = any (p_units) and (l.owner is null or l.owner = p_owner or l.expires_at <= v_now)
             order by random()
             limit greatest(p_max_count, 0)
               for update skip locked)
        update leases l
           set epoch = l.epoch + 1, owner = p_owner, expires_at = v_now + p_duration
          from free
         where l.unit = free.unit
        returning l.unit, l.epoch;
end
$$;

-- Renews leases, all in one statement, and returns those that were still the caller's; a unit that is not returned is
-- lost. A lease that has ended and that nobody has taken is renewed: it has not changed hands.
create function skald.lease_renew(p_owner text, p_units text[], p_epochs bigint[], p_duration interval)
    returns table (unit text, epoch bigint)
    language plpgsql volatile security definer set search_path = skald, pg_temp as $$
begin
    perform lease_check(p_owner, p_duration);
    return query
        update leases l
           set expires_at = clock_timestamp() + p_duration
          from unnest(p_units, p_epochs) as held(unit, epoch)
         where l.unit = held.unit and l.epoch = held.epoch and l.owner = p_owner
        returning l.unit, l.epoch;
end
$$;

-- Gives leases back, so that others need not wait for their end. Returns how many were still the caller's. The epoch
-- stays: it rises when somebody takes the unit.
create function skald.lease_release(p_owner text, p_units text[], p_epochs bigint[]) returns integer
    language plpgsql volatile security definer set search_path = skald, pg_temp as $$
declare
    v_released integer;
begin
    update leases l
       set owner = null, expires_at = '-infinity'
      from unnest(p_units, p_epochs) as held(unit, epoch)
     where l.unit = held.unit and l.epoch = held.epoch and l.owner = p_owner;
    get diagnostics v_released = row_count;
    return v_released;
end
$$;

create function skald.lease_lost(p_unit text, p_epoch bigint) returns void language plpgsql volatile as $$
begin
    raise exception 'the lease on % with epoch % is lost', p_unit, p_epoch
        using errcode = 'SK007',
              detail = jsonb_build_object('unit', p_unit, 'epoch', p_epoch,
                                          'current', (select l.epoch from leases l where l.unit = p_unit))::text,
              hint = 'Another process has taken this unit of work. Stop working on it and write nothing more for it.';
end
$$;

-- The fence: called in the transaction of every write that a lease stands for, before the write. Returns if the unit
-- still has this epoch, and keeps it so until the transaction ends; otherwise raises SK007.
create function skald.lease_guard(p_unit text, p_epoch bigint) returns void
    language plpgsql volatile security definer set search_path = skald, pg_temp as $$
begin
    perform from leases l where l.unit = p_unit and l.epoch = p_epoch for key share;
    if not found then
        perform lease_lost(p_unit, p_epoch);
    end if;
end
$$;

-- The same for a write that covers several units: all of them or none.
create function skald.lease_guard(p_units text[], p_epochs bigint[]) returns void
    language plpgsql volatile security definer set search_path = skald, pg_temp as $$
declare
    v_units  text[];
    v_epochs bigint[];
    v_lost   record;
begin
    select array_agg(g.unit), array_agg(g.epoch) into v_units, v_epochs
      from (select l.unit, l.epoch
              from unnest(p_units, p_epochs) as w(unit, epoch)
              join leases l on l.unit = w.unit and l.epoch = w.epoch
             order by l.unit
               for key share of l) as g;
    select w.unit, w.epoch into v_lost
      from unnest(p_units, p_epochs) as w(unit, epoch)
     where not exists (select from unnest(v_units, v_epochs) as g(unit, epoch) where g.unit = w.unit and g.epoch = w.epoch)
     limit 1;
    if found then
        perform lease_lost(v_lost.unit, v_lost.epoch);
    end if;
end
$$;

-- What an operator sees: every unit, who has it, and for how long still (negative: ended, free to take). A unit that was
-- given back has no owner and no time left.
create view skald.lease_status as
    select l.unit, l.epoch, l.owner, l.expires_at,
           case when l.owner is not null then l.expires_at - clock_timestamp() end as remaining
      from skald.leases l;

grant execute on function
    skald.lease_join(text, text, interval), skald.lease_leave(text, text),
    skald.lease_acquire(text[], text, interval, integer), skald.lease_renew(text, text[], bigint[], interval),
    skald.lease_release(text, text[], bigint[]),
    skald.lease_guard(text, bigint), skald.lease_guard(text[], bigint[])
    to skald_writer;
grant select on skald.lease_status to skald_reader;

insert into skald.migrations (number, name) values (2, 'leases');

reset role;
