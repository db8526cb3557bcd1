import { spawn } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { credentialsOf, rowsByKey } from "@/lib/db/oauth";
import { resetEnv } from "@/lib/env";
import { rotateKeys } from "@/lib/oauth/rotate";
import { sealTokens, unsealTokens } from "@/lib/oauth/seal-tokens";
import { eventually } from "../support/eventually";
import { type DataFixture, openDataFixture } from "../support/tenants";

const TOKENS = 10_000;
const key = () => randomBytes(32).toString("base64");
const [one, two] = [`k1:${key()}`, `k2:${key()}`];
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
    const child = spawn(process.execPath, ["--import", "tsx", "--conditions=react-server", "scripts/oauth-rotate.ts"]);
    let output = "";
    child.stdout.on("data", (chunk) => {
      output += chunk;
      if (/encrypted anew/.test(output)) child.kill("SIGTERM");
    });
    const code = await new Promise((resolve) => child.once("close", resolve));
    const midway = await rowsByKey();
    expect(output).toMatch(/\d+ encrypted anew, \d+ left/);
    expect(code).toBe(0);
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
    expect(await rotateKeys()).toEqual({ rotated: 0, left: 0 });
  });

  it("passes over what somebody is renewing, and says that it is left", async () => {
    const few = 100;
    await db.sql`delete from oauth_credentials where connection_id not in (
      select connection_id from oauth_credentials limit ${few})`;
    const three = `k3:${key()}`;
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
    expect(await rotateKeys({ batch: 30 })).toEqual({ rotated: few - 1, left: 1 });
    letGo();
    await holding;
    expect(await rotateKeys()).toEqual({ rotated: 1, left: 0 });
  });

  it("stops with the name of a key that is missing, and keeps what was done", async () => {
    use(`k4:${key()}`);
    await expect(rotateKeys()).rejects.toMatchObject({ code: "misconfigured" });
    expect(await rowsByKey()).toEqual({ k3: 100 });
  });
});
