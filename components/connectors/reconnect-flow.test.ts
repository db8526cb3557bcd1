import { describe, expect, test, vi } from "vitest";
import { ApiFailure } from "@/components/api-client";
import type { AttemptView } from "@/lib/api/views";
import {
  again,
  attempt,
  broken,
  checking,
  connectEvent,
  errorEvent,
  inABrowser,
  looked,
  settle,
  setUp,
} from "./connect-flow.setup";
import { stateOf } from "./connect-state";

inABrowser();

describe("a try to reconnect", () => {
  test("opens the frame in the click itself, with a session for that very connection", async () => {
    const { flow, frames, mocks } = setUp();
    await flow.preload();
    flow.reconnect(broken);
    expect(frames.opened).toBe(1);
    expect(flow.getState()).toMatchObject({ phase: "opening", again });
    await settle();
    expect(frames.tokens).toEqual(["token"]);
    expect(mocks.reconnect).toHaveBeenCalledExactlyOnceWith("c1");
    expect(mocks.start).not.toHaveBeenCalled();
  });

  test("is not called connected before the server has looked whose account it is", async () => {
    let now = checking;
    const { flow, emit, frames, onConnected, onChecking, onChecked } = setUp({
      confirm: async () => ({ attempt: attempt("confirmed", "reconnected"), connection: checking }),
      connection: async () => now,
    });
    flow.reconnect(broken);
    await settle();
    emit(connectEvent);
    await vi.advanceTimersByTimeAsync(3000);
    expect(flow.getState()).toMatchObject({ phase: "checking", again });
    expect(frames.closed).toBe(1);
    expect(onChecking).toHaveBeenCalledTimes(1);
    expect(onChecked).not.toHaveBeenCalled();
    now = looked("healthy");
    await vi.advanceTimersByTimeAsync(1000);
    expect(flow.getState()).toMatchObject({ phase: "connected", again });
    expect(onChecked).toHaveBeenCalledExactlyOnceWith(again, broken, now);
    expect(onConnected).not.toHaveBeenCalled();
  });

  test("another account than before ends in no connection", async () => {
    const swapped = looked("account_mismatch", "needs_attention");
    const { flow, onChecked } = setUp({
      attempt: async () => attempt("confirmed", "reconnected"),
      connection: async () => swapped,
    });
    flow.reconnect(broken);
    await vi.advanceTimersByTimeAsync(1000);
    expect(flow.getState()).toEqual({ phase: "idle" });
    expect(onChecked).toHaveBeenCalledExactlyOnceWith(again, broken, swapped);
  });

  test("a look that does not end is given up without a verdict", async () => {
    const { flow, onChecked } = setUp({
      attempt: async () => attempt("confirmed", "reconnected"),
      connection: async () => checking,
    });
    flow.reconnect(broken);
    await vi.advanceTimersByTimeAsync(160_000);
    expect(flow.getState()).toEqual({ phase: "idle" });
    expect(onChecked).toHaveBeenCalledExactlyOnceWith(again, broken, null);
  });

  test("a read that fails while the look is under way is no verdict", async () => {
    const reads = [new ApiFailure("offline"), new ApiFailure("nango_timeout")];
    const { flow, onChecked } = setUp({
      attempt: async () => attempt("confirmed", "reconnected"),
      connection: async () => {
        const failure = reads.shift();
        if (failure) throw failure;
        return looked("healthy");
      },
    });
    flow.reconnect(broken);
    await vi.advanceTimersByTimeAsync(4000);
    expect(onChecked).toHaveBeenCalledExactlyOnceWith(again, broken, looked("healthy"));
  });

  test("another try can begin while the look is under way, and keeps the page's state", async () => {
    let now = checking;
    let status: AttemptView["status"] = "confirmed";
    const { flow, onChecked } = setUp({ attempt: async () => attempt(status), connection: async () => now });
    flow.reconnect(broken);
    await vi.advanceTimersByTimeAsync(1000);
    expect(flow.getState().phase).toBe("checking");
    status = "open";
    flow.start({ slug: "slack", name: "Slack" }, "everyone");
    await settle();
    now = looked("healthy");
    await vi.advanceTimersByTimeAsync(1000);
    expect(onChecked).toHaveBeenCalledTimes(1);
    expect(flow.getState()).toMatchObject({ phase: "waiting", slug: "slack" });
  });

  test("closing the frame says that the account is as it was; one that is finished late is looked at all the same", async () => {
    let status: AttemptView["status"] = "abandoned";
    const { flow, emit, mocks, onLeft, onChecked } = setUp({ attempt: async () => attempt(status) });
    flow.reconnect(broken);
    await settle();
    emit({ type: "close" });
    expect(onLeft).toHaveBeenCalledExactlyOnceWith(again, broken);
    expect(mocks.cancel).toHaveBeenCalledExactlyOnceWith("a1", "closed");
    status = "confirmed";
    await vi.advanceTimersByTimeAsync(4000);
    expect(onChecked).toHaveBeenCalledExactlyOnceWith(again, broken, looked("healthy"));
  });

  test("a refused consent is a failure of this account's try and of no other", async () => {
    const { flow, emit, onLeft } = setUp();
    flow.reconnect(broken);
    await settle();
    emit(errorEvent("callback_err", "access_denied"));
    expect(flow.getState()).toEqual({ ...broken, phase: "failed", reason: "denied", fallback: false });
    expect(stateOf(flow.getState(), "c1").phase).toBe("failed");
    expect(stateOf(flow.getState(), "c2").phase).toBe("idle");
    expect(onLeft).not.toHaveBeenCalled();
  });

  test("a blocked popup leaves a plain link, and the sign-in in the other tab counts", async () => {
    let status: AttemptView["status"] = "open";
    const { flow, emit, onChecked } = setUp({ attempt: async () => attempt(status) });
    flow.reconnect(broken);
    await settle();
    emit(errorEvent("blocked_by_browser"));
    expect(flow.getState()).toMatchObject({ phase: "waiting", frame: false, trouble: "popup_blocked", again });
    status = "confirmed";
    await vi.advanceTimersByTimeAsync(2000);
    expect(onChecked).toHaveBeenCalledTimes(1);
  });

  test("a page that goes away hears of nothing any more", async () => {
    const { flow, onChecked } = setUp({
      attempt: async () => attempt("confirmed", "reconnected"),
      connection: async () => checking,
    });
    flow.reconnect(broken);
    await vi.advanceTimersByTimeAsync(2000);
    flow.dispose();
    await vi.advanceTimersByTimeAsync(160_000);
    expect(onChecked).not.toHaveBeenCalled();
  });
});
