import "server-only";
import { notListed, reconcileOutlook, reconcilePage, reconcileTidy, settleMissing } from "@/lib/db/reconcile";
import { isListed, listConnectionPage } from "@/lib/nango/connection-pages";
import { getConnection } from "@/lib/nango/connections";
import { Standstill, type Sweep } from "@/lib/webhooks/reconcile-sweep";

/** Connections that are held in memory at a time. */
const PAGE = 100;

/** More than so many live connections gone, and more than this part of all, is no event but a wrong key. */
const BRAKE_COUNT = 10;
const BRAKE_SHARE = 0.2;
const tooMany = (gone: number, live: number) => gone > BRAKE_COUNT && gone > live * BRAKE_SHARE;

/** All that Nango lists, page by page; only what differs from ours is read again. */
async function fromNango(sweep: Sweep): Promise<void> {
  const { run } = sweep;
  for (;;) {
    const page = Number(run.cursor || 0);
    const at = await sweep.turn();
    const { size, connections } = await listConnectionPage(page, PAGE);
    const compared = await reconcilePage(run.startedAt, at, connections);
    sweep.count("quarantined", compared.quarantined);
    sweep.count("deletes_resumed", compared.deletesResumed);
    for (const item of compared.differing) await sweep.heal(item, { bury: false, listed: true });
    sweep.count("seen", size);
    run.cursor = String(page + 1);
    if (size < PAGE) return;
  }
}

/** Goes through what Nango did not list, from where the run stands. */
async function eachNotListed(
  sweep: Sweep,
  what: "ours" | "quarantine",
  look: (item: Awaited<ReturnType<typeof notListed>>[number]) => Promise<void>,
): Promise<void> {
  for (;;) {
    const found = await notListed(what, sweep.run.startedAt, sweep.run.cursor, PAGE);
    for (const item of found) {
      await look(item);
      sweep.run.cursor = item.id;
    }
    if (found.length < PAGE) return;
  }
}

/** Counts the live rows that are really gone, and touches none of them. @throws Standstill braked when they are too many */
async function brake(sweep: Sweep): Promise<void> {
  const { live } = await reconcileOutlook(sweep.run.startedAt);
  await eachNotListed(sweep, "ours", async ({ integrationKey, connectionId }) => {
    await sweep.turn();
    sweep.count("checked");
    if (await getConnection(integrationKey, connectionId)) return;
    sweep.count("missing");
    if (tooMany(sweep.run.counters.missing ?? 0, live)) throw new Standstill("braked", "too_many_gone");
  });
}

/** After the list was walked: walks it again when it shifted meanwhile, and looks ahead. */
async function afterNango(sweep: Sweep): Promise<void> {
  const { run } = sweep;
  const { shifted } = await reconcileOutlook(run.startedAt);
  if (shifted && !run.counters.walked_again && (run.counters.seen ?? 0) >= PAGE) {
    run.cursor = "";
    run.counters.seen = 0;
    sweep.count("walked_again");
    await fromNango(sweep);
  }
  const { live, missing } = await reconcileOutlook(run.startedAt);
  sweep.enter(!run.acceptGone && tooMany(missing, live) ? "check" : "ours");
}

/** All phases, from where the run stands. @throws Standstill, AppError */
export async function sweepThrough(sweep: Sweep): Promise<void> {
  const { run } = sweep;
  if (run.phase === "nango") {
    await fromNango(sweep);
    await afterNango(sweep);
  }
  if (run.phase === "check") {
    if (!run.acceptGone) await brake(sweep);
    sweep.enter("ours");
  }
  if (run.phase === "ours") {
    await eachNotListed(sweep, "ours", async (item) => void (await sweep.heal(item, { bury: true, listed: false })));
    sweep.enter("quarantine");
  }
  if (run.phase === "quarantine") {
    await eachNotListed(sweep, "quarantine", async ({ id, integrationKey, connectionId }) => {
      await sweep.turn();
      if (await settleMissing(id, await isListed(integrationKey, connectionId))) sweep.count("quarantine_gone");
    });
    sweep.enter("tidy");
  }
  const { requeued, deletesResumed, expired } = await reconcileTidy();
  sweep.count("requeued", requeued);
  sweep.count("deletes_resumed", deletesResumed);
  sweep.count("attempts_expired", expired);
}
