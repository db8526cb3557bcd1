import { adopt, discard } from "./deeds-admins";
import { leaveAndReturn } from "./deeds-leaving";
import {
  check,
  close,
  confirm,
  disconnect,
  keep,
  label,
  poll,
  type Row,
  refuse,
  rowOf,
  start,
  startAndDie,
  startReconnect,
  tamper,
  twoTabs,
  undo,
} from "./deeds-people";
import { forge, liar, odd, replay } from "./deeds-strangers";
import * as upstream from "./deeds-upstream";
import type { Made, Try } from "./ledger";
import type { PostOffice } from "./post";
import { complete, type Hands, newAccount } from "./sign-in";
import { die, type Troubles } from "./trouble";

/** The events of a simulation: how often each comes, and what it does. */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** How often each event comes, once there are as many connections as wanted. */
export const USUAL = {
  start: 7,
  finish: 9,
  finishAgain: 2,
  confirm: 8,
  poll: 6,
  tamper: 1,
  close: 2,
  cancel: 3,
  refuse: 1.5,
  twoTabs: 0.7,
  startAndDie: 0.5,
  reconnect: 3,
  reconnectRefused: 1,
  swap: 2,
  keep: 1.5,
  disconnect: 3,
  undo: 1.5,
  label: 1,
  check: 1,
  mistake: 2,
  revoke: 1.8,
  forbid: 0.8,
  allow: 0.6,
  endToken: 1.5,
  vanish: 0.8,
  renewWithoutTags: 0.8,
  approve: 1,
  stranger: 1.2,
  reappear: 0.6,
  adopt: 0.6,
  discard: 0.5,
  leave: 0.15,
  nightly: 0.05,
  bring: 16,
  liar: 5,
  odd: 3,
  replay: 3,
  forge: 2,
  trouble: 0.8,
  die: 1,
  seconds: 9,
  minutes: 2,
  hours: 0.35,
};
export type Event = keyof typeof USUAL;

export type Simulation = { hands: Hands; post: PostOffice; wanted: number };

const recent = <T>(list: readonly T[], most: number): readonly T[] => list.slice(-most);

/** A connection of ours that is still at Nango, with what its page shows; the fitting one of a few tries. */
async function live(hands: Hands, fits: (made: Made, row: Row) => boolean): Promise<{ made: Made; row: Row } | null> {
  const { world, ledger, random } = hands;
  const { connections } = world.nango.store;
  for (let tries = 0; tries < 4 && connections.length > 0; tries++) {
    const known = random.pick(connections);
    const made = ledger.find(known.connectionId);
    // What is still to be approved cannot be renewed or lose anything yet.
    if (!made?.by || made.disconnected || known.connectionConfig.pending) continue;
    const row = await rowOf(hands, made);
    if (row && row.status !== "disconnected" && fits(made, row)) return { made, row };
  }
  return null;
}

/** Whether the account that is signed in now is the one it has always been. */
function itsOwn(hands: Hands, made: Made): boolean {
  const account = upstream.consentOf(hands, made)?.account;
  return account !== undefined && (made.accepted === null || made.accepted === account);
}

/** Nobody has to say which account is right. What is wrong besides stays unsaid until then. */
const settledAccount = (row: Row) => row.reason_code !== "account_mismatch";

