import { reconcile } from "@/lib/webhooks/reconcile";
import type { World } from "./world";

/** One sweep to its end, waiting in virtual time where it has to wait. @throws when it stops for good */
export async function sweepAll(world: World): Promise<void> {
  for (let turn = 0; turn < 50; turn++) {
    const { status, failed } = await reconcile();
    if (status === "done") {
      if (failed > 0) throw new Error(`the sweep could not read ${failed} connections`);
      return;
    }
    if (status === "braked") throw new Error("the sweep braked");
    if (status === "busy") throw new Error("the sweep is busy");
    await world.pass(61_000);
  }
  throw new Error("the sweep does not end");
}
