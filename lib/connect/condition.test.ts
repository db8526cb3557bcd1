import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { ConnectionRow } from "@/lib/db/connections";
import { conditionCodes } from "@/lib/db/vocabulary";
import { conditionOf } from "./condition";

const now = Date.parse("2030-01-01T00:00:00Z");
const at = (minutes: number) => new Date(now + minutes * 60_000).toISOString();
const day = 24 * 60;

function row(change: Partial<ConnectionRow>): ConnectionRow {
  return {
    id: "00000000-0000-4000-8000-000000000001",
    ownerId: "org_a",
    connector: "github",
    visibility: "everyone",
    authMethod: "nango",
    status: "connected",
    reasonCode: null,
    suspectSince: null,
    lookingSince: null,
    accountId: "1",
    accountName: "octocat",
    foundAccountName: null,
    twinId: null,
    label: null,
    isDefault: true,
    number: 1,
    scopesRequested: null,
    scopesGranted: null,
    credentialsReadable: true,
    connectedBy: { id: "user_a", name: "Ada", imageUrl: null, left: false },
    contact: { id: "user_a", name: "Ada" },
    signInLeft: false,
    connectedAt: at(-day),
    signedInAt: at(-day),
    checkedAt: at(-5),
    disconnectedAt: null,
    disconnectedBy: null,
    lastUsedAt: null,
    lastSyncedAt: null,
    expiresAt: null,
    undoUntil: null,
    errorCount: 0,
    remoteDeletedAt: null,
    remoteResult: null,
    upstreamResult: null,
    canManage: true,
    canShare: true,
    canBecomeContact: false,
    createdAt: at(-day),
    updatedAt: at(-day),
    ...change,
  };
}
const condition = (change: Partial<ConnectionRow>, missing = false) =>
  conditionOf(row(change), { connector: "GitHub", missing }, now);
const attention = (reasonCode: ConnectionRow["reasonCode"]): Partial<ConnectionRow> => ({
  status: "needs_attention",
  reasonCode,
  suspectSince: at(-30),
});
const gone: Partial<ConnectionRow> = { status: "disconnected", reasonCode: "by_person", disconnectedAt: at(-1) };

/** One way to get each code. */
const cases: [code: string, change: Partial<ConnectionRow>, turn: string, next: string, missing?: boolean][] = [
  ["healthy", {}, "nobody", "none"],
  ["checking", { suspectSince: at(-1) }, "patchbay", "wait"],
  ["expires_soon", { expiresAt: at(13 * day) }, "you", "reconnect"],
  ["scopes_missing", {}, "you", "reconnect", true],
  ["awaiting_approval", { status: "pending" }, "provider", "wait"],
  ["auth_failed", attention("auth_failed"), "you", "reconnect"],
  ["permission_lost", attention("permission_lost"), "you", "reconnect"],
  ["refresh_failed", attention("refresh_failed"), "you", "reconnect"],
  ["expired", attention("expired"), "you", "reconnect"],
  ["account_mismatch", attention("account_mismatch"), "you", "reconnect_or_keep"],
  ["by_person", { ...gone, remoteDeletedAt: at(0) }, "nobody", "connect_again"],
  ["removing", gone, "patchbay", "wait"],
  ["removal_stuck", { ...gone, errorCount: 5 }, "operator", "check_operator"],
  ["gone_upstream", { ...gone, reasonCode: "gone_upstream", remoteDeletedAt: at(0) }, "nobody", "connect_again"],
  ["owner_deleted", { ...gone, reasonCode: "owner_deleted", remoteDeletedAt: at(0) }, "nobody", "connect_again"],
  ["owner_left", { ...gone, reasonCode: "owner_left", remoteDeletedAt: at(0) }, "nobody", "connect_again"],
];

describe("how a connection stands", () => {
  it.each(cases)("is %s", (code, change, turn, next_step, missing) => {
    expect(condition(change, missing)).toMatchObject({ code, turn, next_step });
    expect(condition(change, missing).cause).toMatch(/^[A-Z].*\.$/);
  });

  it("has a way to be reached for every code, and each is documented", () => {
    expect(cases.map(([code]) => code).sort()).toEqual([...conditionCodes].sort());
    const documented = readFileSync("docs/status-codes.md", "utf8").matchAll(/^\| `(\w+)` +\|/gm);
    expect([...documented].map((match) => match[1])).toEqual([...conditionCodes]);
  });

  it("is somebody else's turn for whoever may not manage it", () => {
    expect(condition({ ...attention("expired"), canManage: false })).toMatchObject({
      turn: "connector_person",
      next_step: "ask_manager",
    });
  });

  it("offers undo to whoever may, for as long as they may", () => {
    expect(condition({ ...gone, undoUntil: at(0.2) }).next_step).toBe("undo");
    expect(condition({ ...gone, undoUntil: at(-0.2) }).next_step).toBe("wait");
  });

  it("is checking while a look is under way, but not for ever", () => {
    expect(condition({ ...attention("auth_failed"), lookingSince: at(-1) }).code).toBe("checking");
    expect(condition({ ...attention("auth_failed"), lookingSince: at(-6) }).code).toBe("auth_failed");
  });

  it("warns fourteen days ahead, not before, and names both accounts of a swap", () => {
    expect(condition({ expiresAt: at(14 * day + 1) }).code).toBe("healthy");
    expect(condition({ expiresAt: at(3 * day) }).cause).toContain("3 day");
    expect(condition({ ...attention("account_mismatch"), foundAccountName: "hubot" }).cause).toBe(
      "hubot signed in instead of octocat.",
    );
  });
});