/** Lets one event happen. */
export async function happen(simulation: Simulation, troubles: Troubles, event: Event): Promise<void> {
  const { hands, post } = simulation;
  const { ledger, random, world } = hands;
  const open = recent(ledger.tries, 60);
  const pickTry = (fits: (attempt: Try) => boolean) => {
    const found = open.filter(fits);
    return found.length > 0 ? random.pick(found) : null;
  };
  const any = async (fits: (made: Made, row: Row) => boolean, deed: (made: Made, row: Row) => unknown) => {
    const found = await live(hands, fits);
    if (found) await deed(found.made, found.row);
  };
  const always = () => true;

  switch (event) {
    case "start":
      return void (await start(hands));
    case "startAndDie":
      return startAndDie(hands);
    case "twoTabs":
      return twoTabs(hands);
    case "finish": {
      const attempt = pickTry((each) => each.completions.length === 0);
      if (!attempt) return;
      const { renews } = attempt;
      const account = renews ? sameAccount(hands, renews) : newAccount(hands, attempt.shape);
      return void (await complete(hands, attempt, account, !renews));
    }
    case "finishAgain": {
      const attempt = pickTry((each) => each.completions.length > 0);
      return void (attempt && (await complete(hands, attempt, newAccount(hands, attempt.shape))));
    }
    case "confirm": {
      const attempt = pickTry((each) => each.completions.length > 0 || each.renews !== null);
      if (!attempt) return;
      const made = attempt.renews ?? random.pick(attempt.completions);
      return confirm(hands, attempt, random.chance(0.8) ? made.nangoId : undefined);
    }
    case "poll": {
      const attempt = pickTry(always);
      return void (attempt && (await poll(hands, attempt)));
    }
    case "tamper": {
      const attempt = pickTry(always);
      return void (attempt && ledger.made.length > 0 && (await tamper(hands, attempt, random.pick(ledger.made))));
    }
    case "close":
    case "cancel": {
      const attempt = pickTry(always);
      if (!attempt) return;
      await close(hands, attempt, event === "close" ? "closed" : "cancelled");
      // The window was still open, and is finished all the same.
      if (attempt.completions.length === 0 && !attempt.renews && random.chance(0.4))
        await complete(hands, attempt, newAccount(hands, attempt.shape));
      return;
    }
    case "refuse": {
      const attempt = pickTry((each) => each.completions.length === 0);
      return void (attempt && (await refuse(hands, attempt)));
    }
    case "reconnect":
      return any(always, async (made, row) => {
        const attempt = await startReconnect(hands, made, row);
        if (!attempt || random.chance(0.2)) return;
        await complete(hands, attempt, sameAccount(hands, made), false);
        if (random.chance(0.5)) await confirm(hands, attempt, made.nangoId);
      });
    case "reconnectRefused":
      return any(always, async (made, row) => {
        const attempt = await startReconnect(hands, made, row);
        if (attempt) await refuse(hands, attempt);
      });
    case "swap":
      return any(
        (made, row) => made.shape.tells && row.account_id !== null,
        async (made, row) => {
          made.accepted ??= row.account_id;
          const attempt = await startReconnect(hands, made, row);
          if (attempt) await complete(hands, attempt, newAccount(hands, made.shape), false);
          if (attempt && random.chance(0.5)) await confirm(hands, attempt, made.nangoId);
        },
      );
    case "keep":
      return any(
        (_, row) => row.reason_code === "account_mismatch",
        (made, row) => keep(hands, made, row),
      );
    case "disconnect":
      return any(always, (made, row) => disconnect(hands, made, row));
    case "undo": {
      const gone = recent(
        ledger.made.filter((made) => made.disconnected),
        8,
      );
      const made = gone.length > 0 ? random.pick(gone) : null;
      const row = made && (await rowOf(hands, made));
      return void (made && row && (await undo(hands, made, row)));
    }
    case "label":
      return any(always, (made, row) => label(hands, made, row));
    case "check":
      return any(always, (made, row) => check(hands, made, row));
    case "mistake":
      return any(always, (made) => upstream.mistake(hands, made));
    case "revoke":
      return any(
        (made, row) => settledAccount(row) && itsOwn(hands, made),
        (made) => upstream.revoke(hands, made),
      );
    case "forbid":
      return any(
        (made, row) => made.shape.tells && row.account_id !== null && settledAccount(row) && itsOwn(hands, made),
        (made) => upstream.forbid(hands, made),
      );
    case "allow":
      return any(always, (made) => upstream.allow(hands, made));
    case "endToken":
      return any(always, (made) => upstream.endToken(hands, made));
    case "vanish":
      return any(always, (made) => upstream.vanish(hands, made, random.chance(0.4)));
    case "renewWithoutTags":
      return any(always, (made) => upstream.renewWithoutTags(hands, made, sameAccount(hands, made)));
    case "approve":
      for (const made of recent(ledger.made, 200)) await upstream.approve(hands, made);
      return;
    case "stranger":
      return upstream.stranger(hands);
    case "reappear": {
      const gone = ledger.made.filter(
        (made) => made.by && (made.vanished || (made.disconnected && random.chance(0.1))),
      );
      const made = gone.length > 0 ? random.pick(gone) : null;
      const row = made && (await rowOf(hands, made));
      const over = row?.status === "disconnected" && !upstream.atNango(hands, made as Made);
      return void (made && over && (await upstream.reappear(hands, made)));
    }
    case "adopt":
      return adopt(hands);
    case "discard":
      return discard(hands);
    case "leave":
      return leaveAndReturn(hands);
    case "nightly":
      return void (await world.nango.control("/sweep", {}));
    case "bring":
      return void (await post.bring(random.between(1, 6)));
    case "liar":
      return liar(hands, post);
    case "odd":
      return odd(hands, post);
    case "replay":
      return replay(hands, post);
    case "forge":
      return forge(hands, post);
    case "trouble":
      return troubles.begin();
    case "die":
      return die(hands);
    case "seconds":
      return world.pass(random.between(1, 45) * SECOND);
    case "minutes":
      pending(hands);
      return world.pass(random.between(1, 12) * MINUTE);
    case "hours":
      return world.pass(random.between(1, 6) * HOUR);
  }
}

/** Who signs in when it is meant to be the same account as before. */
function sameAccount(hands: Hands, made: Made): string {
  return made.accepted ?? upstream.consentOf(hands, made)?.account ?? newAccount(hands, made.shape);
}

/** Some providers want an administrator's word before a sign-in counts. */
function pending({ world, random }: Hands): void {
  world.nango.standin.pendingIntegrations = new Set(random.chance(0.3) ? ["notion", "github"] : []);
}
