import { spawn } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { credentialsOf, rowsByKey } from "@/lib/db/oauth";
import { resetEnv } from "@/lib/env";
import { rotateKeys } from "@/lib/oauth/rotate";
import { sealTokens, unsealTokens } from "@/lib/oauth/seal-tokens";
import { eventually } from "../support/eventually";
import { type DataFixture, openDataFixture } from "../support/tenants";
import { times } from "./harness";

const TOKENS = times(1_000, 10_000);
const key = () => randomBytes(32).toString("base64");
const [one, two, three, four] = [`k1:${key()}`, `k2:${key()}`, `k3:${key()}`, `k4:${key()}`];
let db: DataFixture;

const use = (keys: string) => {
  process.env.OAUTH_ENCRYPTION_KEYS = keys;
  resetEnv();
};

beforeAll(async () => {
  use(one);
  db = await openDataFixture();
  use(one);
  await db.sql`insert into people (user_id) values ('user_ada')`;
  const rows = Array.from({ length: TOKENS }, (_, at) => {
    const id = randomUUID();
    const sealed = sealTokens(id, { access: `at-${id}`, refresh: at % 3 ? `rt-${id}` : null, expiresAt: null });
    return { id, at, ...sealed };
  });
  for (let from = 0; from < TOKENS; from += 2_000) {
    const some = rows.slice(from, from + 2_000);
    await db.sql`insert into connections ${db.sql(
      some.map(({ id, at }) => ({
        ...{
          owner_id: `org_${at % 50}`,
          connector: "github",
          integration_key: "direct/github",
          nango_connection_id: id,
        },
        ...{ status: "connected", number: at + 1, connected_by: "user_ada" },
      })),
    )}`;
    await db.sql`insert into oauth_credentials ${db.sql(
      some.map(({ id, at, keyId, access, refresh }) => ({
        ...{ connection_id: id, owner_id: `org_${at % 50}`, key_id: keyId },
        ...{ access_token: access, refresh_token: refresh },
      })),
    )}`;
  }
});
afterAll(async () => {
  delete process.env.OAUTH_ENCRYPTION_KEYS;
  await db?.close();
});

/** The command, in a process of its own. */
function rotate() {
  const child = spawn(process.execPath, ["--import", "tsx", "--conditions=react-server", "scripts/oauth-rotate.ts"]);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
  const code = new Promise<number | null>((resolve) => child.once("close", resolve));
  return { child, code, output: () => output };
}

/** Every token is what it was, whatever key it is under. */
async function checkAll(): Promise<number> {
  const rows = await db.sql`select connection_id from oauth_credentials order by random() limit 300`;
  for (const { connection_id: id } of rows) {
    const stored = await credentialsOf(id);
    if (!stored) throw new Error("a row is gone");
    const { access, refresh } = unsealTokens(stored);
    expect(access).toBe(`at-${id}`);
    if (refresh !== null) expect(refresh).toBe(`rt-${id}`);
  }
  return rows.length;
}

