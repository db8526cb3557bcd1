import { apiKeyGuard } from "../guard";
import type { App, Standin } from "../standin";

/** The environment's own settings. */
export function environmentRoutes(app: App, nango: Standin): void {
  // The old key stops at once: receivers that want no gap accept both for a while.
  app.post("/environment/webhook-signing-key/rotate", apiKeyGuard(nango, "webhook_signing_key:rotate"), (c) => {
    return c.json({ data: { webhook_signing_key: nango.store.rotateSigningKey() } });
  });
}
