/** Another process of the app: asks with a key so many times, and says how it was answered. */
import { GET } from "@/app/api/v1/connections/route";
import { closeSystemDb } from "@/lib/db/system";

const [key, times] = process.argv.slice(2);
const statuses: number[] = [];
for (let n = 0; n < Number(times); n++) {
  const request = new Request("http://localhost:3999/api/v1/connections", {
    headers: { authorization: `Bearer ${key}` },
  });
  statuses.push((await GET(request)).status);
}
process.stdout.write(JSON.stringify(statuses));
await closeSystemDb();