describe("rotating the key", () => {
  it(`encrypts ${TOKENS} tokens anew; stopped midway it goes on where it was, and every token stays readable`, async () => {
    use(`${two},${one}`);
    // After the first batch the database makes it wait, until it has heard that it is to stop.
    await db.sql.unsafe(`
      create sequence batches;
      create function wait_after_the_first() returns trigger language plpgsql as $$ begin
        if nextval('public.batches') > 1 then perform pg_advisory_xact_lock_shared(77); end if;
        return null;
      end $$;
      create trigger wait_after_the_first before update on oauth_credentials
        for each statement execute function wait_after_the_first()`);
    const holder = await db.sql.reserve();
    await holder`select pg_advisory_lock(77)`;
    const rotation = rotate();
    await eventually(() => /encrypted anew/.test(rotation.output()), "the first batch is done");
    rotation.child.kill("SIGTERM");
    await eventually(() => /Stopping/.test(rotation.output()), "it has heard that it is to stop");
    await holder`select pg_advisory_unlock(77)`;
    holder.release();
    expect(await rotation.code).toBe(0);
    await db.sql`drop trigger wait_after_the_first on oauth_credentials`;
    const midway = await rowsByKey();
    expect(rotation.output()).toMatch(/\d+ encrypted anew, \d+ left/);
    expect(midway.k2).toBeGreaterThan(0);
    expect(midway.k1).toBeGreaterThan(0);
    expect((midway.k1 ?? 0) + (midway.k2 ?? 0)).toBe(TOKENS);
    expect(await checkAll()).toBe(300);

    const { rotated, left } = await rotateKeys();
    expect({ rotated, left }).toEqual({ rotated: midway.k1, left: 0 });
    expect(await rowsByKey()).toEqual({ k2: TOKENS });
    // The old key may go now.
    use(two);
    expect(await checkAll()).toBe(300);
    expect(await rotateKeys()).toEqual({ rotated: 0, left: 0, unreadable: [] });
  });

  it("passes over what somebody is renewing, and says that it is left", async () => {
    const few = 100;
    await db.sql`delete from oauth_credentials where connection_id not in (
      select connection_id from oauth_credentials limit ${few})`;
    use(`${three},${two}`);
    const [held] = await db.sql`select connection_id from oauth_credentials limit 1`;
    let letGo = () => {};
    const until = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const holding = db.sql.begin(async (sql) => {
      await sql`select 1 from oauth_credentials where connection_id = ${held?.connection_id} for update`;
      await until;
    });
    await eventually(async () => {
      const [row] =
        await db.sql`select count(*)::int as n from pg_locks where mode = 'RowShareLock' and relation = 'oauth_credentials'::regclass`;
      return row?.n > 0;
    }, "the row is held");
    expect(await rotateKeys({ batch: 30 })).toEqual({ rotated: few - 1, left: 1, unreadable: [] });
    letGo();
    await holding;
    expect(await rotateKeys()).toEqual({ rotated: 1, left: 0, unreadable: [] });
  });

  it("passes over what is damaged, does all the rest, and ends by naming its connection and nothing of its content", async () => {
    const damaged = await db.sql<{ id: string; was: Buffer }[]>`
      select connection_id as id, access_token as was from oauth_credentials order by connection_id limit 2`;
    const [first, second] = damaged;
    if (!first || !second) throw new Error("no rows");
    await db.sql`update oauth_credentials set access_token = overlay(access_token placing '\\x00'::bytea from 20)
      where connection_id = ${first.id}`;
    // Too short to be anything.
    await db.sql`update oauth_credentials set access_token = '\\x01' where connection_id = ${second.id}`;
    use(`${four},${three}`);
    const rotation = rotate();
    expect(await rotation.code).toBe(1);
    expect(await rowsByKey()).toEqual({ k3: 2, k4: 98 });
    expect(rotation.output()).toContain("98 encrypted anew, 2 left");
    expect(rotation.output()).toContain(`2 connections cannot be decrypted: ${first.id}, ${second.id}.`);
    expect(rotation.output()).toMatch(/signed in to again/);
    for (const { was } of damaged) {
      const seen = rotation.output();
      expect([seen.includes(was.toString("hex")), seen.includes(was.toString("base64"))]).toEqual([false, false]);
    }
    // Also when they fill whole batches.
    expect(await rotateKeys({ batch: 1 })).toEqual({ rotated: 0, left: 2, unreadable: [first.id, second.id] });
    for (const { id, was } of damaged)
      await db.sql`update oauth_credentials set access_token = ${was} where connection_id = ${id}`;
    expect(await rotateKeys()).toEqual({ rotated: 2, left: 0, unreadable: [] });
  });

  it("does what it has the key of before it ends with the name of one that is missing", async () => {
    await db.sql`update oauth_credentials set key_id = 'lost' where connection_id = (
      select connection_id from oauth_credentials order by connection_id limit 1)`;
    use(`k5:${key()},${four}`);
    const failed = await rotateKeys({ batch: 30 }).catch((error) => error);
    expect(failed).toMatchObject({ code: "misconfigured" });
    expect(failed.cause.message).toContain('"lost"');
    expect(await rowsByKey()).toEqual({ k5: 99, lost: 1 });
  });

  it("ends with the name of a key that is missing, and keeps what was done", async () => {
    use(`k6:${key()}`);
    const before = await rowsByKey();
    await expect(rotateKeys()).rejects.toMatchObject({ code: "misconfigured" });
    expect(await rowsByKey()).toEqual(before);
  });
});
