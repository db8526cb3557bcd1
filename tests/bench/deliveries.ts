/** Signed deliveries to send, and what became of those that were. */
import { createHmac, randomUUID } from "node:crypto";
import postgres from "postgres";
import type { Request } from "./load";
import type { Product } from "./servers";

/** Unique deliveries, signed as Nango signs, about connections that nobody has. */
export function deliveries(product: Product, amount: number): Request[] {
  const { nango } = product.description;
  if (!nango) throw new Error("The bench runs on the embedded stack only.");
  return Array.from({ length: amount }, () => {
    const body = JSON.stringify({
      authMode: "OAUTH2",
      connectionId: randomUUID(),
      environment: "bench",
      from: "nango",
      operation: "creation",
      provider: "github",
      providerConfigKey: "github",
      success: true,
      type: "auth",
    });
    const signature = createHmac("sha256", nango.webhookSigningKey).update(body).digest("hex");
    return {
      method: "POST",
      path: "/api/webhooks/nango",
      headers: { "content-type": "application/json", "x-nango-hmac-sha256": signature },
      body,
    };
  });
}

/** One after the other, each once. */
export function each(requests: readonly Request[], path?: string): () => Request {
  let sent = 0;
  return () => {
    const request = requests[sent++] as Request;
    return path ? { ...request, path } : request;
  };
}

type Stored = { stored: number; open: number; seen: number };

/** What the product's database holds; `seen` counts a delivery once more for each time that it was looked into again. */
export async function storedIn(sql: postgres.Sql): Promise<Stored> {
  const [row] = await sql<Stored[]>`
    select count(*)::int as stored, (count(*) filter (where verdict is null))::int as open,
      coalesce(sum(seen_count), 0)::int as seen
    from public.webhook_deliveries`;
  return row as Stored;
}

/** @throws when not all deliveries become final within two minutes */
export async function drained(sql: postgres.Sql): Promise<void> {
  const deadline = Date.now() + 120_000;
  for (;;) {
    const { open } = await storedIn(sql);
    if (open === 0) return;
    if (Date.now() > deadline) throw new Error(`${open} deliveries did not become final.`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

/** The product's database. The caller ends it. */
export function databaseOf(product: Product): postgres.Sql {
  const { supabase } = product.description;
  if (!supabase) throw new Error("The bench runs on the embedded stack only.");
  return postgres(supabase.databaseUrl, { max: 1, onnotice: () => {} });
}
