import type { Connection } from "@/emulators/nango/model";
import { secretOf } from "./deeds-upstream";
import type { Made } from "./ledger";
import type { Dump } from "./nango";
import type { Hands } from "./sign-in";
import { INSTANCE } from "./world";

/**
 * What must be true in the end, from Nango's own dump, what credentials are worth at the providers, and what people did.
 * It never looks into our tables: it is the other side of the comparison.
 */

/** How a connection has to look. Where more than one answer is right, all of them are listed. */
export type Expected = {
  ownerId: string;
  connectedBy: string;
  visibility: string;
  connector: string;
  label: string | null;
  /** `status` or `status(reason)`. */
  states: string[];
  /** null among them: not known. */
  accounts: (string | null)[];
  /** Who is signed in instead, while that is another account. */
  found: string | null;
  /** Epoch milliseconds of the end of the sign-in; undefined where it is not told. */
  expiresAt: number | null | undefined;
  scopes: string[] | null | undefined;
};

/** What has to become of a connection at Nango. */
export type Fate =
  | { kind: "ours"; expected: Expected }
  | { kind: "tombstone"; reasons: string[]; expected: Expected }
  /** At Nango without a row of ours. */
  | { kind: "quarantined"; reasons: string[] }
  /** Nowhere, or in quarantine as gone. */
  | { kind: "nothing" }
  /** Of several that one try made, exactly one is ours; or its time was over when we first heard of it. */
  | { kind: "either"; fates: Fate[] };

const CLAIM_TIME = 40 * 60_000;
/** A sign-in that ended this shortly before the end may not have been looked at. */
const UNSEEN = 30 * 60_000;

export function fateOf(hands: Hands, dump: Dump, made: Made): Fate {
  const connection = dump.connections.find(
    ({ connectionId, integrationKey }) => connectionId === made.nangoId && integrationKey === made.key,
  );
  if (made.discarded && connection) hands.ledger.complain("an administrator had it deleted, and Nango has it", made);
  if (made.strange !== null) return connection ? { kind: "quarantined", reasons: [made.strange] } : { kind: "nothing" };
  if (!made.by) throw new Error("made by nobody");
  const expected = expectation(hands, made, connection);

  if (made.disconnected) {
    return { kind: "tombstone", reasons: ["by_person"], expected };
  }
  if (made.left) return { kind: "tombstone", reasons: ["owner_left"], expected };
  if (made.reappeared) {
    return { kind: "tombstone", reasons: ["gone_upstream", "by_person"], expected };
  }
  const claimed: Fate = connection
    ? { kind: "ours", expected }
    : { kind: "tombstone", reasons: ["gone_upstream"], expected };
  if (made.discarded) return { kind: "nothing" };
  if (made.adopted) return claimed;
  const overdue = hands.world.elapsed() - made.by.startedAt > CLAIM_TIME;
  if (made.by.cancelled) {
    if (made.told) hands.ledger.complain("a cancelled try had been told that it is connected", made);
    // Cancelled when its time was over already: whichever came first when we heard of it.
    const reasons = overdue ? ["attempt_cancelled", "attempt_expired"] : ["attempt_cancelled"];
    return connection ? { kind: "quarantined", reasons } : { kind: "nothing" };
  }
  if (made.told) return claimed;
  const others: Fate[] = [];
  if (!connection) others.push({ kind: "nothing" });
  else {
    if (made.by.completions.length > 1) others.push({ kind: "quarantined", reasons: ["attempt_used"] });
    if (overdue) others.push({ kind: "quarantined", reasons: ["attempt_expired"] });
  }
  return others.length === 0 ? claimed : { kind: "either", fates: [claimed, ...others] };
}

function expectation(hands: Hands, made: Made, connection: Connection | undefined): Expected {
  const attempt = made.by as NonNullable<Made["by"]>;
  const base = {
    ownerId: attempt.as.ownerId,
    connectedBy: attempt.as.userId,
    visibility: attempt.visibility,
    connector: attempt.shape.slug,
    label: made.label,
  };
  if (!connection) {
    return { ...base, states: [], accounts: [], found: null, expiresAt: undefined, scopes: undefined };
  }
  const { credentials } = connection;
  const ends = credentials.expires_at ? Date.parse(credentials.expires_at) : null;
  const renewable = Boolean(credentials.refresh_token);
  const grant = hands.world.provider.grant(secretOf(connection));
  const current = grant?.consent.account ?? null;
  const scope = (credentials.raw?.scope as string | undefined) ?? null;
  const common = {
    ...base,
    found: null as string | null,
    expiresAt: renewable ? null : ends,
    // What a provider does not say is not unsaid by it.
    scopes: scope === null ? undefined : scope.split(/[\s,]+/),
  };
  if (connection.connectionConfig.pending) return { ...common, states: ["pending"], accounts: [null] };

  const states = worth(hands, connection, ends, renewable);
  const works = states.every((state) => state === "connected");
  if (!made.shape.tells) return { ...common, states, accounts: [null] };
  const own = made.accepted ?? current;
  if (works && own !== current) {
    return { ...common, states: ["needs_attention(account_mismatch)"], accounts: [own], found: current };
  }
  return { ...common, states, accounts: works ? [own] : [own, null] };
}

/** What its credentials are worth to somebody who tries them now. */
function worth({ world }: Hands, connection: Connection, ends: number | null, renewable: boolean): string[] {
  const standing = world.provider.grant(secretOf(connection))?.consent.standing ?? "revoked";
  const attention = (reason: string) => `needs_attention(${reason})`;
  if (renewable) {
    if (standing === "good") return ["connected"];
    return [attention(standing === "revoked" ? "refresh_failed" : "permission_lost")];
  }
  const over = ends !== null && ends <= Date.now();
  const refused = standing === "good" ? "auth_failed" : standing === "revoked" ? "auth_failed" : "permission_lost";
  // Taken back and over by time as well: whichever was noticed first.
  if (over && standing !== "good") return [attention("expired"), attention(refused)];
  if (over) return ends > Date.now() - UNSEEN ? [attention("expired"), "connected"] : [attention("expired")];
  return standing === "good" ? ["connected"] : [attention(refused)];
}

/** The tags that a connection of ours must carry at Nango, but for the try that they name. */
export function tagsOf(made: Made): Record<string, string> {
  const attempt = made.by as NonNullable<Made["by"]>;
  return {
    ...(attempt.as.orgId !== null && { organization_id: attempt.as.orgId }),
    end_user_id: attempt.as.userId,
    connector: attempt.shape.slug,
    instance: INSTANCE,
  };
}
