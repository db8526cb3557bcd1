import type { Tenant } from "@/lib/auth/tenant";
import { deleteQuarantined, listQuarantine } from "@/lib/db/quarantine";
import { adoptFromQuarantine } from "@/lib/webhooks/reconcile-adopt";
import { asked } from "./deeds-people";
import type { Made } from "./ledger";
import type { Hands } from "./sign-in";

/** What administrators decide about connections that no try could claim. */

type Item = Awaited<ReturnType<typeof listQuarantine>>["items"][number];

/** What somebody who decides sees first, and which connection of Nango's it is. */
async function waiting(hands: Hands): Promise<{ as: Tenant; item: Item; made: Made } | null> {
  const { world, ledger, random } = hands;
  const deciders = world.people.filter((person) => person.orgId === null || person.role === "admin");
  const as = random.pick(deciders);
  const list = await asked(hands, "list quarantine", () => listQuarantine(as, { limit: 10 }));
  if (!list || list.items.length === 0) return null;
  const item = random.pick(list.items);
  const [row] = await world.sql<{ nango_connection_id: string }[]>`
    select nango_connection_id from quarantined_connections where id = ${item.id}`;
  const made = row && ledger.find(row.nango_connection_id);
  return made ? { as, item, made } : null;
}

export async function adopt(hands: Hands): Promise<void> {
  const found = await waiting(hands);
  if (!found) return;
  const { as, item, made } = found;
  const row = await asked(hands, "adopt", () => adoptFromQuarantine(as, item.id));
  if (!row) return;
  if (made.by?.as.ownerId !== as.ownerId) hands.ledger.complain(`${as.userId} adopted what is not theirs`, made);
  if (made.strange !== null) hands.ledger.complain("what a stranger made was adopted", made);
  made.adopted = true;
  hands.ledger.note(made, `adopted by ${as.userId}`);
}

export async function discard(hands: Hands): Promise<void> {
  const found = await waiting(hands);
  if (!found) return;
  const { as, item, made } = found;
  const done = await asked(hands, "discard", () => deleteQuarantined(as, item.id).then(() => true));
  if (!done) return;
  made.discarded = true;
  hands.ledger.note(made, `discarded by ${as.userId}`);
}
