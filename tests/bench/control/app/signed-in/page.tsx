import { connection } from "next/server";
import { Providers } from "./providers";

/** What any page with Clerk and React Query loads before it does anything of its own. */
export default async function SignedIn() {
  await connection();
  return <Providers publishableKey="pk_live_c3RhbmRpbi5wYXRjaGJheS50ZXN0JA" />;
}
