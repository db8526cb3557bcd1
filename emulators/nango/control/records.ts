import type { Hono } from "hono";
import { z } from "zod";
import type { Standin } from "../standin";
import { faultSchema } from "./faults";

/** Faults, and records of what came and went. */
export function recordRoutes(app: Hono, nango: Standin): void {
  const { faults, calls, webhooks } = nango;
  app.get("/faults", (c) => c.json({ faults: faults.list() }));
  app.post("/faults", async (c) => c.json(faults.add(faultSchema.parse(await c.req.json())), 201));
  app.delete("/faults", (c) => {
    faults.clear();
    return c.json({ ok: true });
  });
  app.delete("/faults/:id", (c) => c.json({ ok: faults.remove(Number(c.req.param("id"))) }));

  app.get("/calls", (c) => {
    const { after, method, path } = c.req.query();
    const found = calls.find({
      ...(after ? { after: Number(after) } : {}),
      ...(method ? { method } : {}),
      ...(path ? { path } : {}),
    });
    return c.json({ count: calls.count, calls: found });
  });
  app.delete("/calls", (c) => {
    calls.clear();
    return c.json({ ok: true });
  });

  app.get("/webhooks", (c) =>
    c.json({
      count: webhooks.count,
      outcomes: webhooks.outcomes(),
      deliveries: webhooks.deliveries(Number(c.req.query("after") ?? 0)),
    }),
  );
  app.delete("/webhooks", (c) => {
    webhooks.clear();
    return c.json({ ok: true });
  });
  app.post("/webhooks/settle", async (c) => {
    await webhooks.settled();
    return c.json({ ok: true });
  });
  app.post("/webhooks/send", async (c) => {
    const { body } = z.object({ body: z.unknown() }).parse(await c.req.json());
    webhooks.send({ body, integration: "", operation: "ordered", tags: {} });
    return c.json({ ok: true });
  });
  app.post("/webhooks/:number/resend", (c) => {
    const delivery = webhooks.deliveries().find((entry) => entry.number === Number(c.req.param("number")));
    if (!delivery) return c.json({ error: "There is no such delivery." }, 404);
    const { body, integration, operation } = delivery;
    webhooks.send({ body: JSON.parse(body), integration, operation, tags: {} });
    return c.json({ ok: true });
  });
}
