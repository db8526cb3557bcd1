import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { reconcile } from "@/lib/webhooks/reconcile";
import { importFromNango } from "@/lib/webhooks/reconcile-import";
import type { SignedIn } from "@/tests/support/people";
import { openWorld, type World } from "./reconcile-world";

let world: World;
let ada: SignedIn;

beforeAll(async () => {
  world = await openWorld();
  ada = await world.ada();
});
afterAll(() => world?.close());
beforeEach(() => world.server.wire.trouble({ kind: "none" }));

const register = (connectionId: string, extra: object = {}) =>
  importFromNango({
    connectionId,
    integrationKey: "openai",
    ownerId: ada.orgId as string,
    connector: "openai",
    by: ada.userId,
    ...extra,
  });
const codeOf = (work: Promise<unknown>) => work.then(() => "done").catch((error: { code: string }) => error.code);

describe("an import", () => {
  it("registers itself: a row, our tags at Nango, and who did it", async () => {
    const nangoId = await world.import({ plan: "gold" });
    await reconcile();
    expect(await world.quarantined(nangoId)).toMatchObject({ reason_code: "missing_tags", resolved_at: null });
    const flags = ["--owner", ada.orgId as string, "--connector", "openai", "--by", ada.userId];
    const { code, output, errors } = await world.script("reconcile", "--import", nangoId, ...flags).ended;
    expect(code, errors).toBe(0);
    const row = await world.row(nangoId);
    expect(output).toBe(`imported as ${row?.id}\n`);
    expect(row).toMatchObject({
      owner_id: ada.orgId,
      connected_by: ada.userId,
      status: "connected",
      connector: "openai",
    });
    expect(await world.tagsAt(nangoId)).toEqual({
      plan: "gold",
      organization_id: ada.orgId,
      end_user_id: ada.userId,
      connector: "openai",
      attempt_id: row?.signed_in_attempt,
      instance: "localhost:3999",
    });
    expect(await world.events(row?.id, "adopted")).toMatchObject([{ actor_kind: "person", actor_id: ada.userId }]);
    expect(await world.quarantined(nangoId)).toMatchObject({ resolution: "adopted", resolved_by: ada.userId });
    expect(await reconcile()).toMatchObject({ status: "done", checked: 0 });
    // Once more is no second connection.
    expect(await register(nangoId)).toBe(row?.id);
  });

  it("of a person's own names no organisation", async () => {
    const nangoId = await world.import();
    await register(nangoId, { ownerId: ada.userId });
    expect(await world.tagsAt(nangoId)).not.toHaveProperty("organization_id");
    expect(await world.row(nangoId)).toMatchObject({ owner_id: ada.userId });
  });

  it("is refused for what is or was somebody's, or another deployment's, and for what is not there", async () => {
    const { connection, nangoId } = await world.go.connect(ada);
    expect(await codeOf(register(nangoId, { ownerId: "org_other" }))).toBe("connection_mismatch");
    await world.go.disconnect(ada, connection.id);
    expect(await codeOf(register(nangoId))).toBe("connection_mismatch");
    const foreign = await world.import({ instance: "other.example" });
    expect(await codeOf(register(foreign))).toBe("connection_mismatch");
    expect(await world.tagsAt(foreign)).toEqual({ instance: "other.example" });
    expect(await codeOf(register(randomUUID()))).toBe("not_found");
    expect(await codeOf(register("../connections"))).toBe("not_found");
    expect(await codeOf(register(await world.import(), { connector: "no-such-connector" }))).toBe("unknown_connector");
    const { code, errors } = await world.script("reconcile", "--import", "x").ended;
    expect([code, errors]).toEqual([1, "--import needs --owner, --connector and --by\n"]);
  });

  it("whose tags cannot be written leaves nothing here", async () => {
    const nangoId = await world.import();
    world.server.wire.trouble({ kind: "cut" }, { method: "PATCH" });
    expect(await codeOf(register(nangoId))).toBe("nango_unreachable");
    expect(await world.row(nangoId)).toBeUndefined();
    world.server.wire.trouble({ kind: "none" });
    expect(await codeOf(register(nangoId))).toBe("done");
  });
});
