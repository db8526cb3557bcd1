/** Probes of keys of the API, and of requests that run once. */
import { createHash, randomUUID } from "node:crypto";
import type { Tenant } from "@/lib/auth/tenant";
import { insertApiKey, listApiKeys, revokeApiKey } from "@/lib/db/api-keys";
import { beginRequest, endRequest } from "@/lib/db/idempotent-requests";
import type { DataFixture } from "../../support/tenants";
import { changes, type Probes, peopleOf, worked } from "../probing";

const digest = (text: string) => createHash("sha256").update(text).digest();

const make = (tenant: Tenant) =>
  insertApiKey(tenant, {
    name: "A key",
    prefix: "pby_abcdef",
    hash: digest(randomUUID()),
    scopes: ["connectors:read"],
    expiresAt: null,
  });

export const keys = (db: DataFixture): Probes => {
  const fill = (owner: string, person: string) => db.sql`
    insert into api_keys (owner_id, created_by, name, prefix, key_hash)
    select ${owner}, ${person}, 'A key', 'pby_', sha256(convert_to(gen_random_uuid()::text, 'utf8'))
    from generate_series(1, 50)`;
  const counts = (who: "graceElsewhere" | "ada") => async () => {
    const people = peopleOf(db);
    await make(people[who]);
    await fill(people[who].ownerId, people[who].userId);
    return async () => !(await worked(make(people.grace)));
  };
  const listed = (as: "graceElsewhere" | "grace") => async () => {
    const people = peopleOf(db);
    await make(people.ada);
    await make(people.grace);
    return async () => {
      const { keys: found, totalCount } = await listApiKeys(people[as]);
      const mine = as === "grace" ? 1 : 0;
      return found.length > mine || totalCount > mine;
    };
  };
  const revokes = (whose: "ada" | "grace", as: "grace" | "graceElsewhere" | "adaElsewhere") => async () => {
    const people = peopleOf(db);
    const { id } = await make(people[whose]);
    return () => changes(db, "api_keys", id, () => revokeApiKey(people[as], id));
  };

  return {
    "patchbay.make_api_key": {
      "one's keys for another owner count": counts("graceElsewhere"),
      "a colleague's keys count": counts("ada"),
    },
    "patchbay.list_api_keys": {
      "another owner's are listed or counted": listed("graceElsewhere"),
      "a colleague's are listed or counted": listed("grace"),
      "another owner's are counted on a page of one's own": async () => {
        const { grace, graceElsewhere } = peopleOf(db);
        await make(grace);
        await make(graceElsewhere);
        return async () => (await listApiKeys(grace)).totalCount !== 1;
      },
      "one's own is listed under somebody else's name": async () => {
        const { ada, grace } = peopleOf(db);
        await make(ada);
        await make(grace);
        return async () => (await listApiKeys(grace)).keys.length !== 1;
      },
      "one's own is not listed": async () => {
        const { grace } = peopleOf(db);
        await make(grace);
        return async () => (await listApiKeys(grace)).keys.length === 0;
      },
    },
    "patchbay.revoke_api_key": {
      "a colleague's is revoked by a member": revokes("ada", "grace"),
      "the same person's for another owner is revoked": revokes("grace", "graceElsewhere"),
      "another owner's administrator revokes it": revokes("ada", "adaElsewhere"),
    },
  };
};

export const requests = (db: DataFixture): Probes => {
  const name = () => ({ caller: "person:user_grace", keyHash: digest(randomUUID()) });
  const content = digest("content");
  const rows = async (hash: Uint8Array) =>
    JSON.stringify(await db.sql`select * from patchbay.idempotent_requests where key_hash = ${hash} order by owner_id`);
  const ends = (kept: { status: number; answer: Uint8Array } | null) => async () => {
    const { grace, graceElsewhere } = peopleOf(db);
    const request = name();
    const begun = await beginRequest(grace, request, content);
    const before = await rows(request.keyHash);
    return async () => {
      if (begun.state === "started") await endRequest(graceElsewhere, request, begun.run, kept);
      return (await rows(request.keyHash)) !== before;
    };
  };

  return {
    "patchbay.begin_request": {
      "another owner's answer is given": async () => {
        const { grace, graceElsewhere } = peopleOf(db);
        const request = name();
        const theirs = await beginRequest(graceElsewhere, request, content);
        if (theirs.state === "started")
          await endRequest(graceElsewhere, request, theirs.run, { status: 200, answer: digest("theirs") });
        await beginRequest(grace, request, content);
        return async () => (await beginRequest(grace, request, content)).state !== "running";
      },
    },
    "patchbay.end_request": {
      "another owner's request is ended": ends({ status: 200, answer: digest("answer") }),
      "another owner's request is forgotten": ends(null),
    },
  };
};
