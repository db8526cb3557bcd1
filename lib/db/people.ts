import "server-only";
import { ask, systemDb } from "@/lib/db/system";

/** Keeps what "connected by" shows. From Clerk, at sign-in; an unchanged person costs no write. */
export async function upsertPerson(person: {
  userId: string;
  name: string | null;
  email: string | null;
  imageUrl: string | null;
}): Promise<void> {
  await ask(systemDb("people")`
    select patchbay.upsert_person(${person.userId}, ${person.name}, ${person.email}, ${person.imageUrl})`);
}
