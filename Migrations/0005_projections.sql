-- 0005_projections.sql: checkpoints. How far each projection has come, and why one has stopped.
--
-- A projection applies a batch of events and raises its checkpoint in ONE transaction: its tables and its checkpoint
-- never disagree, so each event has its effect exactly once. Two things keep a second writer out: the guard on the
-- lease's epoch (0002_leases.sql), and the compare-and-set on the position the batch began from.
--
-- A checkpoint lives in the log's own database and is restored together with it; so it may be the bare watermark, and
-- moves past events that the projection does not care for.

set local role skald_owner;

create table skald.checkpoints (
    tenant          text collate "C" not null,
    projection      text collate "C" not null,
    version         integer          not null,  -- of the projection: a new one begins anew, beside the old
    lane            integer          not null,  -- for projections that run in several; 0 for now
    position        bigint           not null,  -- the last position whose effect is in the projection's tables
    epoch           bigint           not null,  -- of the lease it was written under
    updated_at      timestamptz      not null,
    failed_position bigint,                     -- the event it cannot apply: it stops there
    failed_type     text,                       -- of that event
    failure         text,                       -- why, at the latest attempt
    failed_at       timestamptz,                -- the first attempt
    last_failed_at  timestamptz,                -- the latest
    failures        integer          not null default 0,
    constraint checkpoints_pkey primary key (tenant, projection, version, lane),
    constraint checkpoints_name_valid check (octet_length(projection) between 1 and 200)
) with (fillfactor = 50);  -- updated in place all the time

-- Reads a checkpoint; 0 where there is none.
create function skald.checkpoint(p_tenant text, p_projection text, p_version integer, p_lane integer) returns bigint
    language plpgsql volatile security definer set search_path = skald, pg_temp as $$
begin
    return coalesce((select c.position from checkpoints c
                      where c.tenant = p_tenant and c.projection = p_projection and c.version = p_version
                        and c.lane = p_lane), 0);
end
$$;

-- Raises a checkpoint, in the transaction that holds the batch's effects: first the fence, then compare-and-set. SK007:
-- the lease is lost. SK010: somebody else raised it; the batch must not commit.
create function skald.checkpoint_advance(
    p_tenant text, p_projection text, p_version integer, p_lane integer, p_from bigint, p_to bigint,
    p_unit text, p_epoch bigint
) returns void
    language plpgsql volatile security definer set search_path = skald, pg_temp as $$
declare
    v_actual bigint;
begin
    perform lease_guard(p_unit, p_epoch);
    if p_to < p_from then
        perform invalid_argument('to', 'a checkpoint only rises');
    end if;
    insert into checkpoints as c (tenant, projection, version, lane, position, epoch, updated_at)
    select p_tenant, p_projection, p_version, p_lane, p_to, p_epoch, clock_timestamp()
     -- From elsewhere than the beginning there is a row to compare with, or it was removed and all begins anew.
     where p_from = 0 or exists (select from checkpoints x where x.tenant = p_tenant and x.projection = p_projection
                                                             and x.version = p_version and x.lane = p_lane)
    on conflict on constraint checkpoints_pkey do update
       set position = excluded.position, epoch = excluded.epoch, updated_at = excluded.updated_at,
           failed_position = null, failed_type = null, failure = null, failed_at = null, last_failed_at = null,
           failures = 0
     where c.position = p_from and c.epoch <= p_epoch;
    if not found then
        select c.position into v_actual from checkpoints c
         where c.tenant = p_tenant and c.projection = p_projection and c.version = p_version and c.lane = p_lane;
        v_actual := coalesce(v_actual, 0);
        raise exception 'the checkpoint of projection % is at %, not at %', p_projection, v_actual, p_from
            using errcode = 'SK010',
                  detail = jsonb_build_object('projection', p_projection, 'expected', p_from, 'actual', v_actual)::text,
                  hint = 'Another process has raised it. Read the checkpoint again and go on from there.';
    end if;
end
$$;

-- Records that a projection cannot apply an event and has stopped there. The first attempt's time is kept for as long
-- as it is the same event.
create function skald.checkpoint_failed(
    p_tenant text, p_projection text, p_version integer, p_lane integer, p_position bigint, p_type text, p_failure text,
    p_unit text, p_epoch bigint
) returns void
    language plpgsql volatile security definer set search_path = skald, pg_temp as $$
declare
    v_now constant timestamptz := clock_timestamp();
begin
    perform lease_guard(p_unit, p_epoch);
    insert into checkpoints as c (tenant, projection, version, lane, position, epoch, updated_at,
                                  failed_position, failed_type, failure, failed_at, last_failed_at, failures)
    values (p_tenant, p_projection, p_version, p_lane, 0, p_epoch, v_now,
            p_position, p_type, left(p_failure, 4000), v_now, v_now, 1)
    on conflict on constraint checkpoints_pkey do update
       set failed_position = excluded.failed_position, failed_type = excluded.failed_type, failure = excluded.failure,
           failed_at = case when c.failed_position = excluded.failed_position then c.failed_at
                            else excluded.failed_at end,
           last_failed_at = excluded.last_failed_at,
           failures = case when c.failed_position = excluded.failed_position then c.failures else 0 end + 1;
end
$$;

-- What an operator sees: how far each projection has come, and how far it is behind, measured against the log itself and
-- not against what the projection believes. behind counts positions, gaps included; oldest_pending is when the first
-- event was recorded that it has not applied, null if it has applied all.
create view skald.checkpoint_status as
    select c.tenant, c.projection, c.version, c.lane, c.position, c.epoch, c.updated_at,
           c.failed_position, c.failed_type, c.failure, c.failed_at, c.last_failed_at, c.failures,
           coalesce((select e.position - c.position from skald.events e
                      where e.tenant = c.tenant and e.position > c.position order by e.position desc limit 1), 0) as behind,
           (select e.recorded_at from skald.events e
             where e.tenant = c.tenant and e.position > c.position order by e.position limit 1) as oldest_pending
      from skald.checkpoints c;

grant execute on function
    skald.checkpoint_advance(text, text, integer, integer, bigint, bigint, text, bigint),
    skald.checkpoint_failed(text, text, integer, integer, bigint, text, text, text, bigint)
    to skald_writer;
grant execute on function skald.checkpoint(text, text, integer, integer) to skald_reader;
grant select on skald.checkpoint_status to skald_reader;

insert into skald.migrations (number, name) values (5, 'projections');

reset role;
