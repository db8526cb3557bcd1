import { describe, expect, test, vi } from "vitest";
import { ApiFailure } from "@/components/api-client";
import type { AttemptView, ConfirmAnswer } from "@/lib/api/views";
import {
  attempt,
  connectEvent,
  connection,
  errorEvent,
  github,
  inABrowser,
  session,
  settle,
  setUp,
} from "./connect-flow.setup";

inABrowser();

describe("a try to connect", () => {
  test("opens the frame in the click itself once the module is there, before any answer of the server", async () => {
    const { flow, frames, mocks } = setUp();
    await flow.preload();
    flow.start(github, "everyone");
    expect(frames.opened).toBe(1);
    expect(frames.tokens).toEqual([]);
    expect(flow.getState().phase).toBe("opening");
    await settle();
    expect(frames.tokens).toEqual(["token"]);
    expect(flow.getState().phase).toBe("waiting");
    expect(mocks.start).toHaveBeenCalledExactlyOnceWith({ connector: "github", visibility: "everyone" });
  });

  test("a double click is one attempt", async () => {
    const { flow, frames, mocks } = setUp();
    await flow.preload();
    flow.start(github, "everyone");
    flow.start(github, "everyone");
    await settle();
    expect(mocks.start).toHaveBeenCalledTimes(1);
    expect(frames.opened).toBe(1);
  });

  test("what the frame reports is shown only after the server confirmed it", async () => {
    let answer: (value: ConfirmAnswer) => void = () => {};
    const { flow, emit, onConnected, frames } = setUp({
      confirm: () => new Promise((resolve) => (answer = resolve)),
    });
    flow.start(github, "everyone");
    await settle();
    emit(connectEvent);
    expect(flow.getState().phase).toBe("finishing");
    expect(onConnected).not.toHaveBeenCalled();
    answer({ attempt: attempt("confirmed", "connected"), connection });
    await settle();
    expect(flow.getState()).toMatchObject({ phase: "connected", slug: "github" });
    expect(onConnected).toHaveBeenCalledExactlyOnceWith(github, connection);
    expect(frames.closed).toBe(1);
  });

  test("polling finds the connection when the frame says nothing", async () => {
    let status: AttemptView["status"] = "open";
    const { flow, onConnected } = setUp({ attempt: async () => attempt(status) });
    flow.start(github, "everyone");
    await settle();
    status = "confirmed";
    await vi.advanceTimersByTimeAsync(1000);
    expect(flow.getState().phase).toBe("connected");
    expect(onConnected).toHaveBeenCalledTimes(1);
  });

  test("event and poll together connect once", async () => {
    const { flow, emit, onConnected } = setUp({ attempt: async () => attempt("confirmed") });
    flow.start(github, "everyone");
    await settle();
    emit(connectEvent);
    await vi.advanceTimersByTimeAsync(3000);
    expect(onConnected).toHaveBeenCalledTimes(1);
    expect(flow.getState().phase).toBe("connected");
  });

  test("a closed frame is a quiet cancel, and a sign-in that is finished late still counts", async () => {
    let status: AttemptView["status"] = "abandoned";
    const { flow, emit, mocks, onConnected } = setUp({ attempt: async () => attempt(status) });
    flow.start(github, "everyone");
    await settle();
    emit({ type: "close" });
    expect(flow.getState()).toEqual({ phase: "idle" });
    expect(mocks.cancel).toHaveBeenCalledExactlyOnceWith("a1", "closed");
    status = "confirmed";
    await vi.advanceTimersByTimeAsync(4000);
    expect(onConnected).toHaveBeenCalledTimes(1);
  });

  test("a frame closed before the session came ends that session", async () => {
    let answer: (value: typeof session) => void = () => {};
    const { flow, emit, mocks, frames } = setUp({ start: () => new Promise((resolve) => (answer = resolve)) });
    await flow.preload();
    flow.start(github, "everyone");
    emit({ type: "close" });
    answer(session);
    await settle();
    expect(mocks.cancel).toHaveBeenCalledExactlyOnceWith("a1", "closed");
    expect(frames.tokens).toEqual([]);
  });

  test("a refused consent says so and closes the frame", async () => {
    const { flow, emit, mocks, frames } = setUp();
    flow.start(github, "everyone");
    await settle();
    emit(errorEvent("callback_err", "access_denied"));
    expect(flow.getState()).toMatchObject({ phase: "failed", reason: "denied" });
    expect(mocks.cancel).toHaveBeenCalledExactlyOnceWith("a1", "denied");
    expect(frames.closed).toBe(1);
  });

  test("a wrong key is mended in the frame, which stays open", async () => {
    const { flow, emit, mocks, frames } = setUp();
    flow.start(github, "everyone");
    await settle();
    emit(errorEvent("connection_test_failed", "401"));
    expect(flow.getState().phase).toBe("waiting");
    expect(frames.closed).toBe(0);
    expect(mocks.cancel).not.toHaveBeenCalled();
  });

  test("a blocked popup leaves a plain link and a try that goes on", async () => {
    const { flow, emit, mocks } = setUp();
    flow.start(github, "everyone");
    await settle();
    emit(errorEvent("blocked_by_browser"));
    expect(flow.getState()).toMatchObject({
      phase: "waiting",
      frame: false,
      trouble: "popup_blocked",
      link: "https://connect.test/?session_token=token&apiURL=https%3A%2F%2Fapi.test",
    });
    expect(mocks.cancel).not.toHaveBeenCalled();
  });

  test("a frame that never answers is given up for the link", async () => {
    const { flow } = setUp();
    flow.start(github, "everyone");
    await vi.advanceTimersByTimeAsync(8000);
    expect(flow.getState()).toMatchObject({ phase: "waiting", frame: false, trouble: "frame_blocked" });
  });

  test("a refusal of the server closes the frame and names its code", async () => {
    const { flow, frames } = setUp({
      start: async () => {
        throw new ApiFailure("connector_blocked", "r1");
      },
    });
    await flow.preload();
    flow.start(github, "everyone");
    await settle();
    expect(flow.getState()).toMatchObject({ phase: "failed", reason: "connector_blocked" });
    expect(frames.closed).toBe(1);
  });

  test("an expired attempt ends with a reason, and a new try can start", async () => {
    const { flow, mocks } = setUp({ attempt: async () => attempt("expired", "expired") });
    flow.start(github, "everyone");
    await vi.advanceTimersByTimeAsync(1000);
    expect(flow.getState()).toMatchObject({ phase: "failed", reason: "expired" });
    flow.start(github, "only_me");
    await settle();
    expect(mocks.start).toHaveBeenCalledTimes(2);
  });
});
