/** What probes are made of. A probe arranges a world while every predicate holds, and returns the deed that must fail. */
import { randomUUID } from "node:crypto";
import type { Tenant } from "@/lib/auth/tenant";
import { AppError } from "@/lib/errors";
import { connect } from "../support/connecting";
import type { DataFixture } from "../support/tenants";

/** True when somebody got, or changed, what is not theirs. */
export type Deed = () => Promise<boolean>;
export type Probe = () => Promise<Deed>;
/** By function of the database, and by what must not happen. */
export type Probes = Record<string, Record<string, Probe>>;

/** Two organisations of its own for each world: some deeds would change what they reach. */
export function peopleOf(db: DataFixture) {
  const world = randomUUID().slice(0, 8);
  const [acme, globex] = [`org_acme_${world}`, `org_globex_${world}`];
  return {
    acme,
    globex,
    ada: db.tenant(acme, "user_ada", "admin"),
    grace: db.tenant(acme, "user_grace"),
    katherine: db.tenant(globex, "user_katherine", "admin"),
    dorothy: db.tenant(globex, "user_dorothy"),
    // The same persons, acting for another owner: only the owner tells the two apart.
    adaElsewhere: db.tenant(globex, "user_ada", "admin"),
    graceElsewhere: db.tenant(globex, "user_grace"),
  };
}

/** Whether it was done rather than refused. An answer of null or false is a refusal as well. */
export const worked = (call: Promise<unknown>): Promise<boolean> =>
  call.then(
    (result) => result !== null && result !== false,
    () => false,
  );

/** The code that it was refused with; null when it was done. */
export const refusal = (call: Promise<unknown>): Promise<string | null> =>
  call.then(
    () => null,
    (error: unknown) => (error instanceof AppError ? error.code : String(error)),
  );

/** Whether a deed, whatever it answers, changed a row. Its counters and times of being looked at count too. */
export async function changes(
  db: DataFixture,
  table: string,
  id: string,
  deed: () => Promise<unknown>,
): Promise<boolean> {
  const look = async () => {
    const [row] = await db.sql`select to_jsonb(t)::text as row from ${db.sql(table)} t where t.id = ${id}`;
    return row?.row as string | undefined;
  };
  const before = await look();
  await deed().catch(() => null);
  return (await look()) !== before;
}

/** A connection whose account is known. */
export async function connectAs(db: DataFixture, tenant: Tenant, account: string, only_me = false): Promise<string> {
  const { id } = await connect(tenant, { visibility: only_me ? "only_me" : "everyone" });
  await db.sql`update connections set account_id = ${account}, account_name = ${account} where id = ${id}`;
  return id;
}

/** An owner's rule. */
export async function block(db: DataFixture, owner: string, kind: "connector" | "category", subject: string) {
  await db.sql`insert into connector_policies (owner_id, subject_kind, subject, effect, created_by)
    values (${owner}, ${kind}, ${subject}, 'block', 'user_ada')`;
}
